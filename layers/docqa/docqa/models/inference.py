"""Requests to a model that are answered later, by an asynchronous endpoint or a batch job."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

Vector: TypeAlias = tuple[float, ...]
Value_co = TypeVar("Value_co", covariant=True)


class Route(StrEnum):
    """On which way a model is asked."""

    REALTIME = "realtime"
    ASYNCHRONOUS = "asynchronous"
    BATCH = "batch"


class JobState(StrEnum):
    """Where a job of the service stands. ENDED: there are results, though not necessarily for every record."""

    RUNNING = "RUNNING"
    ENDED = "ENDED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a chat model is asked.

    Attributes:
        messages: Pairs of a role (`system`, `user`, `assistant`) and a text.
        max_tokens: Most tokens of the answer.
    """

    messages: tuple[tuple[str, str], ...]
    max_tokens: int
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a chat model said; tokens are 0 where the service does not count them."""

    text: str
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Record(Generic[Value_co]):
    """One request of a job.

    Attributes:
        id: Unique within the job: letters, digits, `-` and `:`, at most 60; results are joined by it.
        value: A text to embed, or a `Prompt`.
    """

    id: str
    value: Value_co


@dataclass(frozen=True, slots=True)
class RecordResult(Generic[Value_co]):
    """What came of one record.

    Attributes:
        value: A vector, or a `Reply`; None: the service could not answer this record.
        error: Why not, in the service's words; for the log of operators, never for people who ask.
        tokens: Tokens that the service counted for it, 0 where it does not say.
    """

    id: str
    value: Value_co | None
    error: str = ""
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class StartedJob:
    """A job as the service took it.

    Attributes:
        external_id: The service's name of the job: of several invocations, docqa's own.
        parts: Names of what is answered piece by piece, as notifications call them; a batch job is one piece.
        records: How many records went into it.
    """

    external_id: str
    parts: frozenset[str]
    records: int


@dataclass(frozen=True, slots=True)
class JobReport:
    """What the service says about a job when it is asked.

    Attributes:
        message: Why it failed or expired; empty while there is nothing to say.
    """

    state: JobState
    message: str = ""


@dataclass(frozen=True, slots=True)
class JobLimits:
    """What a route takes in one job.

    Attributes:
        least_records: Fewer are refused by the service, or not worth a job.
        most_records: More have to go into another job.
        longest_seconds: After this time nothing comes any more.
    """

    least_records: int
    most_records: int
    longest_seconds: float


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """A decision and why it was taken, for people who read a status."""

    route: Route
    reason: str = field(default="")


# What is done where there is nothing to choose from.
AT_ONCE = RouteChoice(Route.REALTIME)


class JobKind(StrEnum):
    """What the records of a job are: passages to embed, or prompts of a batch of questions."""

    VECTORS = "vectors"
    REPLIES = "replies"


class JobStatus(StrEnum):
    """Where a job of ours stands. OPEN: it still gathers members; STARTING: the service may know it already."""

    OPEN = "OPEN"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class JobGroup:
    """What may go into one job together.

    Attributes:
        tenant: Nothing is shared across tenants.
        subject: Name of the index whose model is asked, or of the chat model.
        alone: The one member of a job that is not shared; empty: others may join.
    """

    kind: JobKind
    route: Route
    tenant: str
    subject: str
    alone: str = ""


@dataclass(frozen=True, slots=True)
class InferenceJob:
    """A job on record.

    Attributes:
        job_id: Its token at the service too.
        opened_at, started_at: Seconds since the epoch; 0: not yet.
        members: Whose records go into it: generations as `document_id:generation`, or the id of a batch.
        records: About how many, as the members said.
        started: What the service was given, once it was.
        outstanding: Parts of it that were not heard of yet.
        message: How it ended.
    """

    job_id: str
    group: JobGroup
    status: JobStatus
    opened_at: float
    members: frozenset[str]
    records: int
    started: StartedJob | None = None
    started_at: float = 0.0
    outstanding: frozenset[str] = frozenset()
    message: str = ""
