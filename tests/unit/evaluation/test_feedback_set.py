from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation.feedback_set import UnreadableFeedbackError, as_questions, read_feedback, write_questions
from evaluation.question_sets import Evidence, QuestionSet

# As they are exported: the newest first.
LINES = (
    {
        "answer_id": "a1",
        "question": "How long?",
        "verdict": "wrong",
        "expected": "640 m",
        "document_id": "d1",
        "page": 2,
    },
    {"answer_id": "a1", "question": "How long?", "verdict": "wrong", "expected": "600 m", "document_id": "d1"},
    {"answer_id": "a0", "question": "How long?", "verdict": "wrong", "expected": "500 m", "document_id": "d1"},
    {"answer_id": "a2", "question": "How wide?", "verdict": "wrong", "comment": "nonsense"},
    {"answer_id": "a3", "question": "Who?", "verdict": "right", "document_id": "d2"},
    {"answer_id": "a4", "question": "When?", "verdict": "right", "expected": "1936", "document_id": "unknown"},
)
PATHS = {"d1": "club/handbook.md", "d2": "visitors.html"}


def written(folder: Path, *lines: object) -> Path:
    file = folder / "feedback.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def test_feedback_becomes_a_question_set_of_the_common_format(tmp_path: Path):
    found = as_questions(read_feedback(written(tmp_path, *LINES)), PATHS.get)
    write_questions(tmp_path, found.questions)

    first, second, third = QuestionSet("feedback", tmp_path).questions()

    assert found.left_out == 1
    assert (first.id, first.answers, first.evidence) == ("a1", ("640 m",), (Evidence("club/handbook.md", page=2),))
    assert (second.answers, second.evidence) == ((), (Evidence("visitors.html"),))
    assert (third.answers, third.evidence, third.answerable) == (("1936",), (), True)


@pytest.mark.parametrize("verdict", ["wrong", "right"])
def test_what_the_documents_do_not_answer_becomes_a_question_to_abstain_from(tmp_path: Path, verdict: str):
    line = {"answer_id": "a5", "question": "What colour?", "verdict": verdict, "unanswerable": True}

    found = as_questions(read_feedback(written(tmp_path, LINES[0], line)), PATHS.get)
    write_questions(tmp_path, found.questions)

    answered, refused = QuestionSet("feedback", tmp_path).questions()
    assert found.left_out == 0
    assert answered.answerable
    assert (refused.id, refused.answerable, refused.answers, refused.evidence) == ("a5", False, (), ())


@pytest.mark.parametrize("right", [{"expected": "640 m"}, {"document_id": "d1"}])
def test_a_line_that_says_both_an_answer_and_that_there_is_none_is_no_feedback(tmp_path: Path, right: dict[str, str]):
    line = {"answer_id": "a5", "question": "How long?", "verdict": "wrong", "unanswerable": True}

    with pytest.raises(UnreadableFeedbackError, match=r"line 1 .* unanswerable goes with neither"):
        read_feedback(written(tmp_path, line | right))


def test_a_line_that_is_no_feedback_is_named(tmp_path: Path):
    file = written(tmp_path, LINES[0], {"question": "How long?"})

    with pytest.raises(UnreadableFeedbackError, match="line 2"):
        read_feedback(file)
