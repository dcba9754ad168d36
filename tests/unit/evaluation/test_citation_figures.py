"""Precision and recall of citations, by hand."""

from __future__ import annotations

import pytest

from evaluation.gold import Gold
from evaluation.metrics.citations import citation_measures, claims, holds_gold, numbers_on_page, supports
from tests.unit.evaluation.outcomes import asked, gold, outcome, quote, span


def test_sentences_are_told_apart_by_their_numbers():
    assert claims("It is grass. [1] It has 640 metres. [2][3] So.") == [
        ("It is grass.", [1]),
        ("It has 640 metres.", [2, 3]),
    ]


def test_a_quote_supports_a_sentence_with_the_same_numbers_and_most_of_its_words():
    source = quote("Runway 07/25 is grass and 640 metres long.")

    assert supports("The grass runway is 640 metres long.", [source])
    assert not supports("The grass runway is 650 metres long.", [source])
    assert not supports("The club house was painted in spring.", [source])


def test_precision_counts_what_is_verbatim_and_supports_its_sentence():
    found = outcome(
        question=asked(answerable=False),
        text="The runway is grass. [1] The tower is staffed. [2]",
        citations=(
            quote("The runway is grass.", span(0, 20), 1),
            quote("The tower is staffed.", None, 2),  # not on its page
        ),
    )

    assert citation_measures(found) == {"precision": 0.5}


def test_a_number_that_no_citation_bears_costs_precision():
    found = outcome(text="The runway is grass. [1][2]", citations=(quote("The runway is grass.", span(0, 20)),))

    assert citation_measures(found)["precision"] == 0.5


def test_recall_asks_whether_a_quote_is_taken_from_the_gold():
    def recall(**named: object) -> float:
        return citation_measures(outcome(text="x [1]", **named))["recall"]

    answer = gold(0, 100, answers=(span(40, 50),))
    assert recall(gold=(answer,), citations=(quote("q", span(30, 60)),)) == 1.0
    assert recall(gold=(answer,), citations=(quote("q", span(60, 90)),)) == 0.0
    assert recall(gold=(answer,), citations=(quote("q", span(30, 60)),), status="abstained") == 0.0


@pytest.mark.parametrize(("start", "held"), [(50, True), (51, False)])
def test_without_an_answer_half_of_the_quote_must_lie_in_the_excerpt(start: int, held: bool):
    assert holds_gold(quote("q" * 100, span(start, start + 100)), gold(0, 100)) is held


def test_where_only_a_page_or_a_document_is_known_that_is_enough():
    cited = quote("q", span(0, 1, "a.pdf", 7))

    assert holds_gold(cited, Gold("a.pdf", 7))
    assert holds_gold(cited, Gold("a.pdf"))
    assert not holds_gold(cited, Gold("a.pdf", 8))
    assert not holds_gold(cited, Gold("b.pdf"))


def test_numbers_of_an_answer_are_looked_for_on_the_cited_pages():
    class Pages:
        def pages(self, path: str) -> dict[int, str]:
            return {1: "Sales were 94,836 and 81,797."} if path == "a.txt" else {}

    found = outcome(text="Sales were 94,836, then 12. [1]", citations=(quote("Sales", span(0, 5)),))

    assert numbers_on_page(found, Pages()) == (1, 2)
