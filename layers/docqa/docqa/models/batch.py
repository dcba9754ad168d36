"""A batch of questions: what is on record of it, and the lines of its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.document import Failure
from docqa.models.question import Question

# So many questions are one piece of work: a minute or two of a chat model, and a few calls of an embedding model.
PART_QUESTIONS = 50


class BatchStatus(StrEnum):
    """Where a batch stands. UPLOADING: its file is awaited; RECEIVED: it has its questions, and is about to begin."""

    UPLOADING = "UPLOADING"
    RECEIVED = "RECEIVED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


# Nothing more happens to it by itself.
BATCH_ENDED = frozenset({BatchStatus.DONE, BatchStatus.FAILED})


@dataclass(frozen=True, slots=True)
class DroppedFile:
    """A version of an object in the inbox bucket."""

    key: str
    version_id: str


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """How questions ended, and what that cost.

    Attributes:
        usd: At the prices of their day.
    """

    answered: int = 0
    abstained: int = 0
    failed: int = 0
    usd: float = 0.0

    @property
    def through(self) -> int:
        """Questions that have ended."""
        return self.answered + self.abstained + self.failed


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch on record.

    Attributes:
        tenant, subject, groups, threshold: For whom its questions are asked, as in `Principal`.
        body_hash: Of the request, to notice a reused idempotency key; empty for files.
        within_seconds: How long it may take.
        dropped: Where its questions are; None: in the work bucket, as they came over HTTP, or nowhere yet.
        results_to: Where in the inbox bucket its results are put as well; empty: nowhere.
        attempt: Executions that were begun so far.
        started_at, ended_at: Seconds since the epoch; 0: not yet.
        ends_by: Seconds since the epoch after which no execution of it is running any more.
        answering_since: When passages had been found for all, and replies were there if any were waited for.
        questions, parts: How many there are, and how many parts they are shared out into.
        searched: Questions for which passages were looked for.
        prompts: Prompts that the chat model is asked.
        counts: Questions that have ended.
        route, route_reason: On which way the chat model is asked, and why.
        decisions: How often that was decided: again, where a job began without the batch's prompts.
        replied: Replies that were waited for are there.
        task_token: Of the execution that waits for them.
        told: The attempt of whose end the world has heard; 0: of none.
    """

    batch_id: str
    tenant: str
    subject: str
    groups: frozenset[str]
    status: BatchStatus
    created_at: float
    within_seconds: float
    body_hash: str = ""
    dropped: DroppedFile | None = None
    results_to: str = ""
    attempt: int = 0
    started_at: float = 0.0
    ends_by: float = 0.0
    ended_at: float = 0.0
    answering_since: float = 0.0
    questions: int = 0
    parts: int = 0
    searched: int = 0
    prompts: int = 0
    counts: BatchCounts = field(default_factory=BatchCounts)
    route: str = ""
    route_reason: str = ""
    decisions: int = 0
    replied: bool = False
    task_token: str = ""
    told: int = 0
    failure: Failure | None = None
    threshold: float | None = None

    @property
    def principal(self) -> Principal:
        """For whom its questions are asked."""
        return Principal(self.tenant, self.subject, self.groups, self.threshold)

    @property
    def execution(self) -> str:
        """Name of the state machine's execution of this attempt."""
        return f"{self.batch_id}-{self.attempt}"

    @property
    def own_job(self) -> str:
        """What sets a job of its prompts alone apart from all others."""
        return f"{self.batch_id}-{self.decisions}"

    @property
    def may_share(self) -> bool:
        """Whether its prompts may go with those of other batches: a batch is a member of jobs that are shared once."""
        return self.decisions <= 1


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True)


class BatchLine(_Line):
    """A line of a batch as it was read: a question, or why it is none.

    Attributes:
        number: Which line of the file, from 1.
        id: The asker's own id of what is no question, where it can be read.
    """

    number: int
    question: Question | None = None
    refusal: str = ""
    id: str | None = None


class BatchAnswer(_Line):
    """An answer of a batch as it is kept.

    Attributes:
        sources: Versions (`document_id:generation`) whose passages it was made from; checked at every reading.
    """

    number: int
    answer: Answer
    sources: tuple[str, ...] = ()


class BatchResult(Answer):
    """A line of a batch's results: the answer, and to which line of the batch."""

    line: int = Field(ge=1, description="Which line of the file, or which question of the list, from 1.")
