"""Promise 50: what a document or a question says is shown and never obeyed."""

from __future__ import annotations

from pathlib import Path

from evaluation.asking import sample
from evaluation.details import details
from evaluation.outcomes import read_outcomes, write_outcomes
from evaluation.report.misses import misses
from evaluation.report.page import write_page
from evaluation.report.plots import draw
from tests.unit.evaluation.outcomes import asked, gold, outcome, passage, quote, span

SCRIPT = "<script>alert('x')</script>"
SETTINGS = {"set": SCRIPT, "mode": "quoted", "date": "2026-11-28", "threshold_in_use": 0.5}


class NoPages:
    def pages(self, path: str) -> dict[int, str]:
        return {}


def hostile(name: str, **named: object) -> object:
    return outcome(
        question=asked(SCRIPT, (SCRIPT,), id=name),
        gold=(gold(900, 950),),
        passages=(passage(span(0, 100, SCRIPT), SCRIPT),),
        citations=(quote(SCRIPT),),
        text=f"{SCRIPT} [1]",
        reason=SCRIPT,
        **named,
    )


def test_every_miss_is_on_the_page_and_nothing_of_it_runs(tmp_path: Path):
    outcomes = [hostile("a"), hostile("<b>"), outcome(question=asked(answerable=False, id="c"), status="abstained")]
    found = details(outcomes, NoPages(), SETTINGS)

    page = write_page(tmp_path, outcomes, found, draw(found, tmp_path)).read_text()

    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 10
    assert "2 of 3 questions with something amiss" in page
    assert 'id="q-a"' in page
    assert (tmp_path / "threshold.svg").is_file()


def test_a_miss_says_why():
    reasons = misses(hostile("a"))

    assert reasons["passage"] == "not among the first ten"
    assert set(reasons) >= {"precision", "recall", "document", "page"}


def test_a_run_can_be_read_again(tmp_path: Path):
    outcomes = [hostile("a", milliseconds={"search": 1.0})]

    write_outcomes(tmp_path, outcomes)

    assert read_outcomes(tmp_path) == outcomes


def test_a_limit_takes_the_same_questions_every_time_in_their_order():
    questions = [asked(id=str(n)) for n in range(100)]

    chosen = sample(questions, 10)

    assert chosen == sample(questions, 10)
    assert [int(one.id) for one in chosen] == sorted(int(one.id) for one in chosen)
    assert len(sample(questions, None)) == 100
