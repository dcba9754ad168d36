"""Text extraction: one job for equal work, every waiter woken, whatever the notifications do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.errors import ExtractionFailedError, NotYetVisibleError
from docqa.models.document import DocumentReference, DocumentStatus
from docqa.models.work import CollectionWork, ExtractionPlan, ExtractionWork, PageWork
from tests.fakes.pdfs import joined, scanned_pdf, text_pdf
from tests.unit.ingestion.pipeline import Pipeline

SCAN = scanned_pdf(["one", "two", "three"])


def waiting(
    pipeline: Pipeline, key: str = "acme/a.pdf", token: str = "token"
) -> tuple[DocumentReference, ExtractionPlan]:
    """A document whose execution waits for its extraction."""
    reference = pipeline.drop(key, SCAN)
    plan = prepared(pipeline, reference)
    pipeline.start.run(ExtractionWork(reference=reference, plan=plan, task_token=token))
    return reference, plan


def prepared(pipeline: Pipeline, reference: DocumentReference) -> ExtractionPlan:
    inspection = pipeline.inspect.run(reference)
    for span in inspection.spans:
        pipeline.read.run(PageWork(reference=reference, span=span, media_type=inspection.media_type))
    return pipeline.prepare.run(reference)


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

    woken = set(pipeline.workflow.succeeded) | {token for token, _ in pipeline.workflow.failed}
    assert woken == {"token"}
    assert bool(pipeline.workflow.succeeded) != bool(pipeline.workflow.failed)
    assert bool(pipeline.workflow.succeeded) == (states[0] in ("SUCCEEDED", "PARTIAL_SUCCESS"))


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


def test_a_failed_job_fails_its_waiters_and_the_next_attempt_starts_a_new_one() -> None:
    pipeline = Pipeline(extracted=["a", "b", "c"])
    reference, plan = waiting(pipeline)
    tag, external_id = only_job(pipeline)
    pipeline.resume.run(tag, external_id, "FAILED")
    assert pipeline.workflow.failed == [("token", ExtractionFailedError.__name__)]

    pipeline.start.run(ExtractionWork(reference=reference, plan=plan, task_token="again"))

    assert len(pipeline.extractor.started) == 2
    assert pipeline.workflow.failed == [("token", ExtractionFailedError.__name__)]
    assert not pipeline.resume.run(tag, external_id, "SUCCEEDED"), "a late word of the first round"


def test_pages_that_did_not_come_back_are_stated_as_unreadable() -> None:
    """Promises 19, 22: a partial success says which pages are missing; the others can be asked."""
    pipeline = Pipeline(extracted=["first", None, "third"])
    reference = pipeline.drop("acme/a.pdf", joined(text_pdf(["Born digital. " * 20]), SCAN))

    pipeline.run(reference, ends="PARTIAL_SUCCESS")

    assert pipeline.generation(reference).pages.unreadable == ((3, 3),)
    assert pipeline.document(reference).status is DocumentStatus.PARTIALLY_INDEXED


def test_a_result_that_cannot_be_had_fails_the_document_and_frees_the_job() -> None:
    pipeline = Pipeline(extracted=["a", "b", "c"])
    reference, plan = waiting(pipeline)
    pipeline.extractor.end(only_job(pipeline)[1], "FAILED")

    with pytest.raises(ExtractionFailedError):
        pipeline.collect.run(CollectionWork(reference=reference, plan=plan))

    (job,) = pipeline.jobs.jobs.values()
    assert job.status == "FAILED"


def test_collecting_too_early_is_tried_again_later() -> None:
    pipeline = Pipeline(extracted=["a", "b", "c"])
    reference, plan = waiting(pipeline)

    with pytest.raises(NotYetVisibleError):
        pipeline.collect.run(CollectionWork(reference=reference, plan=plan))

    assert not pipeline.work.exists(f"{plan.artifact}pages.jsonl")


def test_a_scan_on_which_nothing_was_read_fails_with_words_for_its_owner() -> None:
    """Promise 19: an image-only file without any readable page ends in a stated failure."""
    pipeline = Pipeline(extracted=[None, None, None])
    reference = pipeline.drop("acme/a.pdf", SCAN)

    with pytest.raises(ExtractionFailedError, match="clearer scan"):
        pipeline.run(reference)

    assert pipeline.generation(reference).pages.unreadable == ((1, 3),)
