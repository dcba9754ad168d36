"""Candidates put in order by what they say."""

import pytest

from docqa.domain.fusion import fuse
from docqa.domain.question_terms import QuestionTerms
from docqa.domain.reranking import RERANKED, WEIGHTS, ranking_features, rerank
from docqa.models.chunk import Chunk, ScoredChunk

QUESTION = "How long is the grass runway at Kestrel Hill?"


def found(ordinal: int, text: str, lexical: float | None, cosine: float | None, title: str = "") -> ScoredChunk:
    return ScoredChunk(Chunk(ordinal, 1, 0, len(text), text), "d", 1, title, lexical, cosine)


def ranked(candidates: list[ScoredChunk]) -> list[ScoredChunk]:
    fused = fuse(candidates)
    return rerank(QuestionTerms(QUESTION, fused), fused)


def test_a_passage_that_says_it_in_one_sentence_comes_before_one_that_scatters_the_words() -> None:
    scattered = "Kestrel is a bird. The hill is green. Grass grows. A runway is planned. It takes long."
    together = "The grass runway at Kestrel Hill is 640 metres long."
    candidates = [found(0, scattered, 9.0, 0.70), found(5, together, 8.9, 0.69), found(9, "Nothing.", 1.0, 0.1)]

    assert ranked(candidates)[0].chunk.text == together


def test_the_report_that_the_question_names_comes_first_among_equals() -> None:
    text = "The gross margin was 40 percent."
    candidates = fuse(
        [found(0, text, 5.0, 0.6, "Nevis 10-Q Q2 2023"), found(3, text, 5.0, 0.6, "Kestrel 10-Q Q3 2023")]
    )

    def first(question: str) -> str:
        return rerank(QuestionTerms(question, candidates), candidates)[0].title

    assert first("What was Kestrel's gross margin in its latest 10-Q?") == "Kestrel 10-Q Q3 2023"
    assert first("What was the gross margin in the second quarter of 2023?") == "Nevis 10-Q Q2 2023"


def test_a_passage_beside_another_good_one_gains() -> None:
    question = QuestionTerms(QUESTION, [])
    good, next_to_it, alone = found(4, "Grass.", 9.0, 0.8), found(5, "Long.", 1.0, 0.2), found(9, "Long.", 1.0, 0.2)

    features = {one.key[2]: f for one, f in _features(question, [good, next_to_it, alone])}

    assert features[5]["beside"] > features[9]["beside"]


def test_scores_stay_between_0_and_1_and_nothing_is_lost() -> None:
    candidates = [found(n, QUESTION if n % 7 == 0 else "Something else.", float(n), n / 100) for n in range(60)]

    order = ranked(candidates)

    assert sum(WEIGHTS.values()) == pytest.approx(1.0)
    assert sorted(one.key for one in order) == sorted(one.key for one in candidates)
    assert all(0 <= one.score <= 1 for one in order)
    assert [one.score for one in order] == sorted((one.score for one in order), reverse=True)
    assert len(order) > RERANKED


def test_nothing_found_is_nothing_ranked() -> None:
    assert rerank(QuestionTerms(QUESTION, []), []) == []


def _features(question: QuestionTerms, found: list[ScoredChunk]) -> list[tuple[ScoredChunk, dict[str, float]]]:
    fused = fuse(found)
    return list(zip(fused, ranking_features(question, fused), strict=True))
