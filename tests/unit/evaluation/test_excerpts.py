from __future__ import annotations

import pytest

from evaluation.gold import Gold
from evaluation.metrics.excerpts import excerpt_measures, union
from tests.unit.evaluation.outcomes import gold, outcome, passage, span


def test_characters_are_counted_once_however_many_passages_hold_them():
    # gold: 0-100; retrieved: 50-150 and 80-200, together 50-200
    found = outcome(gold=(gold(0, 100),), passages=(passage(span(50, 150)), passage(span(80, 200))))

    assert excerpt_measures(found) == {
        "recall": pytest.approx(50 / 100),
        "precision": pytest.approx(50 / 150),
        "iou": pytest.approx(50 / 200),
    }


def test_only_the_best_five_passages_count():
    far = tuple(passage(span(1000 * n, 1000 * n + 10)) for n in range(1, 6))
    found = outcome(gold=(gold(0, 10),), passages=(*far, passage(span(0, 10))))

    assert excerpt_measures(found)["recall"] == 0.0


def test_an_excerpt_that_reading_lost_counts_as_not_retrieved():
    found = outcome(gold=(gold(0, 60), Gold("a.txt", None, None, (), 40)), passages=(passage(span(0, 60)),))

    assert excerpt_measures(found)["recall"] == pytest.approx(0.6)


def test_a_set_without_excerpts_has_no_such_figures():
    assert excerpt_measures(outcome(gold=(Gold("a.pdf", 3),))) == {}


def test_spans_of_different_pages_stay_apart():
    assert union([span(0, 5), span(3, 9), span(0, 5, page=2)]) == [span(0, 9), span(0, 5, page=2)]
