"""Keep how an answer came about, in bounds: enough to see why, never a copy of the documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from docqa.models.chunk import ScoredChunk
from docqa.models.trace import (
    AnswerTrace,
    CandidateTrace,
    JudgedSentence,
    RerankingTrace,
    SentenceTrace,
    VersionTrace,
    WrittenTrace,
)
from docqa.services.drafts import Draft, Written

if TYPE_CHECKING:
    from docqa.services.outcomes import Grounds

# With these a trace stays below 100 KB before it is compressed; an item of DynamoDB holds 400.
MOST_CANDIDATES = 30
MOST_SENTENCES = 20
MOST_DROPPED = 50
MOST_CALLS = 6
LONGEST_TITLE = 200
LONGEST_SENTENCE = 500
LONGEST_TEXT = 4_000


def trace_of(grounds: Grounds, draft: Draft | None = None) -> AnswerTrace:
    """Every stage of one answer.

    Args:
        grounds: What was found and decided.
        draft: What the chat model wrote, if it was asked.
    """
    written = tuple(_written(one) for one in (draft.written if draft else ())[:MOST_CALLS])
    if grounds.trace is not None:
        return grounds.trace.model_copy(update={"written": written})
    considered = {passage.key for passage in grounds.passages}
    order = grounds.reranking
    quotes = {(quote.passage.key, quote.span.start) for quote in grounds.quotes}
    return AnswerTrace(
        candidates=tuple(
            _candidate(one, considered, order.scores.get(one.key) if order else None)
            for one in grounds.candidates[:MOST_CANDIDATES]
        ),
        found=len(grounds.candidates),
        reranking=RerankingTrace(model=order.model, failure=order.failure) if order else None,
        dropped=tuple(
            VersionTrace(document_id=document_id, generation=generation)
            for document_id, generation in sorted(grounds.dropped)[:MOST_DROPPED]
        ),
        sentences=tuple(
            SentenceTrace(
                document_id=one.passage.document_id,
                generation=one.passage.generation,
                page=one.passage.chunk.page,
                text=one.text[:LONGEST_SENTENCE],
                coverage=round(one.coverage, 4),
                score=round(one.score, 4),
                cosine=_rounded(one.cosine),
                quotable=(one.passage.key, one.span.start) in quotes,
            )
            for one in grounds.evidence[:MOST_SENTENCES]
        ),
        features={name: round(value, 4) for name, value in grounds.features.items()},
        confidence=round(grounds.confidence, 4),
        threshold=grounds.threshold,
        written=written,
    )


def _candidate(passage: ScoredChunk, considered: set[tuple[str, int, int]], reranked: float | None) -> CandidateTrace:
    return CandidateTrace(
        document_id=passage.document_id,
        generation=passage.generation,
        title=passage.title[:LONGEST_TITLE],
        page=passage.chunk.page,
        ordinal=passage.chunk.ordinal,
        lexical=_rounded(passage.lexical),
        cosine=_rounded(passage.cosine),
        score=round(passage.score, 4),
        reranked=_rounded(reranked),
        considered=passage.key in considered,
    )


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)


def _written(call: Written) -> WrittenTrace:
    return WrittenTrace(
        passages=_versions(call.passages),
        text=call.text[:LONGEST_TEXT],
        sentences=tuple(
            JudgedSentence(text=one.text[:LONGEST_SENTENCE], cited=one.cited[:MOST_SENTENCES], removed=one.removed)
            for one in call.sentences[:MOST_SENTENCES]
        ),
    )


def _versions(passages: Sequence[ScoredChunk]) -> tuple[VersionTrace, ...]:
    return tuple(VersionTrace(document_id=one.document_id, generation=one.generation) for one in passages)
