from __future__ import annotations

import numpy as np
import pytest

from evaluation.comparison import compare
from evaluation.metrics.abstention import abstention_measures, curve
from evaluation.metrics.calibration import expected_calibration_error, pairs
from evaluation.metrics.intervals import mean_interval, paired
from evaluation.metrics.summary import GROUPS, metrics
from evaluation.outcomes import Outcome
from tests.unit.evaluation.outcomes import asked, gold, outcome, passage, span


def test_both_kinds_of_error():
    unanswerable = asked(answerable=False)

    assert abstention_measures(outcome(question=unanswerable)) == {"false_answer_rate": 1.0}
    assert abstention_measures(outcome(question=unanswerable, status="abstained")) == {"false_answer_rate": 0.0}
    assert abstention_measures(outcome(status="abstained")) == {"false_abstention_rate": 1.0}


def test_a_question_that_failed_counts_against_either_rate():
    failed = {"status": "", "error": "ThrottledError: busy"}

    assert abstention_measures(outcome(question=asked(answerable=False), **failed)) == {"false_answer_rate": 1.0}
    assert abstention_measures(outcome(**failed)) == {"false_abstention_rate": 1.0}


def test_the_curve_says_what_each_threshold_would_do():
    outcomes = [
        outcome(confidence=0.3),
        outcome(confidence=0.8, hard_confidence=0.6),
        outcome(confidence=0.6, question=asked(answerable=False)),
    ]

    found = curve(outcomes, points=3)

    assert found.thresholds == [0.0, 0.5, 1.0]
    assert found.false_abstentions == [0.0, 0.5, 1.0]
    assert found.false_answers == [1.0, 1.0, 0.0]
    assert found.hard_false_answers == [1.0, 1.0, 0.0]


def test_nothing_to_quote_is_no_answer_at_any_threshold():
    assert curve([outcome(confidence=0.0, evidence=())], points=2).false_abstentions == [1.0, 1.0]


def test_calibration_error_by_hand():
    # Twenty questions in ten bins of two: five bins at 0.9 of which half are answerable, five at 0.2 of which none is.
    sure = [outcome(confidence=0.9, question=asked(answerable=n % 2 == 0)) for n in range(10)]
    unsure = [outcome(confidence=0.2, question=asked(answerable=False)) for _ in range(10)]

    error = expected_calibration_error(pairs([*sure, *unsure]))

    assert error == pytest.approx((10 * 0.4 + 10 * 0.2) / 20)


def test_one_kind_of_questions_alone_says_nothing_of_calibration():
    assert expected_calibration_error(pairs([outcome(), outcome()])) is None


def test_an_interval_is_the_same_every_time_and_holds_the_mean():
    values = [float(n % 4 == 0) for n in range(100)]

    first, second = mean_interval(values), mean_interval(values)

    assert first is not None
    assert first == second
    # 0.25 with 100 questions: the standard error is 0.043, so some 0.085 to each side.
    assert (first.low, first.high) == (pytest.approx(0.165, abs=0.02), pytest.approx(0.335, abs=0.02))


def test_a_difference_inside_the_noise_is_inconclusive():
    random = np.random.default_rng(1)
    old = {str(n): float(random.random() < 0.5) for n in range(200)}
    new = {**old, "0": 1.0 - old["0"]}

    found = paired(old, new, less_is_better=False)

    assert found is not None
    assert found.verdict == "inconclusive"


def test_no_difference_at_all_is_told_from_one_inside_the_noise():
    values = {str(n): float(n % 3 == 0) for n in range(50)}

    same, other = (paired(values, new, less_is_better=False) for new in (values, {**values, "0": 0.0}))

    assert same is not None
    assert other is not None
    assert (same.verdict, other.verdict) == ("same", "inconclusive")


@pytest.mark.parametrize(("less_is_better", "verdict"), [(False, "worse"), (True, "better")])
def test_a_clear_difference_is_called_by_its_direction(less_is_better: bool, verdict: str):
    old = {str(n): 1.0 for n in range(50)}
    new = {str(n): float(n >= 20) for n in range(50)}

    found = paired(old, new, less_is_better=less_is_better)

    assert found is not None
    assert (found.old, found.new, found.verdict) == (1.0, pytest.approx(0.6), verdict)


def test_only_questions_of_both_runs_are_compared():
    old = [_ranked(str(n), 0) for n in range(30)]
    new = [_ranked(str(n), 300) for n in range(10, 50)]

    comparison = compare(old, new)

    assert comparison.questions == comparison.differences["passage.hit@1"].questions == 20
    assert "passage.hit@1" in comparison.worse


def test_another_question_under_the_same_id_is_another_question():
    old = [_ranked(str(n), 0) for n in range(30)]
    new = [one.model_copy(update={"question": asked("How wide?", id=one.question.id)}) for one in old[:20]]

    comparison = compare(old, [*new, *old[20:]])

    assert comparison.questions == comparison.differences["passage.hit@1"].questions == 10


def test_the_file_has_the_promised_keys_and_failures_are_never_left_out():
    good = _ranked("good", 0)
    failed = good.model_copy(
        update={"question": asked(id="bad"), "error": "ThrottledError: busy", "passages": (), "status": ""}
    )

    found = metrics([good, failed], {"documents": 1}, {"b.pdf": "EncryptedDocumentError: a password is needed"})

    assert set(found) == {*GROUPS, "calibration", "latency_ms", "cost_usd", "counts", "failures"}
    assert set(found["passage"]) == {"hit@1", "hit@3", "hit@5", "hit@10", "mrr@10", "ndcg@10"}
    assert found["passage"]["hit@1"] == 0.5
    assert found["abstention"] == {"false_answer_rate": None, "false_abstention_rate": 0.5}
    assert found["counts"]["questions"] == 2
    assert found["failures"]["questions"] == {"bad": "ThrottledError: busy"}
    assert found["latency_ms"] == {"search": {"p50": 10.0, "p95": 10.0}}


def _ranked(name: str, start: int) -> Outcome:
    where = passage(span(start, start + 100))
    return outcome(question=asked(id=name), gold=(gold(0, 100),), passages=(where,), milliseconds={"search": 10.0})
