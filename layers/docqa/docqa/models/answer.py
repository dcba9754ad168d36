"""An answer: cited, abstained or failed, never anything in between."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class AnswerStatus(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"
    FAILED = "failed"


class Citation(BaseModel):
    """One source of an answer. `quote` is a verbatim span of the page."""

    model_config = ConfigDict(frozen=True)

    number: int = Field(ge=1, description="The [n] in the answer's text.")
    document_id: str
    title: str
    uri: str = Field(description="docqa's own address of the page; checked when it is opened.")
    page: int = Field(ge=1)
    label: str = Field(default="", description="What the page is called where a number is not enough, e.g. Slide 3.")
    header: str = Field(
        default="", description="The rows that name the columns, where the quote is a row of a table; on the same page."
    )
    quote: str
    score: float = Field(ge=0, le=1)


class Usage(BaseModel):
    """What an answer cost."""

    model_config = ConfigDict(frozen=True)

    input_tokens: int = 0
    output_tokens: int = 0
    embedded_tokens: int = 0
    rerank_queries: int = Field(default=0, description="Calls of the reranking model, as they are billed.")
    usd: float = 0.0


class Answer(BaseModel):
    """The one recorded result of a question."""

    model_config = ConfigDict(frozen=True)

    answer_id: str
    question: str
    status: AnswerStatus
    text: str = ""
    citations: tuple[Citation, ...] = ()
    confidence: float = Field(default=0.0, ge=0, le=1, description="Calibrated chance that the documents answer this.")
    reason: str | None = Field(
        default=None, description="Why it was abstained, failed, or quoted instead of generated."
    )
    model: str | None = Field(default=None, description="Model that wrote the text; null when evidence was quoted.")
    usage: Usage = Field(default_factory=Usage)
    timings_ms: dict[str, float] = Field(default_factory=dict)
    passages_considered: int = 0
    id: str | None = Field(default=None, description="The asker's own id.")
    metadata: dict[str, str] = Field(default_factory=dict)
