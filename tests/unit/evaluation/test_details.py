from __future__ import annotations

from pathlib import Path

from evaluation.details import details
from evaluation.gold import Gold
from evaluation.report.plots import draw
from tests.unit.evaluation.outcomes import asked, gold, outcome
from tests.unit.evaluation.test_report import NoPages


def test_questions_that_need_one_document_are_told_from_those_that_need_several():
    found = ("a.pdf", "b.pdf", "c.pdf")
    outcomes = [
        outcome(question=asked(id="1"), gold=(Gold("b.pdf"),), documents=found),
        outcome(question=asked(id="2"), gold=(Gold("d.pdf"),), documents=found),
        outcome(question=asked(id="3"), gold=(Gold("a.pdf"), Gold("c.pdf")), documents=found),
        outcome(question=asked(id="4"), gold=(Gold("a.pdf"), Gold("d.pdf")), documents=found),
    ]

    beside = details(outcomes, NoPages(), {})["beside"]

    assert beside["all_documents_among_the_first_five_of_single_document_questions"] == {"share": 0.5, "questions": 2}
    assert beside["all_documents_among_the_first_five_of_multi_document_questions"] == {"share": 0.5, "questions": 2}


def test_what_a_deployed_stack_does_not_show_is_no_figure_and_no_plot(tmp_path: Path) -> None:
    seen = [outcome(question=asked(answers=("640 metres",), id=name), gold=(gold(0, 9),)) for name in ("a", "b")]
    unseen = [one.model_copy(update={"ranked": False, "passages": (), "evidence": ()}) for one in seen]

    in_process, deployed = (details(outcomes, NoPages(), {}) for outcomes in (seen, unseen))

    assert in_process["beside"]["containment_whatever_the_confidence"] is not None
    assert deployed["beside"]["containment_whatever_the_confidence"] is None
    assert tmp_path / "ranking.svg" in draw(in_process, tmp_path)
    assert tmp_path / "ranking.svg" not in draw(deployed, tmp_path)
