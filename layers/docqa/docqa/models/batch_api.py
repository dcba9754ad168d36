"""Bodies of the HTTP API about batches of questions."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from docqa.models.api import FailureView
from docqa.models.batch import BatchStatus
from docqa.models.question import Mode, Question

# More of them come as a file: a function takes 6 MB.
QUESTIONS_IN_BODY = 1_000
DAY_SECONDS = 86_400


class BatchRequest(BaseModel):
    """Questions to be answered together; or, for thousands of them, an address to upload them to as a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    questions: list[Question] | None = Field(
        default=None,
        min_length=1,
        max_length=QUESTIONS_IN_BODY,
        description="The questions; their answers are in the same order.",
    )
    size: int | None = Field(
        default=None,
        ge=1,
        description="Bytes of a file to upload instead: JSON lines (UTF-8), a question on each.",
    )
    within_seconds: int | None = Field(
        default=None,
        ge=60,
        le=7 * DAY_SECONDS,
        description="How long it may take: slower ways to the chat model, which cost less, are taken only where they "
        "end in time. Absent: as the stack decides.",
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.questions is None) == (self.size is None):
            raise ValueError("name either questions, or the size of a file")
        for place, question in enumerate(self.questions or ()):
            if reason := unfit_for_batch(question):
                raise ValueError(f"questions.{place}: {reason}")
        return self


def unfit_for_batch(question: Question) -> str:
    """Why a question cannot be asked in a batch; empty: it can."""
    if question.mode is not Mode.ANSWER:
        return "A batch does no research: ask this question by itself."
    if question.reply_to is not None:
        return "A batch has its answers in one file: leave reply_to out."
    return ""


class BatchUpload(BaseModel):
    """A form upload of the batch's file, valid for a few minutes."""

    url: str
    fields: dict[str, str]
    expires_in: int = Field(description="Seconds.")


class BatchLinks(BaseModel):
    """Short-lived addresses of the results, without what has been closed to their reader since.

    Each result is an answer as `GET /answers/{answer_id}` shows it, with its line.
    """

    results: str = Field(description="JSON lines, in the order of the questions.")
    table: str = Field(description="The same as CSV.")
    report: str = Field(description="A page to read: figures, questions and answers.")
    expires_in: int = Field(description="Seconds.")


class BatchCountsView(BaseModel):
    """How far it is."""

    questions: int = Field(default=0, description="0: not counted yet.")
    searched: int = Field(default=0, description="Questions for which passages were looked for.")
    prompts: int = Field(default=0, description="Prompts for the chat model.")
    answered: int = 0
    abstained: int = 0
    failed: int = 0


class BatchView(BaseModel):
    """A batch as whoever sent it sees it."""

    model_config = ConfigDict(frozen=True)

    batch_id: str
    status: BatchStatus
    counts: BatchCountsView
    created_at: float = Field(description="Seconds since the epoch, as all times here.")
    started_at: float | None = None
    ended_at: float | None = None
    within_seconds: float = Field(description="How long it may take.")
    route: str = Field(
        default="",
        description="How the chat model is asked: realtime, asynchronous or batch; empty: not decided yet.",
    )
    route_reason: str = Field(default="", description="Why on that way.")
    waits_for_replies: bool = Field(default=False, description="A job of the chat model is being waited for.")
    questions_a_second: float | None = Field(default=None, description="Pace of answering; null: not known yet.")
    seconds_left: float | None = Field(default=None, description="At that pace; null: not known yet.")
    cost_usd: float = Field(default=0.0, description="What the answers so far cost.")
    failure: FailureView | None = None
    upload: BatchUpload | None = Field(default=None, description="Where its file is awaited.")
    links: BatchLinks | None = Field(default=None, description="Once it is done.")
