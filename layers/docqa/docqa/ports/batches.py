"""Batches of questions on record, where they come from, and their executions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from docqa.models.access import Principal
from docqa.models.batch import Batch, BatchCounts, BatchStatus, DroppedFile
from docqa.models.document import Failure
from docqa.models.inference import RouteChoice
from docqa.models.part_places import PartPlaces


class BatchRegistry(Protocol):
    """One item a batch, one a part, one a tenant. Reads are strongly consistent; each change is one conditional write.

    Progress is counted as it is told; the counts with which a batch ends are set once and are exact.
    """

    def create(self, batch: Batch) -> Batch | None:
        """Put a new one on record: None, or the one that is there already."""
        ...

    def get(self, batch_id: str) -> Batch | None:
        """The batch, or None."""
        ...

    def take_place(self, tenant: str, batch_id: str, most: int) -> bool:
        """Count the batch among those that the tenant has under way; False when there are `most` others."""
        ...

    def free_place(self, tenant: str, batch_id: str) -> None:
        """It is under way no more."""
        ...

    def places(self, tenant: str) -> frozenset[str]:
        """Ids of the batches that hold places."""
        ...

    def begin(self, batch_id: str, dropped: DroppedFile | None, now: float, ends_by: float) -> Batch | None:
        """The next attempt is RUNNING; None when one is already, or the batch is DONE or unknown.

        What an earlier attempt did stays; what it knew of the chat model does not.
        """
        ...

    def set_split(self, batch_id: str, questions: int, parts: int) -> None:
        """Note how it is shared out."""
        ...

    def note_searched(self, batch_id: str, part: int, questions: int, prompts: int) -> None:
        """Passages were looked for, for the questions of a part; telling it again changes nothing."""
        ...

    def set_route(self, batch_id: str, choice: RouteChoice, now: float, *, at_once: bool) -> Batch:
        """Note how the chat model is asked, unless that was decided before; the batch as it now is.

        `at_once`: nothing has to be waited for.
        """
        ...

    def forget_route(self, batch_id: str) -> None:
        """Let a batch that has FAILED decide anew when it is sent again, unless answers of it were made."""
        ...

    def await_replies(self, batch_id: str, task_token: str) -> bool:
        """Note who is to be woken when the replies are there; False when they are there already."""
        ...

    def replies_are_there(self, batch_id: str, now: float) -> Batch | None:
        """Note that they are; the batch, whose task token is to be woken. None: no such batch."""
        ...

    def position(self, batch_id: str, part: int) -> int:
        """How many questions of a part have ended."""
        ...

    def advance(self, batch_id: str, part: int, position: int, counts: BatchCounts, *, generated: bool) -> None:
        """Note how far a part is, counting what has ended since; telling it again changes nothing.

        `generated`: the chat model answered meanwhile.
        """
        ...

    def model_is_away(self, batch_id: str, now: float) -> float:
        """The chat model cannot be had: since when that is so, as far as this batch knows (seconds since the epoch)."""
        ...

    def end(
        self,
        batch_id: str,
        attempt: int,
        status: BatchStatus,
        now: float,
        counts: BatchCounts | None,
        failure: Failure | None,
    ) -> bool:
        """DONE with these counts, or FAILED for this reason; False: it has ended, or is at another attempt."""
        ...

    def note_told(self, batch_id: str, attempt: int) -> None:
        """The world has heard how this attempt ended."""
        ...


class PartPlaceStore(Protocol):
    """Places of parts, as one value. Reads are strongly consistent."""

    def read(self) -> tuple[PartPlaces, int]:
        """As they are, and which version that is."""
        ...

    def write(self, places: PartPlaces, version: int) -> bool:
        """Put them in the place of that version; False: there is another one by now, and nothing was written."""
        ...


@dataclass(frozen=True, slots=True)
class InboxChannel:
    """What is registered for files of questions below a prefix of the inbox bucket.

    Attributes:
        prefix: Ends with a slash.
        principal: For whom the questions are asked.
    """

    prefix: str
    principal: Principal


class InboxChannels(Protocol):
    """Prefixes of the inbox bucket that may ask."""

    def inbox_of(self, key: str) -> InboxChannel | None:
        """What is registered for the longest prefix of the key; None: nothing is, so it is closed."""
        ...


class BatchWorkflow(Protocol):
    """Executions that answer batches."""

    def start(self, batch: Batch) -> None:
        """Start the execution of the batch's attempt; starting the same attempt twice is one execution."""
        ...
