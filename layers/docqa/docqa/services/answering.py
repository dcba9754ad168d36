"""Answer one question: retrieve, decide, generate, verify; or quote; or say that the documents do not answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from docqa.domain.confidence import Calibration, evidence_features
from docqa.domain.evidence import Evidence, QuestionTerms, best_quotes, find_evidence
from docqa.domain.pricing import tokens_usd
from docqa.errors import RetryableError
from docqa.models.access import Principal
from docqa.models.answer import Answer, AnswerStatus, Usage
from docqa.models.chunk import ScoredChunk
from docqa.models.question import Question
from docqa.ports import Clock, SearchQuery
from docqa.services.citing import Cited, cite_claims, cite_quotes
from docqa.services.retrieval import ActiveIndex, Retrieval
from docqa.services.stopwatch import Stopwatch

if TYPE_CHECKING:
    from docqa.services.generation import Draft, Generator

NOT_IN_DOCUMENTS = "The documents that you may read do not answer this."
MODEL_DECLINED = "The passages that were found do not hold the answer."
QUOTED_WITHOUT_MODEL = "Quoted from the documents: no chat model is set up."
QUOTED_MODEL_DOWN = "Quoted from the documents: the chat model is not available at the moment."
QUOTED_UNVERIFIED = "Quoted from the documents: what the chat model wrote could not be verified."
MOST_QUOTES = 3


class Embedder(Protocol):
    """LangChain Core's `Embeddings` with a meter, as far as questions need it."""

    model: str
    dimensions: int
    embedded_tokens: int

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        ...


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer and the ids of the documents whose passages it was made from."""

    answer: Answer
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grounds:
    """What is known before any chat model is called.

    Attributes:
        passages: Best first; empty when nothing was found.
        quotes: The sentences that answer, best first.
        confidence: Chance that the documents hold the answer.
        answerable: Whether that is enough.
        usage: What it has cost so far.
    """

    question: Question
    answer_id: str
    passages: tuple[ScoredChunk, ...]
    quotes: tuple[Evidence, ...]
    confidence: float
    answerable: bool
    usage: Usage
    stopwatch: Stopwatch


class Answering:
    """The answering service behind HTTP and queues.

    Args:
        embedder: Embeds questions with the model that embedded the documents.
        active: The index that is in use.
        retrieval: Finds passages that the caller may read.
        calibration: Turns evidence into confidence.
        generator: Makes the chat model when it is first needed; None: evidence is quoted.
        passages_in_prompt: Passages that the chat model reads.
        clock: The time.
    """

    def __init__(
        self,
        embedder: Embedder,
        active: ActiveIndex,
        retrieval: Retrieval,
        calibration: Calibration,
        generator: Callable[[], Generator] | None,
        passages_in_prompt: int,
        clock: Clock,
    ) -> None:
        self._embedder = embedder
        self._active = active
        self._retrieval = retrieval
        self._calibration = calibration
        self._generator = generator
        self._passages_in_prompt = passages_in_prompt
        self._clock = clock

    @property
    def generates(self) -> bool:
        """Whether a chat model is set up, so that an answer may take its time."""
        return self._generator is not None

    def find_grounds(self, question: Question, principal: Principal, answer_id: str) -> Grounds:
        """Retrieve and decide.

        Raises:
            ThrottledError, ServiceUnavailableError, NotYetVisibleError: search or embedding cannot be had now.
            ConfigurationError: index and settings do not fit together.
        """
        stopwatch = Stopwatch(self._clock)
        with stopwatch.stage("registry"):
            self._active.check(self._embedder.model, self._embedder.dimensions)
        tokens_before = self._embedder.embedded_tokens
        with stopwatch.stage("embed"):
            vector = self._embedder.embed_query(question.question)
        query = SearchQuery(question.question, vector, principal, tuple(question.filters.document_ids))
        retrieved = self._retrieval.retrieve(query, question.top_k, stopwatch)
        with stopwatch.stage("decide"):
            asked = QuestionTerms(question.question, retrieved.candidates)
            evidence = find_evidence(asked, retrieved.passages)
            confidence = 0.0
            if evidence:
                features = evidence_features(asked, retrieved.passages, retrieved.candidates, evidence)
                confidence = self._calibration.confidence(features)
        return Grounds(
            question=question,
            answer_id=answer_id,
            passages=retrieved.passages,
            quotes=tuple(best_quotes(evidence, MOST_QUOTES)),
            confidence=confidence,
            answerable=bool(evidence) and confidence >= self._calibration.threshold,
            usage=_embedding_usage(self._embedder.model, self._embedder.embedded_tokens - tokens_before),
            stopwatch=stopwatch,
        )

    def conclude(self, grounds: Grounds, deadline: float) -> Answered:
        """The answer: abstained, generated and verified, or quoted. Holds `deadline` whatever the chat model does."""
        if not grounds.answerable:
            return _abstained(grounds, NOT_IN_DOCUMENTS)
        if self._generator is None:
            return _quoted(grounds, QUOTED_WITHOUT_MODEL)
        try:
            generator = self._generator()
            draft = generator.write(
                grounds.question.question,
                grounds.question.language,
                self._attempts(grounds),
                deadline,
                grounds.stopwatch,
            )
        except RetryableError:
            return _quoted(grounds, QUOTED_MODEL_DOWN)
        usage = _usage(grounds.usage, draft, generator.name)
        if draft.declined:
            return _abstained(grounds, MODEL_DECLINED, usage)
        if not draft.claims:
            return _quoted(grounds, QUOTED_UNVERIFIED, usage)
        return _generated(grounds, draft, generator.name, usage)

    def _attempts(self, grounds: Grounds) -> list[tuple[ScoredChunk, ...]]:
        """First the passages with the best evidence and the next ones; then, for a second try, the very best alone."""
        ordered = {e.passage.key: e.passage for e in grounds.quotes} | {p.key: p for p in grounds.passages}
        passages = tuple(ordered.values())[: self._passages_in_prompt]
        return [passages, passages[:1]]


def _abstained(grounds: Grounds, reason: str, usage: Usage | None = None) -> Answered:
    return Answered(_answer(grounds, AnswerStatus.ABSTAINED, usage, reason=reason))


def _quoted(grounds: Grounds, reason: str, usage: Usage | None = None) -> Answered:
    cited = cite_quotes(grounds.quotes)
    answer = _answer(grounds, AnswerStatus.ANSWERED, usage, cited=cited, reason=reason)
    return Answered(answer, tuple(sorted({evidence.passage.document_id for evidence in grounds.quotes})))


def _generated(grounds: Grounds, draft: Draft, model: str, usage: Usage) -> Answered:
    cited = cite_claims(draft.claims, draft.passages)
    answer = _answer(grounds, AnswerStatus.ANSWERED, usage, cited=cited, model=model)
    # Everything in the prompt may have shaped the text, cited or not.
    return Answered(answer, tuple(sorted({passage.document_id for passage in draft.passages})))


def _answer(
    grounds: Grounds,
    status: AnswerStatus,
    usage: Usage | None,
    cited: Cited | None = None,
    reason: str | None = None,
    model: str | None = None,
) -> Answer:
    return Answer(
        answer_id=grounds.answer_id,
        question=grounds.question.question,
        status=status,
        text=cited.text if cited else "",
        citations=cited.citations if cited else (),
        confidence=round(grounds.confidence, 4),
        reason=reason,
        model=model,
        usage=usage or grounds.usage,
        timings_ms=grounds.stopwatch.milliseconds(),
        passages_considered=len(grounds.passages),
        id=grounds.question.id,
        metadata=grounds.question.metadata,
    )


def _embedding_usage(model: str, tokens: int) -> Usage:
    return Usage(embedded_tokens=tokens, usd=tokens_usd(model, tokens))


def _usage(before: Usage, draft: Draft, model: str) -> Usage:
    generated = tokens_usd(model, draft.input_tokens, draft.output_tokens)
    return Usage(
        input_tokens=draft.input_tokens,
        output_tokens=draft.output_tokens,
        embedded_tokens=before.embedded_tokens,
        usd=round(before.usd + generated, 9),
    )
