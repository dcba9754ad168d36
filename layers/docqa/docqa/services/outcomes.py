"""What a question comes to: the grounds for an answer, and the answer itself in each of its kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from docqa.domain.completeness import says_all_of
from docqa.domain.evidence import Evidence, best_quotes, is_strong
from docqa.domain.pricing import tokens_usd
from docqa.domain.relevance import to_the_point
from docqa.domain.verification import addresses
from docqa.errors import BudgetUsedUpError, ConfigurationError, RetryableError, WorkCutOffError
from docqa.models.answer import Answer, AnswerStatus, Usage
from docqa.models.chunk import ScoredChunk
from docqa.models.question import Question
from docqa.models.trace import AnswerTrace
from docqa.services.citing import Cited, cite_claims, cite_quotes
from docqa.services.drafts import Draft
from docqa.services.neighbours import Completed
from docqa.services.question_vectors import EmbeddedQuestion
from docqa.services.stopwatch import Stopwatch
from docqa.services.traces import trace_of

NOT_IN_DOCUMENTS = "The documents that you may read do not answer this."
INDEX_INCOMPLETE = "Nothing was found, but the search index is just being rebuilt: ask again later."
MODEL_DECLINED = "The passages that were found do not hold the answer."
QUOTED_WITHOUT_MODEL = "Quoted from the documents: no chat model is set up."
QUOTED_MODEL_DOWN = "Quoted from the documents: the chat model is not available at the moment."
QUOTED_MODEL_REFUSED = "Quoted from the documents: the chat model refuses the request; see its id, access and limits."
QUOTED_BUDGET_USED_UP = (
    "Quoted from the documents: the daily budget is used up until 00:00 UTC, so no chat model was asked."
)
QUOTED_UNVERIFIED = "Quoted from the documents: what the chat model wrote could not be verified."
QUOTED_DECLINED = "Quoted from the documents: the chat model found no answer in them."
QUOTED_INCOMPLETE = "Quoted from the documents: what the chat model wrote leaves out some of what they say."
FAILED_FOR_NOW = "This could not be answered: a service that docqa needs was not available. Please ask again later."
FAILED_BY_SETTINGS = (
    "This could not be answered: docqa is not set up rightly. Please tell its operator the answer's id, then ask again."
)
FAILED_BUDGET_USED_UP = "This was not answered: the daily budget is used up until 00:00 UTC. Please ask again then."
FAILED_INSIDE = "This could not be answered, for a fault of docqa's own. Please tell its operator the answer's id."
FAILED_CUT_OFF = "This was not answered in time: the work on it was cut off. Please ask again."
MOST_QUOTES = 3


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and what it rests on.

    Attributes:
        sources: Versions (`document_id:generation`) whose passages it was made from.
        trace: How it came about.
        final: The same question, asked again, may be told the same; else it is answered anew.
    """

    answer: Answer
    sources: tuple[str, ...] = ()
    trace: AnswerTrace | None = None
    final: bool = True


@dataclass(frozen=True, slots=True)
class ModelOrder:
    """What came of asking a reranking model.

    Attributes:
        scores: By key of the passage, on the model's own scale; empty when it did not answer.
        failure: `unavailable`, `refused`, or `without evidence` in the passages that it puts first: docqa's own order
            stands; None: the model's is taken.
    """

    model: str
    scores: Mapping[tuple[str, int, int], float] = field(default_factory=dict)
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Grounds:
    """What is known before any chat model is called.

    Attributes:
        passages: Best first; empty when nothing was found.
        completed: Those whose sentences were cut, by key, with what comes before and after.
        evidence: Every sentence of the passages, best first.
        confidence: Chance that the documents hold the answer.
        answerable: Whether that is enough.
        usage: What it has cost so far.
        complete: Every document could be searched; False while an index that was lost is filled again.
        candidates: Everything that was found and may be read, best first.
        dropped: Versions that the search found and the registry ruled out.
        features: What the confidence was computed from.
        threshold: What the confidence was held against.
        tenant: Who pays for the answer.
        may_generate: The tenant's budget of the day is not used up.
        trace: How it was found, where the candidates themselves are no longer at hand.
        reranking: What a reranking model made of the candidates; None: none was asked.
        embedded: The question's vector, as long as the evidence can still be ordered by it.
    """

    question: Question
    answer_id: str
    passages: tuple[ScoredChunk, ...]
    evidence: tuple[Evidence, ...]
    confidence: float
    answerable: bool
    usage: Usage
    stopwatch: Stopwatch
    complete: bool = True
    completed: Mapping[tuple[str, int, int], Completed] = field(default_factory=dict)
    candidates: tuple[ScoredChunk, ...] = ()
    dropped: frozenset[tuple[str, int]] = frozenset()
    features: Mapping[str, float] = field(default_factory=dict)
    threshold: float = 0.0
    tenant: str = ""
    may_generate: bool = True
    trace: AnswerTrace | None = None
    reranking: ModelOrder | None = None
    embedded: EmbeddedQuestion | None = None

    @property
    def quotes(self) -> list[Evidence]:
        """The sentences that are quoted when no model writes."""
        return best_quotes(self.evidence, MOST_QUOTES)


def abstained(grounds: Grounds, reason: str, draft: Draft | None = None) -> Answered:
    """The documents do not answer this; while some cannot be searched, that is not the last word."""
    answer = _answer(grounds, AnswerStatus.ABSTAINED, reason=reason)
    return Answered(answer, trace=trace_of(grounds, draft), final=grounds.complete)


def quoted(grounds: Grounds, reason: str, draft: Draft | None = None) -> Answered:
    """The evidence itself, and why no model's words."""
    cited = cite_quotes(grounds.quotes)
    answer = _answer(grounds, AnswerStatus.ANSWERED, cited=cited, reason=reason)
    versions = _versions(evidence.passage for evidence in grounds.quotes)
    return Answered(answer, versions, trace_of(grounds, draft))


def generated(
    grounds: Grounds, draft: Draft, model: str, quote: Callable[[Grounds, str, Draft], Answered], *, complete: bool
) -> Answered:
    """What the model wrote, if it holds and addresses the question; else the quotes, or that the model declines.

    Some cited sentence must be evidence by the rule of quotes: quoting is the floor that generation must beat.

    Args:
        grounds: What was found.
        draft: Of the model.
        model: Its id.
        quote: Makes an answer of the quotes, as `quoted` does.
        complete: The quotes are replaced only by an answer that leaves nothing out of what they say, and not by none.
    """
    grounds = _with_draft(grounds, model, draft)
    if draft.declined:
        if complete:
            return quote(grounds, QUOTED_DECLINED, draft)
        return abstained(grounds, MODEL_DECLINED, draft)
    strong = _strong(grounds)
    claims = to_the_point(draft.claims, grounds.question.question, strong)
    cited = cite_claims(claims, draft.passages)
    addressed = claims and addresses(grounds.question.question, claims)
    if not (addressed and any(citation.quote in strong for citation in cited.citations)):
        return quote(grounds, QUOTED_UNVERIFIED, draft)
    if complete and not says_all_of((e.text for e in grounds.quotes), claims, grounds.question.question):
        return quote(grounds, QUOTED_INCOMPLETE, draft)
    answer = _answer(grounds, AnswerStatus.ANSWERED, cited=cited, model=model)
    # Everything in the prompt may have shaped the text, cited or not.
    return Answered(answer, _versions(draft.passages), trace_of(grounds, draft))


def researched(grounds: Grounds, draft: Draft, model: str, inputs: AbstractSet[str]) -> Answered | None:
    """What an agent found out, as far as it is to the point, if it addresses the question.

    It need not rest on evidence that the question alone finds: what takes several steps often stands elsewhere.

    Args:
        grounds: What was found for the question as it is.
        draft: Of the agent.
        model: Its id.
        inputs: Sentences that the calculations which the draft cites were made from.
    """
    claims = to_the_point(draft.claims, grounds.question.question, _strong(grounds) | inputs)
    if not (claims and addresses(grounds.question.question, claims)):
        return None
    cited = cite_claims(claims, draft.passages)
    grounds = _with_draft(grounds, model, draft)
    answer = _answer(grounds, AnswerStatus.ANSWERED, cited=cited, model=model)
    considered = len({passage.key for passage in (*grounds.passages, *draft.passages)})
    told = answer.model_copy(update={"passages_considered": considered})
    return Answered(told, _versions(draft.passages), trace_of(grounds, draft))


def failed(answer_id: str, question: Question, error: Exception) -> Answer:
    """That it could not be answered, in the asker's words: what happened inside is for the log."""
    reason = FAILED_INSIDE
    if isinstance(error, BudgetUsedUpError):
        reason = FAILED_BUDGET_USED_UP
    elif isinstance(error, RetryableError):
        reason = FAILED_FOR_NOW
    elif isinstance(error, ConfigurationError):
        reason = FAILED_BY_SETTINGS
    elif isinstance(error, WorkCutOffError):
        reason = FAILED_CUT_OFF
    return Answer(
        answer_id=answer_id,
        question=question.question,
        status=AnswerStatus.FAILED,
        reason=reason,
        id=question.id,
        metadata=question.metadata,
    )


def _strong(grounds: Grounds) -> frozenset[str]:
    """Texts of the sentences that are evidence by the rule of quotes."""
    return frozenset(one.text for one in grounds.evidence if is_strong(one, grounds.evidence[0]))


def _with_draft(grounds: Grounds, model: str, draft: Draft) -> Grounds:
    """With what the model read and wrote for the draft."""
    usage = with_tokens(grounds.usage, model, draft.input_tokens, draft.output_tokens, draft.discounted_tokens)
    return replace(grounds, usage=usage)


def _versions(passages: Iterable[ScoredChunk]) -> tuple[str, ...]:
    return tuple(sorted({f"{passage.document_id}:{passage.generation}" for passage in passages}))


def _answer(
    grounds: Grounds,
    status: AnswerStatus,
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
        usage=grounds.usage,
        timings_ms=grounds.stopwatch.milliseconds(),
        passages_considered=len(grounds.passages),
        id=grounds.question.id,
        metadata=grounds.question.metadata,
    )


def embedding_usage(model: str, tokens: int) -> Usage:
    """What embedding the question cost."""
    return Usage(embedded_tokens=tokens, usd=tokens_usd(model, tokens))


def with_tokens(
    before: Usage, model: str, input_tokens: int, output_tokens: int, discounted: tuple[int, int] = (0, 0)
) -> Usage:
    """The same with what a chat model read and wrote, some of it (`discounted`) by batch inference."""
    cheaper_in, cheaper_out = discounted
    generated = tokens_usd(model, input_tokens - cheaper_in, output_tokens - cheaper_out)
    generated += tokens_usd(model, cheaper_in, cheaper_out, batch=True)
    return before.model_copy(
        update={
            "input_tokens": before.input_tokens + input_tokens,
            "output_tokens": before.output_tokens + output_tokens,
            "usd": round(before.usd + generated, 9),
        }
    )
