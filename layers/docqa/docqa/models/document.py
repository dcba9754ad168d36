"""A document, its generations, and the reference that travels through the pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from docqa.ids import execution_name


class DocumentStatus(StrEnum):
    """Where the newest version of a document stands. Each value is reached by exactly one transition."""

    RECEIVED = "RECEIVED"
    PROCESSING = "PROCESSING"
    INDEXED = "INDEXED"
    PARTIALLY_INDEXED = "PARTIALLY_INDEXED"
    FAILED = "FAILED"
    DELETED = "DELETED"
    EXPIRED = "EXPIRED"


# The object is gone, or its time is over: nothing answers, and what was made of it is removed.
GONE = frozenset({DocumentStatus.DELETED, DocumentStatus.EXPIRED})


class GenerationStatus(StrEnum):
    """Where one admitted version stands. SUPERSEDED and REMOVED ones no longer answer."""

    RECEIVED = "RECEIVED"
    PROCESSING = "PROCESSING"
    LIVE = "LIVE"
    FAILED = "FAILED"
    SUPERSEDED = "SUPERSEDED"
    REMOVED = "REMOVED"


class Stage(StrEnum):
    """What is being done with a version, or was being done when it failed."""

    RECEIVED = "RECEIVED"
    INSPECTING = "INSPECTING"
    READING = "READING"
    EXTRACTING = "EXTRACTING"
    CHUNKING = "CHUNKING"
    EMBEDDING = "EMBEDDING"
    PUBLISHING = "PUBLISHING"


# Sentences that a version keeps for its owner: enough to act on, and the item stays small.
WARNINGS_MAX = 20


@dataclass(frozen=True, slots=True)
class StoredObject:
    """The current version of an object in the documents bucket, as HEAD tells it.

    Attributes:
        size: Bytes.
        metadata: User metadata of the object (lower-case names).
        modified_at: Seconds since the epoch, as exact as the store tells: whole seconds in S3.
        etag: Tells other bytes from these; empty where it was not asked for.
    """

    bucket: str
    key: str
    version_id: str
    size: int
    metadata: dict[str, str] = field(default_factory=dict)
    modified_at: float = 0.0
    etag: str = ""


class DocumentReference(BaseModel):
    """What a pipeline step takes and returns about the document: identity only, never content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document_id: str
    generation: int = Field(ge=1)
    attempt: int = Field(ge=1)
    tenant: str
    bucket: str
    key: str
    version_id: str

    @property
    def execution(self) -> str:
        """Name of the state machine's execution that works on this attempt."""
        return execution_name(self.document_id, self.generation, self.attempt)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a generation failed.

    Attributes:
        code: Class name of the error.
        message: The sentence shown to the document's owner, with what to do.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class PageCounts:
    """How the pages of a generation were read.

    Attributes:
        unreadable: Page ranges (first, last), 1-based and inclusive, that could not be read.
        unrecognised: Page ranges that show something in which no text was found, or that were read only in part.
        ocr_confidence: Mean confidence of the pages that text extraction read, 0 to 1; 0 when it read none.
    """

    total: int = 0
    text_layer: int = 0
    ocr: int = 0
    empty: int = 0
    unreadable: tuple[tuple[int, int], ...] = ()
    unrecognised: tuple[tuple[int, int], ...] = ()
    ocr_confidence: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether everything that the document says was read, as far as can be told."""
        return not (self.unreadable or self.unrecognised)


@dataclass(frozen=True, slots=True)
class LiveAccess:
    """What was last said of the bytes that answer before newer ones came: nothing said since gives more.

    Attributes:
        readers: Reader tokens (`models.access`).
        expires: Seconds since the epoch from which they no longer answer; None: they do not expire.
    """

    readers: frozenset[str]
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """The registry's item of a document: the truth about what answers and for whom.

    Attributes:
        latest_generation: The newest admitted generation (1-based).
        live_generation: The generation that answers; 0 when none does.
        readers: Reader tokens (`models.access`); empty means closed.
        revision: Metadata revision, raised by every change of readers or attributes; the chunks' external version.
        lock: Counts writes to the item, for optimistic updates.
        owner: Subject who uploaded it over HTTP; empty when an IAM principal wrote the object.
        received_at, updated_at: Seconds since the epoch.
        failure: Of the latest generation, when that one failed; an older one may still answer.
        described: A metadata file was seen for it once, so that the document is closed when that file is missing.
        live_access: While older bytes than the newest answer: what was said of those (`domain.live_access`).
    """

    document_id: str
    tenant: str
    bucket: str
    key: str
    title: str
    status: DocumentStatus
    latest_generation: int
    live_generation: int
    version_id: str
    readers: frozenset[str]
    revision: int
    lock: int
    received_at: float
    updated_at: float
    owner: str = ""
    attributes: dict[str, str | float | bool | list[str]] = field(default_factory=dict)
    failure: Failure | None = None
    described: bool = False
    live_access: LiveAccess | None = None

    @property
    def answers(self) -> bool:
        """Whether some generation of the document may be used in answers."""
        return self.status not in GONE and self.live_generation > 0


@dataclass(frozen=True, slots=True)
class Generation:
    """The registry's item of one admitted version.

    Attributes:
        size: Bytes of the object version.
        content_hash: SHA-256 of the bytes (hex); empty until the document was inspected.
        settings_hash: Of every setting that changes what is extracted or chunked.
        indexed_revision: The metadata revision that its chunks in the index carry at least.
        deadline: Seconds since the epoch by which it must have ended.
        usage: Counted units of paid work, e.g. {"textract_pages": 3, "embedded_texts": 40, "embedded_tokens": 9000},
            and `usd`, what they cost at the prices of their day.
        timings: Seconds by stage.
        stage: What is being done (`Stage`), or was being done when it failed; empty once it is live.
        warnings: What its owner should know, in words of theirs; at most `WARNINGS_MAX`.
        attempt: Executions that were given a place so far, those that never began included.
        tries: Of these, the last ones in a row that ended without a result and got no further than those before.
        work_done: Pieces of work on record by now (the keys of `add_usage`): spans read, embedded, indexed, jobs.
        work_done_before: As many as they were when it last began to wait again.
        due: Seconds since the epoch since when, or from when on, it waits for its turn.
        route: On which way its passages are embedded (`models.inference.Route`); empty until that was decided.
        route_reason: Why on that one.
    """

    document_id: str
    generation: int
    tenant: str
    bucket: str
    key: str
    version_id: str
    status: GenerationStatus
    received_at: float
    attempt: int = 0
    sequencer: str = ""
    size: int = 0
    media_type: str = ""
    content_hash: str = ""
    settings_hash: str = ""
    pages: PageCounts = PageCounts()
    chunks: int = 0
    indexed_revision: int = 0
    deadline: float = 0.0
    ended_at: float = 0.0
    failure: Failure | None = None
    usage: dict[str, float] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    stage: str = ""
    warnings: tuple[str, ...] = ()
    tries: int = 0
    work_done: int = 0
    work_done_before: int = 0
    due: float = 0.0
    route: str = ""
    route_reason: str = ""

    @property
    def is_parked(self) -> bool:
        """It waits for vectors of passages that are cut already, and goes on with these."""
        return self.status is GenerationStatus.RECEIVED and self.stage == Stage.EMBEDDING

    @property
    def got_further(self) -> bool:
        """Whether its present attempt did anything that none before it had done."""
        return self.work_done > self.work_done_before

    def reference(self) -> DocumentReference:
        """The reference that the pipeline passes on for the current attempt."""
        return DocumentReference(
            document_id=self.document_id,
            generation=self.generation,
            attempt=max(self.attempt, 1),
            tenant=self.tenant,
            bucket=self.bucket,
            key=self.key,
            version_id=self.version_id,
        )
