"""The best candidates put in order by what they say, after the search put them in order by scores.

A weighted sum of features between 0 and 1, so that it can be read and costs milliseconds. The weights lie between those
that two question sets want when each is fitted alone, rounded; either set's own weights are no better on the other,
nor, out of fold, on itself (docs/decisions/0022 has the figures).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from docqa.domain.fusion import normaliser
from docqa.domain.passage_terms import all_terms, said_sentences, title_terms
from docqa.domain.question_terms import QuestionTerms
from docqa.domain.report_series import asks_for_the_newest, newest_of_series
from docqa.domain.terms import terms
from docqa.domain.title_query import means_a_report, title_query
from docqa.domain.visible_text import visible_text
from docqa.models.chunk import ScoredChunk

# Of those further down, next to none holds the answer, and reading each costs a fifth of a millisecond.
RERANKED = 30
WEIGHTS: Mapping[str, float] = {
    "lexical": 0.14,
    "cosine": 0.20,
    "coverage": 0.10,
    "closeness": 0.11,
    "sentence": 0.12,
    "two_sentences": 0.08,
    "numbers": 0.04,
    "expected": 0.03,
    "beside": 0.05,
    "named": 0.13,
}
_UNASKED = 0.5


def rerank(question: QuestionTerms, candidates: Sequence[ScoredChunk]) -> list[ScoredChunk]:
    """The candidates with `score` from 0 to 1, best first; those that were not looked at keep their order behind.

    Args:
        question: What is asked for.
        candidates: Fused, best first.
    """
    features = ranking_features(question, candidates)
    scored = [
        replace(one, score=sum(WEIGHTS[name] * value for name, value in found.items()))
        for one, found in zip(candidates, features, strict=False)
    ]
    ranked = sorted(scored, key=lambda c: (-c.score, c.key))
    worst = ranked[-1].score if ranked else 0.0
    return [*ranked, *(replace(one, score=min(one.score, worst)) for one in candidates[len(ranked) :])]


def ranking_features(question: QuestionTerms, candidates: Sequence[ScoredChunk]) -> list[dict[str, float]]:
    """What speaks for each of the first RERANKED candidates, each from 0 to 1."""
    lexical = normaliser([one.lexical for one in candidates if one.lexical is not None])
    cosine = normaliser([one.cosine for one in candidates if one.cosine is not None])
    fused = {one.key: one.score for one in candidates}
    looked_at = candidates[:RERANKED]
    named = _named(question, looked_at)
    return [
        {
            "lexical": lexical(one.lexical),
            "cosine": cosine(one.cosine),
            "beside": _beside(one, fused),
            "named": named.get(one.title, _UNASKED),
            **_said(question, one),
            **_best_sentence(question, one),
        }
        for one in looked_at
    ]


def _named(question: QuestionTerms, candidates: Sequence[ScoredChunk]) -> dict[str, float]:
    """By title: how much it says that it is the one meant, in a question about reports or the newest of them."""
    named = _named_in_words(question, candidates) if means_a_report(question.question) else {}
    if asks_for_the_newest(question.question):
        newest = newest_of_series({one.title for one in candidates})
        named |= {title: named.get(title, 1.0) if is_newest else 0.0 for title, is_newest in newest.items()}
    return named


def _named_in_words(question: QuestionTerms, candidates: Sequence[ScoredChunk]) -> dict[str, float]:
    """By title: how much it has of what tells titles apart."""
    known = {one.title: title_terms(one) for one in candidates}
    titles = set(known.values())
    telling = {
        term: math.log(len(titles) / sum(term in title for title in titles))
        for term in dict.fromkeys(terms(title_query(question.question).text))
        if any(term in title for title in titles)
    }
    total = sum(telling.values())
    if not total:
        return {}
    return {title: sum(telling[term] for term in telling if term in said) / total for title, said in known.items()}


def _said(question: QuestionTerms, candidate: ScoredChunk) -> dict[str, float]:
    """How much of the question the passage covers, how closely together, and how many of its numbers."""
    present = all_terms(candidate, question.language)
    numbers = [term for term in question.weights if term[0].isdigit()]
    in_order = [term for _, said in said_sentences(candidate, question.language) for term in said]
    return {
        "coverage": question.share(present),
        "closeness": question.closeness(in_order),
        "numbers": sum(one in present for one in numbers) / len(numbers) if numbers else _UNASKED,
    }


def _best_sentence(question: QuestionTerms, candidate: ScoredChunk) -> dict[str, float]:
    """How much of the question one sentence, and two in a row, cover; whether the best one shows what is expected."""
    best, pair, expected = 0.0, 0.0, 0.0
    before: frozenset[str] = frozenset()
    text = visible_text(candidate.chunk)
    for span, in_order in said_sentences(candidate, question.language):
        said = frozenset(in_order)
        covered = question.share(said)
        if covered > best:
            best = covered
            expected = float(any(one.search(text, span.start, span.end) for one in question.expected))
        pair = max(pair, question.share(said | before))
        before = said
    return {"sentence": best, "two_sentences": pair, "expected": expected if question.expected else _UNASKED}


def _beside(passage: ScoredChunk, fused: Mapping[tuple[str, int, int], float]) -> float:
    """The score of the better neighbour: what surrounds the answer is about the question too."""
    document, generation, ordinal = passage.key
    return max(fused.get((document, generation, place), 0.0) for place in (ordinal - 1, ordinal + 1))
