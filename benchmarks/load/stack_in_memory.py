"""Documents through the real dispatch and the real routing, over a clock that jumps: hours in seconds.

Everything else is how long it takes: reading, embedding and indexing hold a place, jobs of other routes do not.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

from benchmarks.load.waiting_room import INDEX, WaitingRoom
from docqa.domain.routing import Boundaries, Offer
from docqa.models.document import DocumentReference
from docqa.models.inference import Route
from docqa.ports.documents import DocumentRegistry
from docqa.services.dispatch import DispatchService
from docqa.services.inference.job_model import JobModel
from docqa.services.ingestion.embedding_route import EmbeddingRouter

# The stack dispatches once a minute whatever happens, and after every end.
TICK_SECONDS = 60.0
# Results that never come are not waited for longer.
LONGEST_JOB_SECONDS = 24 * 3600.0
DEADLINE_SECONDS = 6 * 3600.0
EMBEDS = JobModel(INDEX.embedding_model, INDEX.dimensions)


@dataclass(frozen=True)
class Pace:
    """How long things take, in seconds.

    Attributes:
        read: Before a document's passages are cut.
        passage: To embed one, on any route.
        index: To index one.
        wake: Until a job of a route begins, its gathering apart.
        gather: How long a batch waits for other documents.
    """

    read: float
    passage: float
    index: float
    wake: Mapping[Route, float]
    gather: float


@dataclass
class OwnClock:
    """Stands still until it is set."""

    time: float = 1_000_000.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.time


@dataclass
class StackInMemory:
    """A stack with one queue of work.

    Attributes:
        passages: Of each document, by its key.
        peak: The most executions in flight at once.
        executions: How many each document took, by its id.
        published: How often each document was published.
        first_start: When a document got its first place.
        spans: Tenant, beginning and end of every execution that has ended.
    """

    capacity: int
    boundaries: Boundaries
    offers: tuple[Offer, ...]
    within_seconds: float
    pace: Pace
    clock: OwnClock = field(default_factory=OwnClock)
    room: WaitingRoom = field(default_factory=WaitingRoom)
    passages: dict[str, int] = field(default_factory=dict)
    peak: int = 0
    executions: Counter[str] = field(default_factory=Counter)
    published: Counter[str] = field(default_factory=Counter)
    first_start: dict[str, float] = field(default_factory=dict)
    jobs: Counter[Route] = field(default_factory=Counter)
    spans: list[tuple[str, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        registry = cast("DocumentRegistry", self.room)
        self.router = EmbeddingRouter(registry, EMBEDS, self.offers, self.boundaries, self.within_seconds, self.clock)
        self.dispatcher = DispatchService(
            registry, self, _Nobody(), self.clock, self.capacity, deadline_seconds=DEADLINE_SECONDS
        )
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._began: dict[str, float] = {}
        self._gathering: dict[str, list[DocumentReference]] = {}
        self._most_in_batch = max(
            (one.limits.most_records for one in self.offers if one.route is Route.BATCH), default=0
        )

    def drop(self, key: str, passages: int) -> None:
        """A document of so many passages arrives."""
        self.passages[key] = passages
        self.room.receive(key, self.clock.now())

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        """Do something later."""
        heapq.heappush(self._agenda, (self.clock.now() + seconds, next(self._order), what))

    def run(self) -> None:
        """Until every document has ended."""
        self._tick()
        while self._agenda and self.published.total() < len(self.passages):
            self.clock.time, _, what = heapq.heappop(self._agenda)
            what()

    def _tick(self) -> None:
        self.dispatcher.dispatch()
        self.after(TICK_SECONDS, self._tick)

    # --- the workflow that dispatch starts executions of

    def start(self, reference: DocumentReference, *, goes_on: bool = False) -> None:
        """An execution begins; it goes on where its vectors are there."""
        self.peak = max(self.peak, len(self.room.held))
        self.executions[reference.document_id] += 1
        self.first_start.setdefault(reference.document_id, self.clock.now())
        self._began[reference.execution] = self.clock.now()
        passages = self.passages[reference.key]
        if goes_on:
            self.after(passages * self.pace.index, lambda: self._publish(reference))
        else:
            self.after(self.pace.read, lambda: self._choose(reference, passages))

    def running(self) -> frozenset[str]:
        """As the registry has it: no execution vanishes here."""
        return self.room.slots()

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        """No task waits here."""

    def _choose(self, reference: DocumentReference, passages: int) -> None:
        choice = self.router.choose(reference.tenant, passages)
        self.room.record_route(reference, passages, choice)
        if choice.route is Route.REALTIME:
            seconds = passages * (self.pace.passage + self.pace.index)
            self.after(seconds, lambda: self._publish(reference))
            return
        self.room.park(reference, self.clock.now() + LONGEST_JOB_SECONDS)
        if choice.route is Route.BATCH:
            self._join(reference)
        else:
            self._begin(choice.route, [reference])
        self._end(reference)

    def _join(self, reference: DocumentReference) -> None:
        """Batches gather the documents of one tenant; one that has no room for a document leaves it to the next."""
        members = self._gathering.get(reference.tenant)
        if members is None or self._records([*members, reference]) > self._most_in_batch:
            opened = self._gathering[reference.tenant] = [reference]
            self.after(self.pace.gather, lambda: self._close(reference.tenant, opened))
        else:
            members.append(reference)

    def _close(self, tenant: str, members: list[DocumentReference]) -> None:
        if self._gathering.get(tenant) is members:
            del self._gathering[tenant]
        self._begin(Route.BATCH, members)

    def _records(self, members: list[DocumentReference]) -> int:
        return sum(self.passages[member.key] for member in members)

    def _begin(self, route: Route, members: list[DocumentReference]) -> None:
        self.jobs[route] += 1
        work = self._records(members) * self.pace.passage
        self.after(self.pace.wake[route] + work, lambda: self._answered(members))

    def _answered(self, members: list[DocumentReference]) -> None:
        for member in members:
            self.room.hasten(member.document_id, member.generation, self.clock.now())
        self.dispatcher.dispatch()

    def _publish(self, reference: DocumentReference) -> None:
        self.room.publish(reference, self.clock.now())
        self.published[reference.document_id] += 1
        self._end(reference)

    def _end(self, reference: DocumentReference) -> None:
        self.spans.append((reference.tenant, self._began[reference.execution], self.clock.now()))
        self.dispatcher.ended(reference.execution)


class _Nobody:
    """House-keeping, for which nothing is left here."""

    def send(self, message: Mapping[str, Any], delay_seconds: int = 0) -> None:  # noqa: ARG002 - as the port
        """Nothing is void in this load."""
        raise AssertionError(f"void work: {message}")

    def waiting(self) -> int:
        """Nothing."""
        return 0
