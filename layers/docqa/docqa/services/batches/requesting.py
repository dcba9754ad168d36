"""On which way the chat model is asked a batch's prompts, and waiting for the replies where it is not asked at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from docqa.domain.routing import Boundaries, Load, Offer, choose_route
from docqa.models.batch import Batch
from docqa.models.inference import JobGroup, JobKind, JobLimits, Route, RouteChoice
from docqa.ports.batches import BatchRegistry
from docqa.ports.clock import Clock
from docqa.ports.inference_jobs import InferenceRegistry
from docqa.ports.jobs import Workflow
from docqa.ports.messages import WorkQueue
from docqa.services.batches.on_record import batch_on_record
from docqa.services.budgets import Budgets, Unlimited


@dataclass(frozen=True, slots=True)
class RequestReplies:
    """The step of answer_batch that waits for a job's replies.

    Attributes:
        model: Id of the chat model.
        offers: Ways to it that are set up beside real time.
        queue: Of those who look after jobs.
    """

    registry: BatchRegistry
    jobs: InferenceRegistry
    workflow: Workflow
    queue: WorkQueue
    model: str
    offers: Sequence[Offer]
    boundaries: Boundaries
    clock: Clock
    budgets: Budgets = field(default_factory=Unlimited)

    def run(self, batch_id: str, task_token: str) -> RouteChoice:
        """Decide, once; wake the task at once where nothing has to be waited for.

        Raises:
            ConcurrentUpdateError: others keep changing the job.
        """
        batch = batch_on_record(self.registry, batch_id)
        limits = self._limits()
        if not batch.route:
            choice = self._choose(batch)
            at_once = choice.route is Route.REALTIME
            batch = self.registry.set_route(batch_id, choice, self.clock.now(), at_once=at_once)
        choice = RouteChoice(Route(batch.route), batch.route_reason)
        if choice.route not in limits or not self.registry.await_replies(batch_id, task_token):
            self.workflow.succeed(task_token, {})
        else:
            self._join(batch, choice.route, limits[choice.route])
        return choice

    def _choose(self, batch: Batch) -> RouteChoice:
        standing = self.budgets.standing(batch.tenant)
        if standing.used_up:
            return RouteChoice(Route.REALTIME, f"no job is begun: {standing.sentence}")
        left = batch.started_at + batch.within_seconds - self.clock.now()
        others = len(self.registry.places(batch.tenant) - {batch.batch_id})
        fitting = [offer for offer in self.offers if _fits(batch, offer.limits)]
        return choose_route(Load(batch.prompts, others, left, "prompt", "batches"), self.boundaries, fitting)

    def _limits(self) -> Mapping[Route, JobLimits]:
        return {offer.route: offer.limits for offer in self.offers}

    def _join(self, batch: Batch, route: Route, limits: JobLimits) -> None:
        """A job of its own, which begins at once; one with other batches where it has too few prompts for that."""
        alone = "" if batch.may_share and batch.prompts < limits.least_records else batch.own_job
        group = JobGroup(JobKind.REPLIES, route, batch.tenant, self.model, alone)
        job = self.jobs.join(group, batch.batch_id, batch.prompts, limits.most_records, self.clock.now())
        self.queue.send({"job_id": job.job_id})


def _fits(batch: Batch, limits: JobLimits) -> bool:
    """Whether a job can take its prompts; where an earlier job went without them, without others beside them."""
    least = limits.least_records if batch.decisions else 0
    return least <= batch.prompts <= limits.most_records
