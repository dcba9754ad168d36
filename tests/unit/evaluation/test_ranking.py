from __future__ import annotations

import math

import pytest

from evaluation.asking import _cut
from evaluation.gold import Gold
from evaluation.metrics.ranking import document_ranks, page_ranks, passage_ranks, rank_measures
from tests.unit.evaluation.outcomes import gold, outcome, passage, span


def test_one_thing_at_rank_two():
    measures = rank_measures([2])

    assert measures == {
        "hit@1": 0.0,
        "hit@3": 1.0,
        "hit@5": 1.0,
        "hit@10": 1.0,
        "mrr@10": 0.5,
        "ndcg@10": pytest.approx(1 / math.log2(3)),
    }


def test_two_things_of_which_one_is_not_found():
    measures = rank_measures([4, None])

    assert (measures["hit@3"], measures["hit@5"], measures["mrr@10"]) == (0.0, 1.0, 0.25)
    # The gain is that of rank 4; the best order would have had ranks 1 and 2.
    assert measures["ndcg@10"] == pytest.approx((1 / math.log2(5)) / (1 + 1 / math.log2(3)))


def test_what_stands_behind_rank_ten_counts_as_not_found():
    assert set(rank_measures([11]).values()) == {0.0}


def test_a_passage_that_holds_half_of_an_excerpt_without_an_answer_is_a_hit_and_less_is_none():
    excerpt = gold(100, 200)

    assert excerpt.is_held_by(span(150, 400))
    assert not excerpt.is_held_by(span(151, 400))


def test_a_passage_must_hold_the_whole_span_of_the_answer():
    excerpt = gold(100, 200, answers=(span(150, 160),))

    assert excerpt.is_held_by(span(150, 160))
    assert not excerpt.is_held_by(span(100, 159))


def test_excerpts_in_one_passage_are_one_thing_to_be_found():
    found = outcome(gold=(gold(0, 10), gold(20, 30), gold(500, 600)), passages=(passage(span(0, 100)),))

    assert passage_ranks(found) == [1, None]


def test_an_excerpt_that_reading_lost_is_a_miss():
    found = outcome(gold=(Gold("a.txt", None, None, (), 40),), passages=(passage(span(0, 100)),))

    assert passage_ranks(found) == [None]


def test_a_set_that_knows_only_documents_says_nothing_of_pages_and_passages():
    found = outcome(gold=(Gold("b.pdf"),), documents=("a.pdf", "b.pdf"), pages=(("a.pdf", 1), ("b.pdf", 7)))

    assert (passage_ranks(found), page_ranks(found), document_ranks(found)) == (None, None, [2])


def test_pages_and_documents_are_ranked_among_distinct_ones():
    found = outcome(gold=(Gold("a.pdf", 7),), documents=("b.pdf", "a.pdf"), pages=(("b.pdf", 1), ("a.pdf", 7)))

    assert (page_ranks(found), document_ranks(found)) == ([2], [2])


def test_of_a_passage_longer_than_what_is_cited_only_the_beginning_counts():
    assert _cut(span(100, 5000)) == span(100, 1300)
    assert _cut(span(100, 500)) == span(100, 500)
