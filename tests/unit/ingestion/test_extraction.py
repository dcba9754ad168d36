"""Text extraction: one job for equal work, every waiter woken, whatever the notifications do; rounds and parts."""

from io import BytesIO

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.domain import spans
from docqa.domain.artifacts import GenerationArtifacts
from docqa.errors import ExtractionFailedError, NotYetVisibleError
from docqa.models.document import DocumentReference, DocumentStatus
from docqa.models.work import CollectionWork, ExtractionPlan, ExtractionWork, NextStep, OcrFeatures, PageWork
from docqa.services.ingestion.extraction_results import PAGES_PER_OBJECT, ExtractionResults
from docqa.services.ingestion.storage import load_pages
from tests.fakes.drawn_pdfs import drawn_pdf, pictured, scan_of, shown
from tests.fakes.pdfs import joined, scanned_pdf, text_pdf
from tests.unit.ingestion import pipeline as pipeline_module
from tests.unit.ingestion.pipeline import Pipeline

SCAN = scanned_pdf(["one", "two", "three"])
# Three objects of results, of which the last one is not full.
LONG_PAGES = 2 * PAGES_PER_OBJECT + 2
LONG_SCAN = scanned_pdf(["x"] * LONG_PAGES)


def waiting(
    pipeline: Pipeline, key: str = "acme/a.pdf", token: str = "token", file: bytes = SCAN
) -> tuple[DocumentReference, ExtractionPlan]:
    """A document whose execution waits for its extraction."""
    reference = pipeline.drop(key, file)
    plan = prepared(pipeline, reference)
    pipeline.start.run(ExtractionWork(reference=reference, plan=plan, task_token=token))
    return reference, plan


def prepared(pipeline: Pipeline, reference: DocumentReference) -> ExtractionPlan:
    inspection = pipeline.inspect.run(reference)
    for span in inspection.spans:
        pipeline.read.run(PageWork(reference=reference, span=span, media_type=inspection.media_type))
    return pipeline.prepare.run(reference)


def collect(pipeline: Pipeline, reference: DocumentReference, plan: ExtractionPlan) -> NextStep:
    return pipeline.collect.run(CollectionWork(reference=reference, plan=plan)).next


def only_job(pipeline: Pipeline) -> tuple[str, str]:
    """Tag and service's id of the newest job."""
    token = list(pipeline.extractor.started)[-1]
    return token, f"job-of-{token}"


def test_a_repeated_start_pays_for_one_job_and_wakes_every_waiter() -> None:
    """Promise 23: a start retried pays for one job."""
    pipeline = Pipeline(extracted=["a", "b", "c"])
    reference, plan = waiting(pipeline, token="first")
    pipeline.start.run(ExtractionWork(reference=reference, plan=plan, task_token="second"))

    tag, external_id = only_job(pipeline)
    pipeline.extractor.end(external_id)
    pipeline.resume.run(tag, external_id, "SUCCEEDED")

    assert len(pipeline.extractor.started) == 1
    assert sorted(pipeline.workflow.succeeded) == ["first", "second"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["SUCCEEDED", "FAILED", "ERROR", "PARTIAL_SUCCESS"]), min_size=1, max_size=5))
def test_the_first_notification_decides_and_repeats_change_nothing(states: list[str]) -> None:
    """Promise 22: notifications twice, out of order: one outcome."""
    pipeline = Pipeline(extracted=["a", "b", "c"])
    waiting(pipeline)
    tag, external_id = only_job(pipeline)

    for state in states:
        assert pipeline.resume.run(tag, external_id, state)

    assert set(pipeline.workflow.succeeded) == {"token"}
    (job,) = pipeline.jobs.jobs.values()
    assert (job.status == "SUCCEEDED") == (states[0] in ("SUCCEEDED", "PARTIAL_SUCCESS"))


def test_a_notification_that_never_came_is_asked_after() -> None:
    """Promise 22: without a notification the task's next try finds the finished job."""
    pipeline = Pipeline(extracted=["a", "b", "c"])
    reference, plan = waiting(pipeline, token="waited in vain")
    pipeline.extractor.end(only_job(pipeline)[1])

    pipeline.start.run(ExtractionWork(reference=reference, plan=plan, task_token="next try"))

    assert pipeline.workflow.succeeded == ["next try"]
    assert len(pipeline.extractor.started) == 1


def test_who_joins_a_finished_job_is_woken_at_once() -> None:
    pipeline = Pipeline(extracted=["a", "b", "c"])
    reference, plan = waiting(pipeline, token="first")
    tag, external_id = only_job(pipeline)
    pipeline.extractor.end(external_id)
    pipeline.resume.run(tag, external_id, "SUCCEEDED")

    pipeline.start.run(ExtractionWork(reference=reference, plan=plan, task_token="late"))

    assert pipeline.workflow.succeeded == ["first", "late"]


def test_notifications_of_other_jobs_are_left_alone() -> None:
    pipeline = Pipeline()

    assert not pipeline.resume.run("somebody-elses", "x", "SUCCEEDED")
    assert not pipeline.resume.run("", "x", "SUCCEEDED")
    assert not pipeline.resume.run("unknown-1", "x", "SUCCEEDED")


def test_a_failed_job_is_started_anew_and_its_late_words_change_nothing() -> None:
    """Promise 22: a job that fails costs nothing; the next round is another one."""
    pipeline = Pipeline(extracted=["a", "b", "c"])
    reference, plan = waiting(pipeline)
    tag, external_id = only_job(pipeline)
    pipeline.resume.run(tag, external_id, "FAILED")
    assert collect(pipeline, reference, plan) is NextStep.EXTRACT
    assert pipeline.prepare.run(reference) == plan

    pipeline.start.run(ExtractionWork(reference=reference, plan=plan, task_token="again"))

    assert len(pipeline.extractor.started) == 2
    assert pipeline.workflow.succeeded == ["token"]
    assert not pipeline.resume.run(tag, external_id, "SUCCEEDED"), "a late word of the first round"


def test_a_job_that_keeps_failing_is_given_up_and_the_rest_of_the_document_can_be_asked() -> None:
    """Promise 22: FAILED for good leaves those pages unreadable, not the document."""
    pipeline = Pipeline(extracted=["never"] * 3)
    reference = pipeline.drop("acme/a.pdf", joined(text_pdf(["Born digital. " * 20]), SCAN))

    pipeline.run(reference, ends="FAILED")

    assert len(pipeline.extractor.started) == 3
    assert pipeline.generation(reference).pages.unreadable == ((2, 4),)
    assert pipeline.document(reference).status is DocumentStatus.PARTIALLY_INDEXED
    assert any(
        warning.startswith("Pages 2-4: could not be read") for warning in pipeline.generation(reference).warnings
    )
    assert "textract_pages" not in pipeline.generation(reference).usage


def test_the_next_version_of_equal_bytes_tries_again_what_was_given_up() -> None:
    pipeline = Pipeline(extracted=["a", "b", "c"])
    with pytest.raises(ExtractionFailedError, match="clearer or a smaller scan"):
        pipeline.run(pipeline.drop("acme/a.pdf", SCAN), ends="FAILED")

    again = pipeline.drop("acme/b.pdf", SCAN)
    pipeline.run(again)

    assert pipeline.document(again).status is DocumentStatus.INDEXED
    assert len(pipeline.extractor.started) == 4


def test_a_document_that_the_service_refuses_ends_with_its_words() -> None:
    """Promise 19: refused three times at the start, which costs nothing."""
    pipeline = Pipeline(extracted=["a", "b", "c"])
    pipeline.extractor.refusal = ExtractionFailedError("Text extraction cannot open the pages.")

    with pytest.raises(ExtractionFailedError, match="cannot open the pages"):
        pipeline.run(pipeline.drop("acme/a.pdf", SCAN))

    assert not pipeline.extractor.started


def test_pages_that_did_not_come_back_are_stated_as_unreadable() -> None:
    """Promises 19, 22: a partial success says which pages are missing; the others can be asked."""
    pipeline = Pipeline(extracted=["first", None, "third"])
    reference = pipeline.drop("acme/a.pdf", joined(text_pdf(["Born digital. " * 20]), SCAN))

    pipeline.run(reference, ends="PARTIAL_SUCCESS")

    assert pipeline.generation(reference).pages.unreadable == ((3, 3),)
    assert pipeline.document(reference).status is DocumentStatus.PARTIALLY_INDEXED


def test_pages_on_which_nothing_was_recognised_are_told_and_not_called_empty() -> None:
    """Promise 19: 198 of 311 pages in a script that the service does not read must not end as a success."""
    pipeline = Pipeline(extracted=["first", "", "", "fourth"])
    reference = pipeline.drop("acme/a.pdf", scanned_pdf(["one", "два " * 40, "три " * 40, "four"]))

    pipeline.run(reference)

    generation = pipeline.generation(reference)
    assert (generation.pages.ocr, generation.pages.empty) == (2, 0)
    assert generation.pages.unrecognised == ((2, 3),)
    assert [warning.partition(":")[0] for warning in generation.warnings] == ["Pages 2-3"]
    assert pipeline.document(reference).status is DocumentStatus.PARTIALLY_INDEXED
    assert pipeline.bus.published[-1].unrecognised_pages == [(2, 3)]


def test_a_document_on_which_nothing_was_recognised_fails_and_says_so() -> None:
    """Promise 19: the sentence is not that its pages are empty."""
    pipeline = Pipeline(extracted=["", ""])

    with pytest.raises(ExtractionFailedError, match="they show something"):
        pipeline.run(pipeline.drop("acme/a.pdf", scanned_pdf(["два " * 40, "три " * 40])))


def test_the_blank_back_of_a_sheet_is_empty_and_no_warning() -> None:
    pipeline = Pipeline(extracted=["front", ""])
    reference = pipeline.drop("acme/a.pdf", scanned_pdf(["A letter of several words", "."]))

    pipeline.run(reference)

    assert pipeline.generation(reference).pages.empty == 1
    assert pipeline.generation(reference).warnings == ()
    assert pipeline.document(reference).status is DocumentStatus.INDEXED


@pytest.mark.parametrize("extracted", ["", None])
def test_a_caption_that_has_text_does_not_hide_that_its_picture_was_not_read(extracted: str | None) -> None:
    """Promise 19: the caption can be found, the scan below it cannot, and the status says that."""
    scan = scan_of(["The committee met on Tuesday and agreed that the harbour wall", "has to be repaired."] * 6)
    pipeline = Pipeline(extracted=[extracted])
    reference = pipeline.drop("acme/a.pdf", drawn_pdf([pictured() + shown("Table 3", 50, 400)], scan.pixels))

    pipeline.run(reference)

    assert pipeline.generation(reference).pages.unrecognised == ((1, 1),)
    assert pipeline.document(reference).status is DocumentStatus.PARTIALLY_INDEXED


def test_a_result_that_is_no_longer_kept_is_extracted_again() -> None:
    """Promise 22: results expire after some days."""
    pipeline = Pipeline(extracted=["a", "b", "c"])
    reference, plan = waiting(pipeline)
    tag, external_id = only_job(pipeline)
    pipeline.resume.run(tag, external_id, "SUCCEEDED")
    pipeline.extractor.end(external_id, "FAILED")

    assert collect(pipeline, reference, plan) is NextStep.EXTRACT

    (job,) = pipeline.jobs.jobs.values()
    assert job.status == "FAILED"
    pipeline.run(reference)
    assert pipeline.document(reference).status is DocumentStatus.INDEXED


def test_collecting_too_early_is_tried_again_later() -> None:
    """Promise 22: the notification was ahead of the service's own answer."""
    pipeline = Pipeline(extracted=["a", "b", "c"])
    reference, plan = waiting(pipeline)
    tag, external_id = only_job(pipeline)
    pipeline.resume.run(tag, external_id, "SUCCEEDED")

    with pytest.raises(NotYetVisibleError):
        collect(pipeline, reference, plan)

    assert not ExtractionResults(pipeline.work, plan.artifact).is_done(plan.features, plan.part)


def test_a_job_that_another_execution_began_anew_is_waited_for() -> None:
    pipeline = Pipeline(extracted=["a", "b", "c"])
    reference, plan = waiting(pipeline)

    assert collect(pipeline, reference, plan) is NextStep.EXTRACT


def test_a_scan_on_which_nothing_was_read_fails_with_words_for_its_owner() -> None:
    """Promise 19: an image-only file without any readable page ends in a stated failure."""
    pipeline = Pipeline(extracted=[None, None, None])
    reference = pipeline.drop("acme/a.pdf", SCAN)

    with pytest.raises(ExtractionFailedError, match="clearer scan"):
        pipeline.run(reference)

    assert pipeline.generation(reference).pages.unreadable == ((1, 3),)


# --- rounds


@pytest.mark.parametrize(
    ("features", "asked"),
    [
        (OcrFeatures.TEXT, [OcrFeatures.TEXT]),
        (OcrFeatures.TABLES, [OcrFeatures.TEXT, OcrFeatures.TABLES]),
        (OcrFeatures.ALL, [OcrFeatures.ALL]),
    ],
)
def test_what_is_paid_is_what_the_stack_asks_for(features: OcrFeatures, asked: list[OcrFeatures]) -> None:
    pipeline = Pipeline(extracted=["a", "b", "c"], features=features, with_tables=frozenset({2}))
    reference = pipeline.drop("acme/a.pdf", SCAN)

    pipeline.run(reference)

    usage = pipeline.generation(reference).usage
    counted = {name: usage.get(f"textract_{name}_pages", 0) for name in ("table", "form", "layout")}
    counted["text"] = usage.get("textract_pages", 0)
    assert list(pipeline.extractor.asked.values()) == asked
    assert (
        counted
        == {
            OcrFeatures.TEXT: {"text": 3, "table": 0, "form": 0, "layout": 0},
            OcrFeatures.TABLES: {"text": 3, "table": 1, "form": 0, "layout": 1},
            OcrFeatures.ALL: {"text": 0, "table": 3, "form": 3, "layout": 3},
        }[features]
    )
    prices = {"text": 0.0015, "table": 0.015, "form": 0.05, "layout": 0.004}
    assert usage["usd"] == pytest.approx(sum(prices[name] * count for name, count in counted.items()))


def test_only_pages_on_which_a_table_was_seen_are_looked_at_again() -> None:
    pipeline = Pipeline(extracted=["one", "two", "three"], with_tables=frozenset({3}))
    reference = pipeline.drop("acme/a.pdf", joined(text_pdf(["Born digital. " * 20]), SCAN))

    pipeline.through_pages(reference)

    pages = list(load_pages(pipeline.work, GenerationArtifacts(reference).pages))
    assert [page.text for page in pages[1:]] == ["one", pipeline.extractor.analysed, "three"]
    sent = pypdf.PdfReader(BytesIO(pipeline.work.read(list(pipeline.extractor.started.values())[1])))
    assert len(sent.pages) == 1


def test_a_failed_analysis_leaves_the_lines_and_says_so() -> None:
    pipeline = Pipeline(extracted=["one", "two", "three"], with_tables=frozenset({2, 3}))
    pipeline.extractor.analysed = None
    reference = pipeline.drop("acme/a.pdf", SCAN)

    pipeline.run(reference)

    assert pipeline.document(reference).status is DocumentStatus.INDEXED
    assert pipeline.generation(reference).warnings == (
        "Pages 2-3: tables read as plain lines, because their analysis failed.",
    )


# --- parts and runs


def test_a_large_file_is_sent_in_parts_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 24: what is taken out of a file at once is bounded."""
    pipeline = Pipeline(extracted=["one", "two", "three"])
    file = joined(text_pdf(["Born digital. " * 20]), SCAN)
    monkeypatch.setattr(spans, "PART_BYTES", len(file) // 2)
    reference = pipeline.drop("acme/a.pdf", file)

    pipeline.run(reference)

    assert len(pipeline.extractor.started) == 2
    assert pipeline.generation(reference).usage["textract_pages"] == 3
    pages = list(load_pages(pipeline.work, GenerationArtifacts(reference).pages))
    assert [page.text for page in pages[1:]] == ["one", "two", "three"]


def test_a_run_whose_time_is_over_is_gone_on_with_where_it_stopped() -> None:
    """Promises 17, 24: no run has to save everything, and nothing is read twice."""
    pipeline = Pipeline(extracted=[f"page {number}" for number in range(1, LONG_PAGES + 1)])
    reference, plan = waiting(pipeline, file=LONG_SCAN)
    tag, external_id = only_job(pipeline)
    pipeline.extractor.end(external_id)
    pipeline.resume.run(tag, external_id, "SUCCEEDED")
    pipeline.clock.step = pipeline_module.FETCHING_SECONDS

    steps = [collect(pipeline, reference, plan)]
    while steps[-1] is NextStep.COLLECT:
        steps.append(collect(pipeline, reference, plan))

    assert steps == [NextStep.COLLECT] * 3 + [NextStep.EXTRACT]
    assert pipeline.extractor.read == LONG_PAGES
    assert pipeline.prepare.run(reference).ready


@pytest.mark.parametrize("turns", ["bbbb", "abab", "aabb"])
def test_two_executions_that_save_one_result_at_the_same_time_save_the_same(turns: str) -> None:
    """Promise 13: equal files may be collected side by side, in any order of their steps."""
    pipeline, plan, references = two_that_wait_for_one_job()

    for turn in turns:
        collect(pipeline, references[turn], plan)
    for reference in references.values():
        while collect(pipeline, reference, plan) is NextStep.COLLECT:
            pass

    texts = [page.text for page in ExtractionResults(pipeline.work, plan.artifact).pages(plan.features, 1, LONG_PAGES)]
    assert texts == [f"page {number}" for number in range(1, LONG_PAGES + 1)]
    paid = {name: pipeline.generation(one).usage.get("textract_pages", 0) for name, one in references.items()}
    assert paid == {"a": LONG_PAGES, "b": 0}


def two_that_wait_for_one_job() -> tuple[Pipeline, ExtractionPlan, dict[str, DocumentReference]]:
    """Two documents of the same bytes; their job has ended, and each run saves one object of its result."""
    pipeline = Pipeline(extracted=[f"page {number}" for number in range(1, LONG_PAGES + 1)])
    one, plan = waiting(pipeline, file=LONG_SCAN)
    other, _ = waiting(pipeline, "acme/b.pdf", "other", file=LONG_SCAN)
    tag, external_id = only_job(pipeline)
    pipeline.extractor.end(external_id)
    pipeline.resume.run(tag, external_id, "SUCCEEDED")
    pipeline.clock.step = pipeline_module.FETCHING_SECONDS
    return pipeline, plan, {"a": one, "b": other}
