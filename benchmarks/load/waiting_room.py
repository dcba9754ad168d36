"""The registry in memory, as far as dispatch and routing ask it. Lines are kept in order, for loads of ten thousand.

A test holds it against the registry of the unit tests, which passes the contract tests that DynamoDB's does.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from docqa import ids
from docqa.errors import StaleVersionError
from docqa.models.document import DocumentReference, Generation, GenerationStatus, Stage
from docqa.models.inference import RouteChoice
from docqa.models.search_index import IndexConfiguration
from docqa.models.waiting import Waiting

Turn = tuple[float, str, int]
BUCKET = "documents"
INDEX = IndexConfiguration("chunks", "the only model", 384)


class WaitingRoom:
    """Versions, places and lines.

    Attributes:
        held: Executions that hold a place.
        generations: By document id; each document has one version.
    """

    def __init__(self) -> None:
        self.held: set[str] = set()
        self.generations: dict[str, Generation] = {}
        self._lines: dict[tuple[bool, str], list[Turn]] = defaultdict(list)
        self._positions: dict[str, str] = {}

    def receive(self, key: str, now: float) -> Generation:
        """A file of the tenant that its key begins with."""
        generation = Generation(
            document_id=ids.document_id(BUCKET, key),
            generation=1,
            tenant=key.partition("/")[0],
            bucket=BUCKET,
            key=key,
            version_id="1",
            status=GenerationStatus.RECEIVED,
            received_at=now,
            stage=Stage.RECEIVED,
            due=now,
        )
        self._put(generation)
        return generation

    def index_configuration(self) -> IndexConfiguration:
        """One index, whose model all routes embed with."""
        return INDEX

    # --- what dispatch asks

    def slots(self) -> frozenset[str]:
        """Names of executions that hold a place."""
        return frozenset(self.held)

    def get_generation(self, document_id: str, generation: int) -> Generation | None:
        """The version, if it is on record."""
        found = self.generations.get(document_id)
        return found if found is not None and found.generation == generation else None

    def get_generations(self, versions: Iterable[tuple[str, int]]) -> list[Generation]:
        """Those of them that are on record."""
        found = (self.get_generation(*one) for one in set(versions))
        return [one for one in found if one is not None]

    def waiting(self, now: float, limit: int, after: str = "") -> tuple[list[Waiting], str | None]:
        """The heads of all lines that come after a tenant's; first tries before retries."""
        found = []
        for again, tenant in sorted(self._lines):
            if f"{tenant}/" > f"{after}/":
                heads = self._lines[again, tenant][:limit]
                found += [Waiting(one, number, tenant, due, again) for due, one, number in heads if due <= now]
        return found, None

    def waiting_of(self, tenant: str, now: float, limit: int) -> int:
        """How many first tries of the tenant wait, counted up to the limit."""
        return min(bisect_right(self._lines[False, tenant], (now, "~", 0)), limit)

    def sweep_position(self, name: str) -> str | None:
        """Where a sweep stopped."""
        return self._positions.get(name)

    def set_sweep_position(self, name: str, position: str | None) -> None:
        """Note where a sweep stopped."""
        self._positions.pop(name, None)
        if position is not None:
            self._positions[name] = position

    def claim_slot(
        self,
        generation: Generation,
        capacity: int,
        deadline: float,
        now: float,  # noqa: ARG002 - as the port
    ) -> DocumentReference | None:
        """A place for a version that waits; None when so many are taken."""
        current = self.generations.get(generation.document_id)
        if current is None or current.status is not GenerationStatus.RECEIVED:
            raise StaleVersionError(f"{generation.document_id} is not waiting")
        if len(self.held) >= capacity:
            return None
        claimed = replace(
            current,
            status=GenerationStatus.PROCESSING,
            attempt=current.attempt + 1,
            deadline=deadline,
            stage=Stage.EMBEDDING if current.is_parked else Stage.INSPECTING,
        )
        self._put(claimed)
        self.held.add(claimed.reference().execution)
        return claimed.reference()

    def release_slot(self, execution: str) -> None:
        """Free a place."""
        self.held.discard(execution)

    def requeue(self, reference: DocumentReference, *, tries: int, due: float, work_done: int | None = None) -> bool:  # noqa: ARG002
        """Let a version wait that was being processed."""
        found = self.generations.get(reference.document_id)
        if found is None or found.status is not GenerationStatus.PROCESSING or found.attempt != reference.attempt:
            return False
        waits = replace(found, status=GenerationStatus.RECEIVED, stage=Stage.RECEIVED, tries=tries, due=due)
        self._put(replace(waits, deadline=0.0))
        return True

    # --- what executions and jobs write

    def park(self, reference: DocumentReference, due: float) -> bool:
        """Let a version wait for its vectors, without a place."""
        found = self.generations[reference.document_id]
        if not self.requeue(reference, tries=found.tries, due=due):
            return False
        self._put(replace(self.generations[reference.document_id], stage=Stage.EMBEDDING))
        return True

    def hasten(self, document_id: str, generation: int, now: float) -> bool:
        """Its vectors are there."""
        found = self.get_generation(document_id, generation)
        if found is None or not found.is_parked:
            return False
        self._put(replace(found, due=now))
        return True

    def record_route(self, reference: DocumentReference, chunks: int, choice: RouteChoice) -> None:
        """Note on which way its passages are embedded, and why."""
        found = self.generations[reference.document_id]
        self._put(replace(found, chunks=chunks, route=choice.route.value, route_reason=choice.reason))

    def publish(self, reference: DocumentReference, now: float) -> None:
        """It answers."""
        found = self.generations[reference.document_id]
        self._put(replace(found, status=GenerationStatus.LIVE, ended_at=now, deadline=0.0, stage=""))

    def _put(self, generation: Generation) -> None:
        before = self.generations.get(generation.document_id)
        if before is not None and before.status is GenerationStatus.RECEIVED:
            line, turn = self._line_of(before)
            del line[bisect_left(line, turn)]
        self.generations[generation.document_id] = generation
        if generation.status is GenerationStatus.RECEIVED:
            line, turn = self._line_of(generation)
            insort(line, turn)

    def _line_of(self, generation: Generation) -> tuple[list[Turn], Turn]:
        line = self._lines[generation.tries > 0, generation.tenant]
        return line, (generation.due, generation.document_id, generation.generation)
