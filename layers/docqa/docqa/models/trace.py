"""How an answer came about: what was found, how it scored, what was decided, what was written and what of it stood."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from docqa.models.answer import Answer


class Traced(BaseModel):
    """Part of a trace."""

    model_config = ConfigDict(frozen=True)


class VersionTrace(Traced):
    """A version of a document."""

    document_id: str
    generation: int


class CandidateTrace(VersionTrace):
    """A passage that the search found."""

    title: str
    page: int
    ordinal: int = Field(description="Its place among the passages of its version, from 0.")
    lexical: float | None = Field(description="Raw BM25 score; null: not found by its words.")
    cosine: float | None = Field(description="Cosine similarity; null: not found by its vector.")
    score: float = Field(description="Both fused, 0 to 1 within this question.")
    reranked: float | None = Field(
        default=None, description="What the reranking model gave it, on its own scale; null: it was not shown it."
    )
    considered: bool = Field(description="Whether it was among the passages that an answer could rest on.")


class SentenceTrace(VersionTrace):
    """A sentence of a passage as evidence."""

    page: int
    text: str
    coverage: float = Field(description="Share of the question's weight of terms that stands in it.")
    score: float
    cosine: float | None = Field(
        default=None,
        description="Cosine similarity of the sentence itself, which is part of its score; null: it was not embedded.",
    )
    quotable: bool = Field(description="Whether it is quoted when no model's words are used.")


class JudgedSentence(Traced):
    """A sentence that the chat model wrote."""

    text: str
    cited: tuple[int, ...] = Field(
        description="Passages that it names, from 1 in the order shown; of a research, calculations from 901."
    )
    removed: str | None = Field(description="Why it was left out; null: it stood.")


class WrittenTrace(Traced):
    """One text of the chat model; a research is kept as its last word."""

    passages: tuple[VersionTrace, ...] = Field(description="What the model was shown, in order.")
    text: str
    sentences: tuple[JudgedSentence, ...]


class RerankingTrace(Traced):
    """What came of asking a reranking model."""

    model: str
    failure: str | None = Field(
        description="Why the candidates' own order stands: unavailable, refused, or without evidence in the passages "
        "that it puts first; null: the model's order was taken."
    )


class AnswerTrace(Traced):
    """Every stage of one answer, as kept with it."""

    candidates: tuple[CandidateTrace, ...] = ()
    found: int = Field(default=0, description="Passages found in all; the best are listed.")
    reranking: RerankingTrace | None = Field(
        default=None, description="Null: no reranking model was asked, as none is set up or the question was refused."
    )
    dropped: tuple[VersionTrace, ...] = Field(
        default=(), description="Versions that the search found and the registry ruled out."
    )
    sentences: tuple[SentenceTrace, ...] = ()
    features: dict[str, float] = Field(default_factory=dict, description="What the confidence was computed from.")
    confidence: float = 0.0
    threshold: float = Field(default=0.0, description="Below this confidence the question is refused.")
    written: tuple[WrittenTrace, ...] = Field(default=(), description="What the chat model wrote, text by text.")
    withheld: int = Field(
        default=0, description="Entries left out because their document is replaced, gone or closed to the caller now."
    )


class Explanation(Traced):
    """Why a question was answered as it was."""

    answer: Answer
    trace: AnswerTrace | None = Field(description="Null: none was kept, as for questions that failed.")
