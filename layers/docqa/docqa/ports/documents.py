"""The registry of documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from docqa.models.document import (
    Document,
    DocumentReference,
    DocumentStatus,
    Failure,
    Generation,
    PageCounts,
    Stage,
    StoredObject,
)
from docqa.models.inference import AT_ONCE, RouteChoice
from docqa.models.search_index import IndexConfiguration
from docqa.models.waiting import Waiting


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt writes: the state of the bucket as just observed."""

    stored: StoredObject
    tenant: str
    title: str
    readers: frozenset[str]
    attributes: dict[str, str | float | bool | list[str]]
    owner: str
    sequencer: str
    described: bool = False


class DocumentRegistry(Protocol):
    """The truth about documents. Reads are strongly consistent unless said otherwise."""

    def get(self, document_id: str) -> Document | None:
        """The document's item, or None if it was never received."""
        ...

    def get_many(self, document_ids: Iterable[str]) -> dict[str, Document]:
        """Items of those that exist, by id; any number of ids."""
        ...

    def list_documents(
        self, tenant: str, limit: int, cursor: str | None = None, status: DocumentStatus | None = None
    ) -> tuple[list[Document], str | None]:
        """Newest change first, and the cursor of the next page (None: the end). Eventually consistent.

        With a status only such documents are on the page, which may be short, even empty, before the end.

        Raises:
            InvalidRequestError: the cursor is not one of ours.
        """
        ...

    def all_documents(self, limit: int, cursor: str | None = None) -> tuple[list[Document], str | None]:
        """Documents of every tenant, deleted ones too, in no order; the cursor of the next page (None: the end).

        Raises:
            InvalidRequestError: the cursor is not one of ours.
        """
        ...

    def get_generation(self, document_id: str, generation: int) -> Generation | None:
        """One admitted version."""
        ...

    def list_generations(self, document_id: str) -> list[Generation]:
        """Every version still on record, oldest first."""
        ...

    def admit(self, receipt: Receipt, expected: Document | None, now: float) -> Generation:
        """Admit the observed version as the next generation (RECEIVED), if the item is still as `expected`.

        A generation that still waits or runs is SUPERSEDED; a live one goes on answering, as `domain.live_access` says
        for whom. The revision rises when readers (also of what answers) or attributes differ from what was there.

        Raises:
            ConcurrentUpdateError: somebody wrote the item since `expected` was read.
        """
        ...

    def mark_deleted(self, expected: Document, now: float) -> None:
        """Hide the document at once: status DELETED, no live generation; what was live, waited or ran is SUPERSEDED.

        Raises:
            ConcurrentUpdateError: somebody wrote the item since `expected` was read.
        """
        ...

    def mark_expired(self, expected: Document, now: float) -> None:
        """Hide the document as `mark_deleted` does, with status EXPIRED: its object is still there.

        Raises:
            ConcurrentUpdateError: somebody wrote the item since `expected` was read.
        """
        ...

    def change_access(
        self,
        expected: Document,
        readers: frozenset[str],
        attributes: dict[str, str | float | bool | list[str]],
        described: bool,
        now: float,
    ) -> Document:
        """Write new readers and attributes with the next revision; the document as it now is.

        Raises:
            ConcurrentUpdateError: somebody wrote the item since `expected` was read.
        """
        ...

    def get_generations(self, versions: Iterable[tuple[str, int]]) -> list[Generation]:
        """Those of the versions (document id, generation) that are on record, in no order."""
        ...

    def waiting(self, now: float, limit: int, after: str = "") -> tuple[list[Waiting], str | None]:
        """Of each tenant the first `limit` that wait and are due, longest waiting first. Eventually consistent.

        Reading it costs by tenants that wait, not by versions that wait.

        Args:
            now: Seconds since the epoch; what is due later is left out.
            limit: Of each tenant.
            after: Leave out the lines up to this tenant's; empty: none. Lines are in the order of `<tenant>/`.

        Returns:
            The versions, and the tenant after whom to go on when so many wait that the call ended before the last.
        """
        ...

    def place_in_line(self, generation: Generation, limit: int) -> int:
        """How many of the tenant's waiting versions have their turn no later than this one, itself included.

        `limit` stands for itself and more. Eventually consistent.
        """
        ...

    def overdue(self, now: float, limit: int) -> list[Generation]:
        """PROCESSING generations whose deadline has passed. Eventually consistent."""
        ...

    def claim_slot(
        self, generation: Generation, capacity: int, deadline: float, now: float
    ) -> DocumentReference | None:
        """Take one of `capacity` places for an execution: generation and document become PROCESSING, attempt + 1.

        Returns:
            The reference to start the execution with, or None when every place is taken.

        Raises:
            StaleVersionError: the generation is no longer waiting, or no longer the latest.
        """
        ...

    def slots(self) -> frozenset[str]:
        """Names of the executions that hold a place."""
        ...

    def release_slot(self, execution: str) -> None:
        """Give back the place of an execution that is no more; nothing happens when it holds none."""
        ...

    def requeue(self, reference: DocumentReference, *, tries: int, due: float, work_done: int | None = None) -> bool:
        """Put a PROCESSING generation back to RECEIVED; whether it was still on this attempt.

        Args:
            reference: The attempt that is over.
            tries: How many attempts in a row came to nothing by now; from 1 on it waits as a retry.
            due: Seconds since the epoch before which it is not started again.
            work_done: Pieces of work that are on record before the next attempt; None: as many as were noted before.
        """
        ...

    def park(self, reference: DocumentReference, due: float) -> bool:
        """Put a PROCESSING generation whose passages are cut back to RECEIVED: at stage EMBEDDING it waits for vectors.

        It has its turn again once they are there (`hasten`), at the latest when `due` comes, and is started as one that
        goes on (`Generation.is_parked`). Its tries stay what they were.

        Returns:
            Whether it waits: parked now, or before and not started since.
        """
        ...

    def hasten(self, document_id: str, generation: int, now: float) -> bool:
        """Let a parked generation have its turn now; False when it is not parked any more."""
        ...

    def waiting_of(self, tenant: str, now: float, limit: int) -> int:
        """How many generations of the tenant wait for a first try and are due, up to `limit`; lags a little."""
        ...

    def record_stage(self, reference: DocumentReference, stage: Stage) -> None:
        """Note what is being done with the version.

        Claiming a place (INSPECTING), `record_inspection` (READING), `record_pages` (CHUNKING) and `record_chunks`
        (EMBEDDING) note it by themselves.

        Raises:
            StaleVersionError: as in `record_inspection`.
        """
        ...

    def record_inspection(
        self, reference: DocumentReference, media_type: str, content_hash: str, settings_hash: str, title: str
    ) -> None:
        """Note what inspection found.

        Raises:
            StaleVersionError: a newer generation was admitted, the document was deleted, the generation ended
                already, or a later attempt was started.
        """
        ...

    def record_pages(self, reference: DocumentReference, pages: PageCounts, warnings: Sequence[str] = ()) -> None:
        """Note how the pages were read, and what their owner should know about it.

        Raises:
            StaleVersionError: as above.
        """
        ...

    def record_chunks(self, reference: DocumentReference, chunks: int, route: RouteChoice = AT_ONCE) -> None:
        """Note how many chunks there are, before any is indexed: clean-up computes ids from it. And their route.

        Raises:
            StaleVersionError: as above.
        """
        ...

    def add_usage(
        self, reference: DocumentReference, key: str, usage: Mapping[str, float], timings: Mapping[str, float]
    ) -> None:
        """Add counted work and seconds by stage once per `key` (a retried step has the same key)."""
        ...

    def publish(self, reference: DocumentReference, revision: int, now: float) -> Document:
        """Make the generation live in one write: INDEXED, or PARTIALLY_INDEXED when pages were not read.

        Publishing what is live already changes nothing. The generation that was live becomes SUPERSEDED.

        Args:
            reference: The generation to publish.
            revision: Metadata revision that every chunk of the generation carries at least.
            now: Seconds since the epoch.

        Raises:
            StaleVersionError: as in `record_inspection`.
        """
        ...

    def fail(self, reference: DocumentReference, failure: Failure, now: float) -> bool:
        """Record why this attempt failed its generation; an older live one keeps answering.

        False when there was nothing to fail: superseded, deleted, ended, or a later attempt runs.
        """
        ...

    def set_indexed_revision(self, document_id: str, generation: int, revision: int) -> None:
        """Note that the chunks of the generation carry this metadata revision; never lowers it."""
        ...

    def mark_removed(self, document_id: str, generation: int) -> None:
        """Chunks and artefacts of a SUPERSEDED or FAILED generation are gone: REMOVED. Nothing happens to any other."""
        ...

    def claim_artifact(self, prefix: str, owner: str) -> None:
        """Note, before looking for them, that `owner` (`document_id:generation`) uses the artefacts below `prefix`.

        Raises:
            StaleVersionError: the generation is neither being processed nor live.
            NotYetVisibleError: the last owner has left and the objects are just being deleted.
        """
        ...

    def release_artifact(self, prefix: str, owner: str) -> bool:
        """Take the owner away; True when nobody uses the prefix any more.

        After True the caller deletes the objects and says `forget_artifact`; until then nobody can claim the prefix.
        Repeating it gives the same answer, so that a clean-up that died is finished by the next one.
        """
        ...

    def start_making(self, prefix: str, part: str, owner: str, now: float, until: float) -> bool:
        """Announce that `owner` makes one part of a claimed artefact; False while another one makes it.

        Of two runs that need the same part only one pays for it. An announcement ends with `stop_making`, and by
        itself at `until`.
        """
        ...

    def stop_making(self, prefix: str, part: str, owner: str) -> None:
        """The part is made, or given up; nothing happens when another one makes it."""
        ...

    def forget_artifact(self, prefix: str) -> None:
        """The objects below a prefix that nobody uses are deleted."""
        ...

    def artifacts_of(self, owner: str) -> list[str]:
        """Prefixes that the owner claimed; none once its generation is REMOVED."""
        ...

    def sweep_position(self, sweep: str) -> str | None:
        """Where the last run of this sweep stopped; None: it had finished, or never ran."""
        ...

    def set_sweep_position(self, sweep: str, position: str | None) -> None:
        """Note where a run stopped (None: finished)."""
        ...

    def index_configuration(self) -> IndexConfiguration | None:
        """The configuration item that questions and indexing share; None before the stack prepared the index."""
        ...

    def set_index_configuration(self, configuration: IndexConfiguration) -> IndexConfiguration:
        """Write the item, if its lock is still the one of `configuration`; the item as it now is.

        Raises:
            ConcurrentUpdateError: somebody wrote the item since it was read.
        """
        ...
