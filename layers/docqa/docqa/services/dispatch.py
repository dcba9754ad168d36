"""Dispatch: as many executions as there are places, shared between the tenants that wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from docqa import ids
from docqa.domain.fair_share import kept_places, retry_places, turns
from docqa.errors import ConcurrentUpdateError, RetryableError, StaleVersionError
from docqa.models.document import DocumentReference, Generation, GenerationStatus
from docqa.models.waiting import Waiting
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.jobs import Workflow
from docqa.ports.messages import WorkQueue
from docqa.services.budgets import Budgets, Unlimited

# Starting one takes some 50 ms; a run that starts this many ends well within a minute. The next message goes on.
STARTS_MAX = 100
# Lines are read from an index that lags behind: so many of a line's first may have been started already.
SPARE = 10
# The item of places is hot when much happens at once: another writer may hold it for some milliseconds.
CLAIM_ROUNDS = 4
# Where the last run stopped looking, when more tenants wait than one run can look at.
POSITION = "dispatch"

_VOID = (GenerationStatus.SUPERSEDED, GenerationStatus.FAILED)


def free_place(registry: DocumentRegistry, maintenance: WorkQueue, execution: str) -> None:
    """Free the place of an execution that is no more, and have removed what it wrote for nothing.

    A version that is still on this attempt keeps its place: its failure is just being recorded, or the execution found
    its work void before the registry knew of it. If nobody settles it, the next sweep of deadlines does.
    """
    parts = ids.execution_parts(execution)
    generation = registry.get_generation(*parts) if parts else None
    if generation is not None and is_on(generation, execution):
        return
    registry.release_slot(execution)
    if generation is not None and generation.status in _VOID:
        maintenance.send({"document_id": generation.document_id})


def is_on(generation: Generation, execution: str) -> bool:
    """Whether the version is being processed by this very execution, as far as the registry knows."""
    return generation.status is GenerationStatus.PROCESSING and generation.reference().execution == execution


@dataclass(frozen=True, slots=True)
class DispatchService:
    """Starts executions for versions that wait.

    Attributes:
        capacity: Executions that may run at once: what the tightest quota bears.
        deadline_seconds: How long one execution may take.
        budgets: Whoever has used up the day's is passed over; the tick after midnight (UTC) finds it waiting.
    """

    registry: DocumentRegistry
    workflow: Workflow
    maintenance: WorkQueue
    clock: Clock
    capacity: int
    deadline_seconds: float
    budgets: Budgets = field(default_factory=Unlimited)

    def dispatch(self, candidate: tuple[str, int] | None = None) -> int:
        """Start what waits while there are places; how many were started.

        Args:
            candidate: A version that was just received (document id, generation), which the list of waiting ones may
                not show yet.

        Raises:
            RetryableError: an execution could not be started; its version waits again.
        """
        held = self.registry.slots()
        places = min(self.capacity - len(held), STARTS_MAX)
        started = 0
        if places <= 0:
            return started  # one cheap read, where a claim would be a transaction that fails
        ordered, running = self._turns(held, places, candidate)
        full = False  # but for the places that are kept
        for turn in ordered:
            full = full or len(held) + started >= self._open_to_all
            if (full and running[turn.tenant]) or self._must_wait(turn.tenant):
                continue
            try:
                waiting = self._waits(turn)
                reference = None if full else self._claim(waiting, self._open_to_all)
                if reference is None:
                    full = True
                    reference = self._claim_kept(waiting, running)
            except StaleVersionError:
                continue
            if reference is None:
                if running[turn.tenant]:
                    continue  # of this tenant something runs by now; what is kept is for the others
                break
            running[turn.tenant] += 1
            self._start(reference, waiting)
            started += 1
            if started == places:
                break
        return started

    def ended(self, execution: str) -> int:
        """Free the place of an execution that ended, have void work removed, and start what waits."""
        free_place(self.registry, self.maintenance, execution)
        return self.dispatch()

    @property
    def _open_to_all(self) -> int:
        """Places that a tenant gets of which something runs already."""
        return self.capacity - kept_places(self.capacity)

    def _turns(
        self, held: Iterable[str], places: int, candidate: tuple[str, int] | None
    ) -> tuple[list[Waiting], Counter[str]]:
        """What waits, in the order of its turns, and how many executions of each tenant run."""
        found = {(one.document_id, one.generation): one for one in self._waiting(places + SPARE)}
        received = self.registry.get_generation(*candidate) if candidate else None
        if received is not None and received.status is GenerationStatus.RECEIVED and received.due <= self.clock.now():
            found[received.document_id, received.generation] = _waiting(received)
        if not found:
            return [], Counter()
        holders = self._holders(held)
        running = Counter(holder.tenant for holder in holders)
        retries = sum(holder.tries > 0 for holder in holders)
        retries_left = retry_places(self.capacity) - retries
        return self._affordable(list(found.values()), running, retries_left, places), running

    def _affordable(
        self, waiting: list[Waiting], running: Mapping[str, int], retries_left: int, places: int
    ) -> list[Waiting]:
        """The turns without those of tenants over their budget, as far as there are places: theirs go to others.

        Only tenants whose turn it is are looked at: as many as there are places, and those that are passed over.
        """
        while True:
            order = turns(waiting, running, retries_left)
            passed_over = {tenant for tenant in {one.tenant for one in order[:places]} if self._must_wait(tenant)}
            if not passed_over:
                return order
            waiting = [one for one in waiting if one.tenant not in passed_over]

    def _must_wait(self, tenant: str) -> bool:
        return self.budgets.standing(tenant).used_up

    def _waiting(self, limit: int) -> list[Waiting]:
        """The heads of all lines; of too many lines those that the last run did not come to."""
        position = self.registry.sweep_position(POSITION)
        found, following = self.registry.waiting(self.clock.now(), limit, position or "")
        if following != position:
            self.registry.set_sweep_position(POSITION, following)
        return found

    def _holders(self, held: Iterable[str]) -> list[Generation]:
        """The versions whose executions hold a place."""
        return self.registry.get_generations(parts for name in held if (parts := ids.execution_parts(name)))

    def _waits(self, turn: Waiting) -> Generation:
        generation = self.registry.get_generation(turn.document_id, turn.generation)
        if generation is None:
            raise StaleVersionError(f"generation {turn.generation} of {turn.document_id} is not on record")
        return generation

    def _claim_kept(self, generation: Generation, running: Counter[str]) -> DocumentReference | None:
        """One of the places kept for tenants of which nothing runs.

        Others dispatch, too: `running` is counted anew. None: something of this tenant runs, or no place is left.
        """
        running.clear()
        running.update(holder.tenant for holder in self._holders(self.registry.slots()))
        if running[generation.tenant]:
            return None
        return self._claim(generation, self.capacity)

    def _claim(self, generation: Generation, places: int) -> DocumentReference | None:
        """A place for the version, or None when so many are taken."""
        now = self.clock.now()
        for _ in range(CLAIM_ROUNDS):
            try:
                return self.registry.claim_slot(generation, places, now + self.deadline_seconds, now)
            except ConcurrentUpdateError:
                continue
        raise ConcurrentUpdateError("other dispatchers keep taking places: this message comes again")

    def _start(self, reference: DocumentReference, waited: Generation) -> None:
        try:
            self.workflow.start(reference, goes_on=waited.is_parked)
        except RetryableError:
            if waited.is_parked:
                self.registry.park(reference, waited.due)
            else:
                self.registry.requeue(reference, tries=waited.tries, due=waited.due)
            self.registry.release_slot(reference.execution)
            raise


def _waiting(generation: Generation) -> Waiting:
    return Waiting(
        generation.document_id, generation.generation, generation.tenant, generation.due, generation.tries > 0
    )
