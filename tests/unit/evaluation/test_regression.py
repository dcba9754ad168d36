from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation.outcomes import Outcome
from evaluation.question_sets import QuestionSet
from evaluation.regression import BASELINE, HEADLINES, SET, against, worsened, write_baseline
from tests.unit.evaluation.outcomes import asked, gold, outcome, passage, quote, span


def run(missed: int, questions: int = 40) -> list[Outcome]:
    """Outcomes of which the first `missed` have the right passage nowhere; every fourth question is unanswerable."""
    return [
        outcome(question=asked(answerable=False, id=f"{at}"), status="abstained", evidence=())
        if at % 4 == 3
        else outcome(
            question=asked(answers=("640 m",), id=f"{at}"),
            gold=(gold(0, 100),),
            pages=(("a.txt", 1),),
            documents=("a.txt",),
            passages=(passage(span(900, 999) if at < missed else span(0, 100)),),
            text="It is 640 m long. [1]",
            citations=(quote("It is 640 m long.", span(0, 17)),),
        )
        for at in range(questions)
    ]


@pytest.fixture
def baseline(tmp_path: Path) -> dict[str, object]:
    file = tmp_path / "baseline.json"
    write_baseline(run(0), file)
    found: dict[str, object] = json.loads(file.read_text())
    return found


def test_the_same_figures_pass(baseline: dict[str, object]):
    assert worsened(against(baseline, run(0))) == []


def test_one_question_more_or_less_is_noise(baseline: dict[str, object]):
    assert worsened(against(baseline, run(1))) == []


def test_losing_a_quarter_of_the_passages_fails(baseline: dict[str, object]):
    assert set(worsened(against(baseline, run(10)))) == {
        "passage.hit@1",
        "passage.hit@5",
        "passage.mrr@10",
        "excerpts.recall",
    }


def test_a_baseline_of_other_questions_is_refused(baseline: dict[str, object]):
    with pytest.raises(ValueError, match="other questions"):
        against(baseline, run(0, questions=44))


def test_the_committed_baseline_is_of_the_committed_questions():
    known = json.loads(BASELINE.read_text())
    ids = {one.id: one.answerable for one in QuestionSet("check", SET).questions()}

    assert set(HEADLINES) <= set(known)
    assert set(known["abstention.false_abstention_rate"]) == {name for name, answerable in ids.items() if answerable}
    assert set(known["abstention.false_answer_rate"]) == {name for name, answerable in ids.items() if not answerable}


def test_every_gold_document_of_the_committed_set_is_there():
    questions = QuestionSet("check", SET).questions()

    assert all((SET / "documents" / one.document).is_file() for q in questions for one in q.evidence)
