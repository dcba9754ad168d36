from __future__ import annotations

import json
from typing import Any

import pytest

from docqa import errors
from docqa.domain.failure_words import failure_of
from docqa.domain.retries import ATTEMPTS_MAX, delay_before
from docqa.models.document import DocumentReference, GenerationStatus, Stage
from docqa.models.events import DocumentFailed
from docqa.models.notices import FailureReport
from tests.fakes.lifecycle import Lifecycle

KEY = "acme/a.pdf"
SENTENCE = "The document opens only with a password: upload it without one."


def lambda_cause(name: str, message: str) -> str:
    return json.dumps({"errorMessage": message, "errorType": name, "requestId": "r", "stackTrace": []})


def step(reference: DocumentReference, error: str, cause: str) -> FailureReport:
    event = {"reference": reference.model_dump(), "error": {"Error": error, "Cause": cause}}
    return FailureReport.model_validate(event)


def ended(reference: DocumentReference, status: str, **detail: Any) -> FailureReport:
    told = {"name": "n", "status": status, "input": json.dumps({"reference": reference.model_dump()}), **detail}
    return FailureReport.model_validate({"detail-type": "Step Functions Execution Status Change", "detail": told})


@pytest.fixture
def life() -> Lifecycle:
    return Lifecycle()


@pytest.fixture
def reference(life: Lifecycle) -> DocumentReference:
    life.drop(KEY)
    reference = life.start(KEY)
    life.dispatch_queue.sent.clear()
    life.maintenance_queue.sent.clear()
    return reference


def test_the_owner_reads_what_is_wrong_with_the_document(life: Lifecycle, reference: DocumentReference) -> None:
    """Promise 19: every document ends in a stated status."""
    report = step(reference, "Runtime.HandlerError", lambda_cause("EncryptedDocumentError", SENTENCE))
    assert life.failures.report(report)
    failure = life.document(KEY).failure
    assert failure is not None
    assert (life.document(KEY).status, failure.code, failure.message) == ("FAILED", "EncryptedDocumentError", SENTENCE)
    assert life.bus.published == [
        DocumentFailed(
            tenant="acme",
            document_id=reference.document_id,
            generation=1,
            code="EncryptedDocumentError",
            live_generation=0,
        )
    ]
    assert life.registry.slots() == {reference.execution}, "the execution that tells of it has not ended"
    assert life.maintenance_queue.sent == [], "what still runs may still write"
    life.end(reference)
    assert life.maintenance_queue.sent == [{"document_id": reference.document_id}]


def test_the_execution_s_event_tells_nothing_new(life: Lifecycle, reference: DocumentReference) -> None:
    """Promise 13: the same event any number of times, one version."""
    life.failures.report(step(reference, "EncryptedDocumentError", lambda_cause("EncryptedDocumentError", SENTENCE)))
    before = life.document(KEY)
    assert not life.failures.report(ended(reference, "FAILED", error="DocumentFailed", cause=""))
    assert life.document(KEY) == before
    assert len(life.bus.published) == 1
    assert (life.registry.slots(), life.dispatch_queue.sent) == (frozenset(), [{}])


def test_a_report_that_died_half_way_is_finished_by_its_retry(life: Lifecycle, reference: DocumentReference) -> None:
    """Promise 17: a repetition after a crash ends in the same state."""
    report = step(reference, "EncryptedDocumentError", lambda_cause("EncryptedDocumentError", SENTENCE))
    failure = failure_of(report.error, report.cause)
    assert failure is not None
    life.registry.fail(reference, failure, 5.0)
    assert not life.failures.report(report)
    assert len(life.bus.published) == 1


def test_an_execution_that_an_operator_stopped_fails(life: Lifecycle, reference: DocumentReference) -> None:
    """Promise 20: nothing stays in limbo."""
    assert life.failures.report(ended(reference, "ABORTED", error=None, cause=None))
    failure = life.document(KEY).failure
    assert failure is not None
    assert "stopped by" in failure.message


def run_out_of_time(life: Lifecycle, *, pieces: int) -> bool:
    """One attempt that does so much new work and is then stopped after its six hours; whether that failed it."""
    reference = life.start(KEY)
    for piece in range(pieces):
        life.registry.add_usage(reference, f"embed:chunks:{reference.attempt}-{piece}", {}, {})
    failed = life.failures.report(ended(reference, "TIMED_OUT", error="States.Timeout", cause=None))
    life.clock.time += delay_before(1)
    return failed


def test_slow_services_fail_no_document_while_anything_is_done(life: Lifecycle) -> None:
    """Promises 20, 34a: at the sixth hour it waits and goes on where it was; nobody is told to split the document."""
    life.drop(KEY)

    for _ in range(6):
        assert not run_out_of_time(life, pieces=3)

    assert life.document(KEY).status == "RECEIVED"
    life.index(KEY)
    assert life.document(KEY).status == "INDEXED"


def test_a_document_that_gets_nowhere_in_its_time_fails_with_the_third_try(life: Lifecycle) -> None:
    """Promise 21: set aside after at most three tries in a row."""
    life.drop(KEY)

    assert not run_out_of_time(life, pieces=2)
    life.clock.time += delay_before(2)
    assert not run_out_of_time(life, pieces=0)
    life.clock.time += delay_before(2)
    assert run_out_of_time(life, pieces=0)

    failure = life.document(KEY).failure
    assert failure is not None
    assert failure.code == "ExecutionTimedOut"
    assert "services that docqa needs were slow" in failure.message


def test_attempts_end_however_little_each_of_them_does(life: Lifecycle) -> None:
    """Promise 20: no document is worked on for ever."""
    life.drop(KEY)

    assert [run_out_of_time(life, pieces=1) for _ in range(ATTEMPTS_MAX)] == [False] * (ATTEMPTS_MAX - 1) + [True]


def test_a_throttle_that_lets_some_work_through_begins_a_new_row_of_tries(life: Lifecycle) -> None:
    """Promise 34a: a tight quota is no reason to give a document up."""
    life.drop(KEY)
    for attempt in range(1, 9):
        reference = life.start(KEY)
        life.registry.add_usage(reference, f"embed:chunks:{attempt}", {}, {})
        assert not life.failures.report(step(reference, "ThrottledError", lambda_cause("ThrottledError", "too fast")))
        life.end(reference)
        life.clock.time += delay_before(1)

    assert life.document(KEY).status == "RECEIVED"


def test_an_extraction_that_never_answers_is_not_the_document_s_fault(life: Lifecycle) -> None:
    """Promise 22: hours without a word of the service; a step that hangs elsewhere is another matter."""
    life.drop(KEY)
    for attempt in (1, 2, 3):
        reference = life.start(KEY)
        life.registry.record_stage(reference, Stage.EXTRACTING)
        assert life.failures.report(step(reference, "States.Timeout", "")) == (attempt == 3)
        life.end(reference)
        life.clock.time += delay_before(attempt)
    failure = life.document(KEY).failure
    assert failure is not None
    assert "Text extraction did not answer" in failure.message

    life.drop("acme/b.pdf")
    assert life.failures.report(step(life.start("acme/b.pdf"), "States.Timeout", ""))


def test_void_work_fails_nothing(life: Lifecycle, reference: DocumentReference) -> None:
    """Promise 16: a deletion hides the document at once, then removes every trace."""
    stale = step(reference, "Runtime.HandlerError", lambda_cause("StaleVersionError", "void"))
    assert not life.failures.report(stale)
    assert life.registry.generations[reference.document_id, 1].status is GenerationStatus.PROCESSING
    assert life.bus.published == []


def test_a_failed_replacement_leaves_the_old_version_answering(life: Lifecycle) -> None:
    """Promise 15: an overwrite replaces the old version, and only when it is done."""
    life.drop(KEY)
    life.index(KEY)
    life.drop(KEY, b"newer")
    life.failures.report(step(life.start(KEY), "KeyError", lambda_cause("KeyError", "secret of the document")))
    document = life.document(KEY)
    assert (document.status, document.live_generation) == ("FAILED", 1)
    (event,) = life.bus.published
    assert isinstance(event, DocumentFailed)
    assert event.live_generation == 1


def test_words_of_unknown_errors_never_reach_the_owner() -> None:
    """Promise 42: an internal error may quote another document."""
    failure = failure_of("KeyError", lambda_cause("KeyError", "secret of the document"))
    assert failure is not None
    assert "secret" not in failure.message
    assert "KeyError" in failure.message


@pytest.mark.parametrize(
    ("error", "cause", "code", "words"),
    [
        ("ExtractionFailedError", "Textract gave up.", "ExtractionFailedError", "Textract gave up."),
        ("ThrottledError", lambda_cause("ThrottledError", "Textract"), "ThrottledError", "later"),
        ("Lambda.TooManyRequestsException", "Rate Exceeded.", "Lambda.TooManyRequestsException", "later"),
        ("Lambda.ServiceException", "", "Lambda.ServiceException", "later"),
        ("States.Timeout", "", "States.Timeout", "longer than it may"),
        ("States.DataLimitExceeded", "The state's data is too large", "States.DataLimitExceeded", "operator its id"),
        ("Sandbox.Timedout", lambda_cause("Sandbox.Timedout", "..."), "Sandbox.Timedout", "operator its id"),
        ("<script>", "", "UnknownError", "operator its id"),
        ("", "", "UnknownError", "operator its id"),
        ("X", "[1]", "X", "operator its id"),
        ("EmptyDocumentError", "", "EmptyDocumentError", "operator its id"),
    ],
)
def test_every_failure_says_what_to_do(error: str, cause: str, code: str, words: str) -> None:
    """Promise 19: every document ends in a stated status."""
    failure = failure_of(error, cause)
    assert failure is not None
    assert failure.code == code
    assert words in failure.message


def test_every_document_error_reaches_its_owner_verbatim() -> None:
    """Promise 19: every document ends in a stated status."""
    for kind in errors.DocumentError.__subclasses__():
        failure = failure_of(kind.__name__, lambda_cause(kind.__name__, "what to do"))
        assert failure is not None
        assert failure.message == "what to do"


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        ("ThrottledError", 5),
        ("ServiceUnavailableError", 3),
        ("Lambda.TooManyRequestsException", 5),
        ("Lambda.ServiceException", 3),
        ("Lambda.SdkClientException", 3),
    ],
)
def test_a_service_that_stays_busy_costs_tries_before_it_fails_the_document(
    life: Lifecycle, error: str, tries: int
) -> None:
    """Promises 20, 21: no spinning, no limbo; the version is set aside after a stated number of tries."""
    life.drop(KEY)
    for attempt in range(1, tries + 1):
        reference = life.start(KEY)
        assert reference.attempt == attempt
        cause = "Rate Exceeded." if error.startswith("Lambda.") else lambda_cause(error, "too much at once")
        report = step(reference, error, cause)
        failed = life.failures.report(report)
        assert failed == (attempt == tries)
        assert not life.failures.report(ended(reference, "FAILED", error="DocumentFailed", cause=""))
        assert life.registry.slots() == frozenset()
        if not failed:
            assert life.document(KEY).status == "RECEIVED"
            assert life.dispatcher.dispatch() == 0, "it waits for a while first"
            life.clock.time += delay_before(attempt)
    failure = life.document(KEY).failure
    assert failure is not None
    assert (failure.code, "Reprocess" in failure.message) == (error, True)
    assert [type(one).__name__ for one in life.bus.published] == ["DocumentFailed"]


def test_the_delay_grows_from_a_minute_to_an_hour() -> None:
    assert [delay_before(tries) for tries in (1, 2, 3, 4, 5)] == [60, 240, 960, 3600, 3600]


def test_a_repeated_report_of_an_attempt_that_waits_again_changes_nothing(
    life: Lifecycle, reference: DocumentReference
) -> None:
    """Promise 52: a report that comes again, however late, is no second try."""
    report = step(reference, "ThrottledError", lambda_cause("ThrottledError", "too fast"))
    life.failures.report(report)
    life.clock.time += delay_before(1)
    again = life.start(KEY)
    assert not life.failures.report(report)
    assert life.registry.generations[reference.document_id, 1].tries == 1
    assert life.registry.slots() == {reference.execution, again.execution}
