"""What people say about an answer."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

FEEDBACK_MAX_CHARACTERS = 2_000

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=FEEDBACK_MAX_CHARACTERS)]
Verdict = Literal["right", "wrong"]


class FeedbackBody(BaseModel):
    """Whether an answer is right, and what it should have been."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Verdict
    expected: _Text | None = Field(default=None, description="The answer as it should have been.")
    document_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] | None = Field(
        default=None, description="The document that holds the right answer."
    )
    page: int | None = Field(default=None, ge=1, le=100_000, description="Its page, where that document holds it.")
    unanswerable: bool = Field(
        default=False,
        description="The documents do not answer: to abstain is right. Never with expected or document_id.",
    )
    comment: _Text | None = None

    @model_validator(mode="after")
    def _unanswerable_has_no_answer(self) -> Self:
        if self.unanswerable and (self.expected is not None or self.document_id is not None):
            raise ValueError("unanswerable says that there is no answer: leave expected, document_id and page out")
        return self

    @model_validator(mode="after")
    def _page_is_of_a_document(self) -> Self:
        if self.page is not None and self.document_id is None:
            raise ValueError("page goes with document_id: say of which document it is, too")
        return self


class FeedbackRecord(BaseModel):
    """One line of a feedback export; `docqa eval --from-feedback` reads these."""

    model_config = ConfigDict(frozen=True)

    answer_id: str
    question: str
    verdict: Verdict
    expected: str | None = None
    document_id: str | None = None
    page: int | None = None
    unanswerable: bool = False  # of records from before there was this field, too
    comment: str | None = None


class FeedbackPage(BaseModel):
    """A page of a tenant's feedback."""

    feedback: list[FeedbackRecord]
    cursor: str | None = Field(default=None, description="Pass it as ?cursor= to go on; null at the end.")
