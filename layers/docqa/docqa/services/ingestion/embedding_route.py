"""On which way a document's passages are embedded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from docqa.domain.routing import Boundaries, Load, Offer, choose_route
from docqa.models.inference import Route, RouteChoice
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.services.active_indexes import index_configuration
from docqa.services.inference.job_model import JobModel

OTHER_MODEL = "the index that answers has vectors of another model than the other routes embed with"


@dataclass(frozen=True, slots=True)
class EmbeddingRouter:
    """Decides.

    Attributes:
        model: That the other routes embed with.
        offers: Routes that are set up beside real time.
        within_seconds: How long a document may wait for its vectors.
    """

    registry: DocumentRegistry
    model: JobModel
    offers: Sequence[Offer]
    boundaries: Boundaries
    within_seconds: float
    clock: Clock

    @classmethod
    def at_once(cls, registry: DocumentRegistry, clock: Clock) -> EmbeddingRouter:
        """Where nothing but real time is set up."""
        return cls(registry, JobModel("", 0), (), Boundaries(0, 0, 0), math.inf, clock)

    def choose(self, tenant: str, passages: int) -> RouteChoice:
        """The way for so many passages of one document, with the reason."""
        if self.offers and not self.model.is_of(index_configuration(self.registry).active):
            return RouteChoice(Route.REALTIME, OTHER_MODEL)
        waiting = 0
        if any(offer.route is Route.BATCH for offer in self.offers):
            waiting = self.registry.waiting_of(tenant, self.clock.now(), self.boundaries.batch_waiting)
        return choose_route(Load(passages, waiting, self.within_seconds), self.boundaries, self.offers)
