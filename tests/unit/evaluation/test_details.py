from __future__ import annotations

from evaluation.details import details
from evaluation.gold import Gold
from tests.unit.evaluation.outcomes import asked, outcome
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
