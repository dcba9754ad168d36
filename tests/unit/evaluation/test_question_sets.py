"""Question sets that people wrote by hand: what is wrong with one is said with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.errors import ExitCode
from evaluation.question_sets import AskedQuestion, Evidence, QuestionSet, UnreadableSetError
from tests.unit.cli.conftest import Docqa, docqa, service

__all__ = ["docqa", "service"]

GOOD = {"question": "How long is the runway?", "answers": ["640 metres"], "evidence": [{"document": "runway.md"}]}


def written(folder: Path, *lines: Any) -> QuestionSet:
    (folder / "documents").mkdir(exist_ok=True)
    (folder / "documents" / "runway.md").write_text("The runway is 640 metres long.")
    said = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / "questions.jsonl").write_text("\n".join(said))
    return QuestionSet("mine", folder)


def test_a_line_may_leave_out_what_it_does_not_know(tmp_path: Path) -> None:
    found = written(tmp_path, GOOD, "", {"question": "Who?", "answerable": False, "id": 7, "kind": "hard"}).questions()

    assert found == [
        AskedQuestion("How long is the runway?", ("640 metres",), (Evidence("runway.md"),), answerable=True, id="1"),
        AskedQuestion("Who?", (), (), answerable=False, id="7"),
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"question": "Who?"', "line 2"),
        ("[1]", "line 2"),
        ({"answers": ["Oslo"]}, "line 2.*question is missing"),
        ({"question": "Where?", "answers": "Oslo"}, "line 2.*answers must be a valid array"),
        ({"question": "Where?", "answerable": "no"}, "line 2.*answerable must be a valid boolean"),
        ({"question": "Where?", "evidence": [{"page": 1}]}, r"line 2.*evidence\.0\.document is missing"),
        ({"question": "Where?", "evidence": [{"document": "a.md", "page": 0}]}, r"line 2.*evidence\.0\.page"),
        ({"question": "Where?", "id": "1"}, "line 2.*id 1 of a line before it"),
    ],
)
def test_a_line_that_is_no_question_is_named(tmp_path: Path, line: Any, says: str) -> None:
    with pytest.raises(UnreadableSetError, match=says):
        written(tmp_path, GOOD, line).questions()


def test_a_set_without_a_question_is_none(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSetError, match="no question"):
        written(tmp_path, "").questions()


def test_documents_that_are_not_there_are_told_where_they_should_hold_an_answer(tmp_path: Path) -> None:
    away = {"question": "Where?", "evidence": [{"document": "b.md"}, {"document": "a.md"}]}
    unanswerable = {"question": "Who?", "evidence": [{"document": "c.md"}], "answerable": False}
    found = written(tmp_path, GOOD, away, unanswerable)

    assert found.missing_documents(found.questions()) == ["a.md", "b.md"]


@pytest.mark.parametrize(
    ("lines", "says"), [(["[1]"], "line 1 of"), ([{"question": "Where?", "answers": "Oslo"}], "answers")]
)
def test_the_command_says_so_before_it_ingests_anything(
    docqa: Docqa, tmp_path: Path, lines: list[Any], says: str
) -> None:
    written(tmp_path, *lines)

    told = docqa("eval", tmp_path, "--out", tmp_path / "out")

    assert told.exit_code == ExitCode.USAGE
    assert says in told.stderr
    assert not (tmp_path / "out").exists()


def test_the_command_says_what_a_folder_lacks(docqa: Docqa, tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()

    told = docqa("eval", tmp_path, "--out", tmp_path / "out")

    assert told.exit_code == ExitCode.USAGE
    assert "it has no questions.jsonl." in " ".join(told.stderr.split())
