"""Text extraction in the shipped state machine: rounds, runs that go on, notifications, deaths."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Callable

import pytest

from docqa.models.document import DocumentStatus
from docqa.models.work import OcrFeatures
from docqa.services.ingestion.extraction_results import PAGES_PER_OBJECT
from tests.fakes.pdfs import joined, scanned_pdf, text_pdf
from tests.integration.statemachine.conftest import MakeStack
from tests.integration.statemachine.machine import FunctionKilledError
from tests.integration.statemachine.stack import IngestionStack

KEY = "acme/scans/report.pdf"
MIXED = joined(text_pdf(["The glider touched down short of the airfield. " * 10]), scanned_pdf(["a scan", "a table"]))
TEXTS: list[str | None] = ["Words that only the picture holds.", "Item Price Tea 2.20"]


def chunks(stack: IngestionStack, page: int) -> list[str]:
    return [one.chunk.text for one in stack.index.written.values() if one.chunk.page == page]


def test_a_scan_waits_for_text_extraction(make_stack: MakeStack) -> None:
    """Promise 22: the notification wakes the execution; a second one changes nothing."""
    stack = make_stack(TEXTS)
    document_id = stack.put(KEY, MIXED)
    (arn,) = stack.dispatch()
    wait_for(lambda: bool(stack.extractor.started))

    stack.extraction_ended()
    stack.extraction_ended()
    execution = stack.machine.wait(arn)

    assert execution.status == "SUCCEEDED"
    pages = stack.generation(document_id, 1).pages
    assert (pages.text_layer, pages.ocr) == (1, 2)
    assert chunks(stack, 2) == ["Words that only the picture holds."]
    assert list(stack.extractor.asked.values()) == [OcrFeatures.TEXT]


def test_pages_that_show_a_table_go_through_a_second_round(make_stack: MakeStack) -> None:
    stack = make_stack(TEXTS, with_tables=frozenset({3}))
    document_id = stack.put(KEY, MIXED)
    (arn,) = stack.dispatch()

    execution = stack.extracting(arn)

    assert execution.states[-1] == "Indexed"
    assert Counter(execution.states)["ExtractText"] == 2
    assert list(stack.extractor.asked.values()) == [OcrFeatures.TEXT, OcrFeatures.TABLES]
    assert chunks(stack, 2) == ["Words that only the picture holds."]
    assert chunks(stack, 3) == [stack.extractor.analysed]
    usage = stack.generation(document_id, 1).usage
    assert (usage["textract_pages"], usage["textract_table_pages"]) == (2, 1)


def test_a_run_that_nears_its_end_lets_the_machine_come_back(
    make_stack: MakeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 24: any number of pages, in a bounded number of events, however little each run achieves."""
    monkeypatch.setattr("docqa.bootstrap.ingestion.FETCHING_SECONDS", 0.0)
    pages = 4 * PAGES_PER_OBJECT
    stack = make_stack([f"Page {number} of the scan." for number in range(1, pages + 1)])
    document_id = stack.put(KEY, scanned_pdf(["x"] * pages))
    (arn,) = stack.dispatch()

    execution = stack.extracting(arn)

    assert execution.states[-1] == "Indexed"
    assert stack.generation(document_id, 1).pages.ocr == pages
    assert stack.extractor.read == pages
    runs = Counter(execution.states)["CollectPages"]
    assert runs == 4 + 2, "one for each object, one that finds all there, one that puts the pages together"
    events_of_a_run = 7
    assert len(execution.events) < 250
    assert len(execution.events) + events_of_a_run * 3_000 / PAGES_PER_OBJECT < 5_000


@pytest.mark.parametrize("state", ["FAILED", "ERROR"])
def test_a_job_that_fails_is_started_anew(make_stack: MakeStack, state: str) -> None:
    """Promise 22: FAILED costs nothing, and is often gone at the second try."""
    stack = make_stack(TEXTS)
    document_id = stack.put(KEY, MIXED)
    (arn,) = stack.dispatch()

    execution = stack.extracting(arn, ["FAILED" if state == "FAILED" else state])

    assert execution.states[-1] == "Indexed"
    assert len(stack.extractor.started) == 2
    assert stack.document(document_id).status is DocumentStatus.INDEXED


def test_a_scan_that_cannot_be_read_fails_with_words_for_its_owner(make_stack: MakeStack) -> None:
    """Promises 19, 22: three jobs that failed end in a stated failure."""
    stack = make_stack(TEXTS)
    document_id = stack.put(KEY, scanned_pdf(["a scan", "another"]))
    (arn,) = stack.dispatch()

    execution = stack.extracting(arn, ["FAILED"] * 3)

    assert (execution.status, execution.error) == ("FAILED", "ExtractionFailedError")
    failure = stack.document(document_id).failure
    assert failure is not None
    assert "clearer or a smaller scan" in failure.message
    assert len(stack.extractor.started) == 3


def test_a_lost_notification_is_asked_after(make_stack: MakeStack) -> None:
    """Promise 22: never told, the task's next try asks; the job is the same one."""
    stack = make_stack(TEXTS, patience=1)
    document_id = stack.put(KEY, MIXED)
    (arn,) = stack.dispatch()

    execution = stack.extracting(arn, told=False)

    assert execution.states[-1] == "Indexed"
    assert len(stack.extractor.started) == 1
    assert stack.document(document_id).status is DocumentStatus.INDEXED


def test_a_job_that_takes_many_times_the_tasks_patience_is_waited_for(make_stack: MakeStack) -> None:
    """Promises 22, 23: each time it is asked after, and it is paid for once."""
    stack = make_stack(TEXTS, patience=1)
    document_id = stack.put(KEY, MIXED)
    (arn,) = stack.dispatch()
    wait_for(lambda: stack.functions.called("start_text_extraction") > 4)

    stack.extraction_ended()
    execution = stack.machine.wait(arn)

    assert execution.states[-1] == "Indexed"
    assert len(stack.extractor.started) == 1
    assert stack.document(document_id).status is DocumentStatus.INDEXED


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_step_of_extraction_is_started_again(make_stack: MakeStack, moment: str) -> None:
    """Promises 17, 23: each run of each step dies once, the document ends indexed once and is paid for once."""
    steps = ("prepare_extraction", "start_text_extraction", "collect_pages")
    stack = make_stack(TEXTS, with_tables=frozenset({3}))
    getattr(stack.functions, moment).update({step: every_other_time() for step in steps})
    document_id = stack.put(KEY, MIXED)
    (arn,) = stack.dispatch()

    execution = stack.extracting(arn)

    assert execution.states[-1] == "Indexed"
    assert [stack.functions.called(step) for step in steps] == [4, 4, 4]
    assert stack.indexed(document_id) == {1: stack.generation(document_id, 1).chunks}
    assert len(stack.extractor.started) == 2
    usage = stack.generation(document_id, 1).usage
    assert (usage["textract_pages"], usage["textract_table_pages"]) == (2, 1)


def every_other_time() -> Callable[[], None]:
    """Kills the function at its first call, its third, and so on."""
    calls = itertools.count()

    def fault() -> None:
        if next(calls) % 2 == 0:
            raise FunctionKilledError

    return fault


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Until something happens in the execution's thread."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.02)
