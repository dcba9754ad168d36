"""What the benchmark counts on the definition is what an execution writes into its history."""

from __future__ import annotations

import pytest

from benchmarks.ingest import history
from tests.fakes.pdfs import text_pdf
from tests.integration.statemachine.stack import IngestionStack


@pytest.mark.parametrize("pages", [1, 250], ids=["one span", "three spans of pages"])
def test_the_history_has_as_many_events_as_were_counted(stack: IngestionStack, pages: int) -> None:
    """Promise 24: the count is right, so that it may speak for 3,000 pages."""
    document_id = stack.put(
        "acme/counted.pdf", text_pdf([f"Page {number} tells of a landing." for number in range(pages)])
    )

    (execution,) = stack.run()

    chunks = stack.generation(document_id, 1).chunks
    counted = history.of_document(pages, chunks)
    assert counted.events == len(execution.events)
    assert counted.transitions == sum("stateEnteredEventDetails" in event for event in execution.events)


def test_a_second_extraction_job_is_one_more_round_of_its_states() -> None:
    """Promise 24: prepare, decide, extract, collect, decide."""
    one, two, three = (history.of_document(10, 20, jobs=jobs) for jobs in (1, 2, 3))

    assert two.transitions - one.transitions == three.transitions - two.transitions == 5
    assert history.of_document(10, 20).transitions < one.transitions


def test_three_thousand_pages_stay_far_below_the_limit() -> None:
    """Promise 24: under 5,000 of the 25,000 events that an execution may have."""
    assert history.of_document(pages=3_000, chunks=12_000).events < 5_000
