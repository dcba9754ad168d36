"""Batches in memory: the same contract tests as the DynamoDB ones (tests/contracts), and who starts executions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from docqa.models.batch import BATCH_ENDED, Batch, BatchCounts, BatchStatus, DroppedFile
from docqa.models.document import Failure
from docqa.models.inference import RouteChoice
from docqa.models.part_places import PartPlaces
from docqa.ports.batches import InboxChannel


@dataclass
class InMemoryBatchRegistry:
    """One dictionary a kind of item."""

    batches: dict[str, Batch] = field(default_factory=dict)
    open: dict[str, frozenset[str]] = field(default_factory=dict)
    searched: set[tuple[str, int]] = field(default_factory=set)
    positions: dict[tuple[str, int], int] = field(default_factory=dict)
    away_since: dict[str, float] = field(default_factory=dict)

    def create(self, batch: Batch) -> Batch | None:
        if batch.batch_id in self.batches:
            return self.batches[batch.batch_id]
        self.batches[batch.batch_id] = batch
        return None

    def get(self, batch_id: str) -> Batch | None:
        return self.batches.get(batch_id)

    def take_place(self, tenant: str, batch_id: str, most: int) -> bool:
        held = self.places(tenant)
        if batch_id not in held and len(held) >= most:
            return False
        self.open[tenant] = held | {batch_id}
        return True

    def free_place(self, tenant: str, batch_id: str) -> None:
        self.open[tenant] = self.places(tenant) - {batch_id}

    def places(self, tenant: str) -> frozenset[str]:
        return self.open.get(tenant, frozenset())

    def begin(self, batch_id: str, dropped: DroppedFile | None, now: float, ends_by: float) -> Batch | None:
        batch = self.batches.get(batch_id)
        if batch is None or batch.status in (BatchStatus.RUNNING, BatchStatus.DONE):
            return None
        self.away_since.pop(batch_id, None)
        return self._put(
            batch,
            status=BatchStatus.RUNNING,
            attempt=batch.attempt + 1,
            started_at=now,
            ends_by=ends_by,
            ended_at=0.0,
            dropped=dropped or batch.dropped,
            failure=None,
        )

    def set_split(self, batch_id: str, questions: int, parts: int) -> None:
        self._put(self.batches[batch_id], questions=questions, parts=parts)

    def note_searched(self, batch_id: str, part: int, questions: int, prompts: int) -> None:
        if (batch_id, part) not in self.searched:
            self.searched.add((batch_id, part))
            batch = self.batches[batch_id]
            self._put(batch, searched=batch.searched + questions, prompts=batch.prompts + prompts)

    def set_route(self, batch_id: str, choice: RouteChoice, now: float, *, at_once: bool) -> Batch:
        batch = self.batches[batch_id]
        if batch.route:
            return batch
        since = {"answering_since": now} if at_once else {}
        decisions = batch.decisions + 1
        return self._put(batch, route=choice.route.value, route_reason=choice.reason, decisions=decisions, **since)

    def forget_route(self, batch_id: str) -> None:
        batch = self.batches.get(batch_id)
        if batch is not None and batch.status is BatchStatus.FAILED and not batch.counts.through:
            self._put(batch, route="", route_reason="")

    def await_replies(self, batch_id: str, task_token: str) -> bool:
        batch = self.batches[batch_id]
        if batch.replied:
            return False
        self._put(batch, task_token=task_token)
        return True

    def replies_are_there(self, batch_id: str, now: float) -> Batch | None:
        batch = self.batches.get(batch_id)
        return self._put(batch, replied=True, answering_since=now) if batch is not None else None

    def position(self, batch_id: str, part: int) -> int:
        return self.positions.get((batch_id, part), 0)

    def advance(self, batch_id: str, part: int, position: int, counts: BatchCounts, *, generated: bool) -> None:
        if position <= self.position(batch_id, part):
            return
        self.positions[batch_id, part] = position
        batch, before = self.batches[batch_id], self.batches[batch_id].counts
        together = BatchCounts(
            before.answered + counts.answered,
            before.abstained + counts.abstained,
            before.failed + counts.failed,
            before.usd + counts.usd,
        )
        self._put(batch, counts=together)
        if generated:
            self.away_since.pop(batch_id, None)

    def model_is_away(self, batch_id: str, now: float) -> float:
        return self.away_since.setdefault(batch_id, now)

    def end(
        self,
        batch_id: str,
        attempt: int,
        status: BatchStatus,
        now: float,
        counts: BatchCounts | None,
        failure: Failure | None,
    ) -> bool:
        batch = self.batches.get(batch_id)
        if batch is None or batch.attempt != attempt or batch.status in BATCH_ENDED:
            return False
        told = counts or batch.counts
        self._put(batch, status=status, ended_at=now, counts=told, failure=failure, task_token="")
        return True

    def note_told(self, batch_id: str, attempt: int) -> None:
        batch = self.batches.get(batch_id)
        if batch is not None and batch.attempt == attempt:
            self._put(batch, told=attempt)

    def _put(self, batch: Batch, **changes: object) -> Batch:
        self.batches[batch.batch_id] = replace(batch, **changes)  # type: ignore[arg-type]
        return self.batches[batch.batch_id]


@dataclass
class InMemoryPartPlaces:
    """One value and its version."""

    places: PartPlaces = field(default_factory=PartPlaces)
    version: int = 0

    def read(self) -> tuple[PartPlaces, int]:
        return self.places, self.version

    def write(self, places: PartPlaces, version: int) -> bool:
        if version != self.version:
            return False
        self.places, self.version = places, version + 1
        return True


@dataclass
class RecordingExecutions:
    """Executions by name; starting one twice is one."""

    started: dict[str, str] = field(default_factory=dict)

    def start(self, batch: Batch) -> None:
        self.started.setdefault(batch.execution, batch.batch_id)


@dataclass
class InMemoryInboxes:
    """Prefixes that are registered."""

    channels: dict[str, InboxChannel] = field(default_factory=dict)

    def inbox_of(self, key: str) -> InboxChannel | None:
        found = [prefix for prefix in self.channels if key.startswith(prefix)]
        return self.channels[max(found, key=len)] if found else None
