"""What the use cases need from the outside, as protocols. Adapters implement them; tests/fakes do too.

Every method may raise `ThrottledError` or `ServiceUnavailableError` (retryable) besides what its docstring names.
Chat and embeddings are LangChain Core's own interfaces (`BaseChatModel`, `Embeddings`), used as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Any, Protocol

from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.chunk import Chunk, IndexConfiguration, IndexedChunk, ScoredChunk
from docqa.models.document import (
    Document,
    DocumentReference,
    Failure,
    Generation,
    PageCounts,
    StoredObject,
)
from docqa.models.events import BusEvent
from docqa.models.page import Page


class Clock(Protocol):
    """The time, passed in so that tests decide it."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...


class ObjectStore(Protocol):
    """Objects of one bucket."""

    @property
    def bucket(self) -> str:
        """Name of the bucket."""
        ...

    def head(self, key: str) -> StoredObject | None:
        """The current version, or None when there is none (never written, or deleted)."""
        ...

    def open(self, key: str, version_id: str | None = None) -> AbstractContextManager[IO[bytes]]:
        """A seekable binary file with the object's bytes; large ones spill to disk.

        Raises:
            NotFoundError: there is no such object or version.
        """
        ...

    def read(self, key: str, version_id: str | None = None) -> bytes:
        """All bytes of a small object.

        Raises:
            NotFoundError: there is no such object or version.
        """
        ...

    def write(self, key: str, body: bytes | IO[bytes], content_type: str = "application/octet-stream") -> None:
        """Write an object, replacing what was there."""
        ...

    def exists(self, key: str) -> bool:
        """Whether the object is there."""
        ...

    def list_objects(self, prefix: str, start_after: str = "") -> Iterator[StoredObject]:
        """Objects below the prefix in key order, from after `start_after`; `metadata` and `version_id` are empty."""
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Delete everything below the prefix; how many objects that were."""
        ...

    def delete(self, key: str) -> None:
        """Delete the current version (a delete marker where the bucket is versioned)."""
        ...

    def presign_get(
        self, key: str, version_id: str, filename: str, media_type: str, seconds: int, *, attachment: bool = False
    ) -> str:
        """A short-lived address that shows this version of the object in a browser, or has it saved (`attachment`)."""
        ...

    def presign_post(self, key: str, max_bytes: int, fields: Mapping[str, str], seconds: int) -> dict[str, Any]:
        """`{"url", "fields"}` of a form upload for exactly this key and these fields, at most `max_bytes`."""
        ...


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

    def list_documents(self, tenant: str, limit: int, cursor: str | None = None) -> tuple[list[Document], str | None]:
        """Newest change first, and the cursor of the next page (None: the end). Eventually consistent.

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

        A generation that still waits or runs is SUPERSEDED; a live one goes on answering. The revision rises when
        readers or attributes differ from what was there.

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

    def waiting(self, limit: int) -> list[Generation]:
        """RECEIVED generations, longest waiting first. Eventually consistent."""
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
        """Give the place of this execution back; nothing happens when it holds none."""
        ...

    def requeue(self, reference: DocumentReference) -> None:
        """Put a PROCESSING generation back to RECEIVED and free its place: its execution did not start, or vanished."""
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

    def record_pages(self, reference: DocumentReference, pages: PageCounts) -> None:
        """Note how the pages were read.

        Raises:
            StaleVersionError: as above.
        """
        ...

    def record_chunks(self, reference: DocumentReference, chunks: int) -> None:
        """Note how many chunks there are, before any is indexed: clean-up computes ids from it.

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
        """Make the generation live in one write: INDEXED, or PARTIALLY_INDEXED when pages were unreadable.

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
        """Record why this attempt failed its generation; an older live one keeps answering. Frees its place.

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
            StaleVersionError: the generation is no longer being processed.
            NotYetVisibleError: the last owner has left and the objects are just being deleted.
        """
        ...

    def release_artifact(self, prefix: str, owner: str) -> bool:
        """Take the owner away; True when nobody uses the prefix any more.

        After True the caller deletes the objects and says `forget_artifact`; until then nobody can claim the prefix.
        Repeating it gives the same answer, so that a clean-up that died is finished by the next one.
        """
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

    def set_index_configuration(self, configuration: IndexConfiguration) -> None:
        """Switch the active index."""
        ...


@dataclass(frozen=True, slots=True)
class ExtractionJob:
    """An external job and who waits for it.

    Attributes:
        job_id: Id of the item; what is to be extracted decides it, so that equal work meets in one job.
        round: 1, and one more each time the job was given up and started anew.
        external_id: The service's own id; empty until it was started.
        status: STARTING, RUNNING, SUCCEEDED or FAILED.
        waiters: Task tokens of the executions that wait.
        message: Why it failed.
    """

    job_id: str
    round: int
    external_id: str
    status: str
    waiters: frozenset[str]
    message: str = ""

    @property
    def token(self) -> str:
        """The client token and tag of this round: the same start is one job, a new round is a new one."""
        return f"{self.job_id}-{self.round}"


class JobRegistry(Protocol):
    """External jobs, written before they start, several waiters a job. Reads are strongly consistent."""

    def join(self, job_id: str, waiter: str, expires: float) -> ExtractionJob:
        """Add a waiter, creating the job (STARTING, round 1) when there is none; the job as it now is.

        A job that is FAILED begins its next round (STARTING) with this waiter alone.

        Args:
            job_id: Which job.
            waiter: Task token of the execution that waits.
            expires: Seconds since the epoch after which the item may be dropped.
        """
        ...

    def get(self, job_id: str) -> ExtractionJob | None:
        """The job, or None."""
        ...

    def set_started(self, job_id: str, round_: int, external_id: str) -> ExtractionJob | None:
        """Note the service's id; the job as it now is, None if the round is over. What has ended stays ended."""
        ...

    def finish(self, job_id: str, round_: int, external_id: str, status: str, message: str) -> ExtractionJob | None:
        """Record SUCCEEDED or FAILED once; the job with its waiters, or None for an unknown job or an earlier round."""
        ...

    def give_up(self, job_id: str, round_: int, message: str) -> None:
        """Mark a job FAILED whatever it was: its result cannot be had (any more), so the next join starts anew."""
        ...


class Workflow(Protocol):
    """Executions of the ingest state machine."""

    def start(self, reference: DocumentReference) -> None:
        """Start the execution of this attempt; starting the same attempt twice is one execution."""
        ...

    def running(self) -> frozenset[str]:
        """Names of the executions that are running now."""
        ...

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        """Wake a waiting task; a token that is no longer waiting is ignored."""
        ...

    def fail(self, token: str, error: str, cause: str) -> None:
        """Fail a waiting task by error name; a token that is no longer waiting is ignored."""
        ...


class TextExtractor(Protocol):
    """Asynchronous text extraction (OCR)."""

    def start(self, bucket: str, key: str, token: str, tag: str) -> str:
        """Start a job over a stored document; the same token starts the same job. The service's job id.

        Raises:
            DocumentError: the service refuses the document for good.
        """
        ...

    def state(self, external_id: str) -> str:
        """RUNNING, SUCCEEDED or FAILED, asked of the service; for a job whose notification never came."""
        ...

    def pages(self, external_id: str) -> Iterator[Page]:
        """Every page of a finished job in order, numbered as in the document that was sent.

        The method of each is OCR, EMPTY or UNREADABLE.

        Raises:
            NotYetVisibleError: the job is still running.
            ExtractionFailedError: the job failed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file says of itself.

    Attributes:
        pages: How many pages it has; a format without pages has one.
        title: The title that it states, or its first heading; empty when it has none.
        opening: The first lines of its text, for a title of last resort.
    """

    pages: int
    title: str = ""
    opening: str = ""


class DocumentFormat(Protocol):
    """How documents of one media type are read."""

    def outline(self, file: IO[bytes]) -> Outline:
        """Look at the whole file without reading all of it.

        Raises:
            DocumentError: the file cannot be read: encrypted, damaged, too large, or without any page.
        """
        ...

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:
        """Pages `first` to `last` (1-based, inclusive) in order; a page that needs extraction is NEEDS_OCR.

        Raises:
            DocumentError: as above. A single damaged page is UNREADABLE instead.
        """
        ...


class PageSelector(Protocol):
    """Takes pages out of a document, for the text extraction service."""

    def select(self, file: IO[bytes], numbers: Sequence[int]) -> AbstractContextManager[IO[bytes]]:
        """An unencrypted document of just these pages (1-based, ascending), in that order."""
        ...


class Splitter(Protocol):
    """Cuts pages into passages."""

    @property
    def settings(self) -> Mapping[str, object]:
        """Everything that changes what comes out; part of the settings hash."""
        ...

    def split(self, pages: Iterable[Page]) -> Iterator[Chunk]:
        """Chunks in reading order, ordinals from 0. Each is a verbatim span of its page."""
        ...


class ChunkIndex(Protocol):
    """The search index, written to."""

    def write(self, chunks: Sequence[IndexedChunk]) -> None:
        """Index the chunks; an equal or newer revision that is there already counts as success.

        Raises:
            ChunksRejectedError: some chunks were refused for good.
        """
        ...

    def remove(self, document_id: str, generation: int, chunks: int) -> None:
        """Delete chunks 0 to `chunks` - 1 of a generation by their computed ids; absent ones are fine."""
        ...

    def count(self, document_id: str, generation: int) -> int:
        """Chunks of the generation that a search can find now."""
        ...

    def refresh(self) -> None:
        """Return when everything written before is searchable."""
        ...


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """One retrieval.

    Attributes:
        text: The standalone question.
        vector: Its embedding.
        principal: Whose claims filter both clauses.
        document_ids: Only these documents; empty means all.
        exclude: (document_id, generation) pairs that the registry has ruled out.
    """

    text: str
    vector: Sequence[float]
    principal: Principal
    document_ids: tuple[str, ...] = ()
    exclude: frozenset[tuple[str, int]] = frozenset()


class ChunkSearch(Protocol):
    """The search index, asked."""

    def search(self, query: SearchQuery, limit: int) -> list[ScoredChunk]:
        """The union of at most `limit` BM25 and `limit` k-NN candidates of one multi-search, raw scores, unfused."""
        ...


class BusEvents(Protocol):
    """Publishes what happened on the stack's event bus."""

    def publish(self, event: BusEvent) -> None:
        """Send one of `models.events`."""
        ...


class WorkQueue(Protocol):
    """A queue of the stack's own, carrying references."""

    def send(self, message: Mapping[str, Any], delay_seconds: int = 0) -> None:
        """Send one message."""
        ...


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """The stored state of a question.

    Attributes:
        body_hash: Hash of the request body, to notice a reused idempotency key.
        lease_until: Seconds since the epoch until which one worker owns a pending question.
        sources: Versions (`document_id:generation`) whose passages the answer was made from; checked at every reading.
    """

    answer_id: str
    tenant: str
    subject: str
    groups: frozenset[str]
    body_hash: str
    body: Mapping[str, Any]
    lease_until: float
    answer: Answer | None = None
    sources: tuple[str, ...] = ()


class QuestionStore(Protocol):
    """Questions and their one recorded answer."""

    def begin(self, record: QuestionRecord, now: float) -> QuestionRecord | None:
        """Claim the question: None when the caller owns it now, else the record that is there already.

        A pending record whose lease has run out is taken over (None) when its `body_hash` is the same.
        """
        ...

    def complete(self, answer_id: str, answer: Answer, sources: Sequence[str]) -> Answer:
        """Record the answer once; the recorded one, which is the earlier when there was one."""
        ...

    def release(self, answer_id: str) -> None:
        """Let another worker take the pending question at once."""
        ...

    def get(self, answer_id: str) -> QuestionRecord | None:
        """The record, strongly consistent."""
        ...


@dataclass(frozen=True, slots=True)
class Destination:
    """Where answers go: `kind` is queue (more kinds come with their issues), `address` its URL."""

    kind: str
    address: str


class ChannelRegistry(Protocol):
    """What is registered: queues that questions come from, destinations that answers go to."""

    def principal_of_queue(self, queue_arn: str) -> Principal | None:
        """For whom questions from this queue are asked; None: not registered, so closed."""
        ...

    def destination(self, tenant: str, name: str) -> Destination | None:
        """A destination registered for the tenant."""
        ...


class AnswerSender(Protocol):
    """Delivers answers."""

    def send(self, destination: Destination, answer: Answer) -> None:
        """Deliver at least once, with the asker's id as correlation."""
        ...
