from __future__ import annotations

import numpy as np
import pytest

from docqa.domain.confidence import evidence_features, load_calibration
from docqa.domain.evidence import find_evidence
from docqa.domain.question_terms import QuestionTerms
from docqa.models.chunk import Chunk, ScoredChunk
from evaluation.calibration import Measured, calibrate, expected_calibration_error
from evaluation.logistic import fit, out_of_fold
from evaluation.measured_questions import belongs
from evaluation.question_sets import AskedQuestion, Evidence, holds_answer


def test_a_regression_finds_what_made_the_data() -> None:
    random = np.random.default_rng(7)
    features = random.normal(size=(4000, 2))
    answerable = (random.random(4000) < 1 / (1 + np.exp(-(0.5 + 2.0 * features[:, 0])))).astype(float)

    fitted = fit(features, answerable, np.ones(4000), penalty=1.0)

    assert fitted.intercept == pytest.approx(0.5, abs=0.15)
    assert fitted.coefficients == pytest.approx([2.0, 0.0], abs=0.2)


def test_out_of_fold_nothing_is_known_of_the_held_rows() -> None:
    features = np.arange(20, dtype=float)[:, None]
    answerable = (features[:, 0] >= 10).astype(float)

    logits = out_of_fold(features, answerable, np.ones(20), 1.0, np.arange(20) % 5)

    assert ((logits >= 0) == (answerable == 1)).mean() >= 0.9


def test_the_calibration_uses_no_feature_that_is_not_computed() -> None:
    passage = ScoredChunk(Chunk(0, 1, 0, 6, "Grass."), "d", 1, "Handbook", 1.0, 0.5, 1.0)
    asked = QuestionTerms("Is it grass?", [passage])
    features = evidence_features(asked, [passage], find_evidence(asked, [passage]))

    for model, dimensions in (("cohere.embed-english-v3", 384), ("another", 1024)):
        calibration = load_calibration(model, dimensions)
        assert set(calibration.weights) <= set(features)
        assert 0 <= calibration.confidence(features) <= 1


def test_reports_of_a_series_are_taken_away_together() -> None:
    """Another quarter's report of the same company may answer as well."""
    asked = AskedQuestion("How much?", (), (Evidence("2023 Q1 AAPL.pdf"),), answerable=True)

    paths = ["2023 Q1 AAPL.pdf", "2022 Q3 AAPL.pdf", "2023 Q1 AMD.pdf", "AAPL.md"]

    assert [path for path in paths if belongs(path, asked)] == paths[:2]


def test_an_answer_is_held_word_for_word() -> None:
    asked = AskedQuestion("How long?", ("640 metres",), (), answerable=True)

    assert holds_answer(asked, ["It is 640 Metres, at least"])
    assert not holds_answer(asked, ["It is 1640 metres"])


def test_a_calibration_means_what_it_says_and_keeps_the_tolerated_abstentions() -> None:
    random = np.random.default_rng(3)
    measured = []
    for number in range(1200):
        shown = random.normal()
        answerable = bool(random.random() < 1 / (1 + np.exp(-(2.5 + 2.5 * shown))))
        measured.append(Measured("squad", f"question {number}", answerable, False, {"shown": shown}))
    measured += [Measured("squad", f"question {number}", False, True, {"shown": 0.0}) for number in range(20)]

    fitted = calibrate(measured, ["shown"])

    rates = fitted["out_of_fold"]["squad"]
    assert fitted["weights"]["shown"] == pytest.approx(2.5, abs=0.5)
    assert 0.04 <= rates["false_abstentions"] <= 0.05
    assert rates["calibration_error"] <= 0.06
    assert rates["questions"] == 1200
    assert rates["false_answers_of_the_hard_kind"] in (0.0, 1.0)


def test_confidence_that_is_the_share_of_right_ones_has_no_calibration_error() -> None:
    chances = np.repeat([0.2, 0.8], 50)
    answerable = np.concatenate([np.arange(50) < 10, np.arange(50) < 40]).astype(float)
    order = np.random.default_rng(1).permutation(100)

    assert expected_calibration_error(chances[order], 1 - answerable[order]) == pytest.approx(0.6, abs=0.1)
