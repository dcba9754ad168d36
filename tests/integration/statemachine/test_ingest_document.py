"""The shipped state machine with the real functions: the ways through it, and its error names."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from docqa.errors import CircuitOpenError, ServiceUnavailableError, ThrottledError
from docqa.models.document import DocumentStatus, GenerationStatus
from tests.fakes.pdfs import encrypted, scanned_pdf, text_pdf
from tests.integration.statemachine.conftest import MakeStack
from tests.integration.statemachine.machine import STATE_LIMIT_BYTES, FunctionKilledError
from tests.integration.statemachine.stack import STEPS, IngestionStack

SENTENCE = "The glider touched down short of the airfield and its left wing met a fence post."
REPORT = text_pdf([f"{SENTENCE} Page {number}. " * 10 for number in range(1, 4)])
KEY = "acme/reports/glider.pdf"


def raising(*errors: Exception) -> Callable[[], None]:
    """A fault that happens with each call, one of these after the other, then no more."""
    left = iter(errors)

    def fault() -> None:
        if (error := next(left, None)) is not None:
            raise error

    return fault


def test_a_dropped_document_ends_indexed(stack: IngestionStack) -> None:
    # given, when
    document_id = stack.put(KEY, REPORT)
    (execution,) = stack.run()

    # then
    assert execution.status == "SUCCEEDED"
    assert execution.states[-1] == "Indexed"
    assert "ExtractText" not in execution.states
    document, generation = stack.document(document_id), stack.generation(document_id, 1)
    assert (document.status, document.live_generation) == (DocumentStatus.INDEXED, 1)
    assert generation.pages.text_layer == 3
    assert stack.indexed(document_id) == {1: generation.chunks}
    assert stack.registry.slots() == frozenset()


def test_the_state_stays_small_and_holds_no_text(stack: IngestionStack) -> None:
    """Promise 11: states carry references and counts."""
    stack.put(KEY, text_pdf([f"{SENTENCE} Page {number}. " * 10 for number in range(1, 302)]))
    (execution,) = stack.run()

    assert execution.status == "SUCCEEDED"
    history = json.dumps(execution.events, default=str)
    assert "glider touched" not in history
    assert execution.largest_state_bytes < STATE_LIMIT_BYTES / 50


# Steps that a short text does not come to: test_extraction.py, test_waiting_for_vectors.py.
ELSEWHERE = ("start_text_extraction", "request_vectors", "record_failure")
WAY = [step for step in STEPS if step not in ELSEWHERE]


def test_every_retryable_error_is_retried_by_its_name(stack: IngestionStack) -> None:
    """Promise 10: names are compared as they are, so that every kind of error has to be named, in every step."""
    kinds = [ThrottledError("too fast"), ServiceUnavailableError("away"), CircuitOpenError("left alone")]
    stack.functions.before |= {step: raising(*kinds, *kinds) for step in WAY}
    document_id = stack.put(KEY, REPORT)

    (execution,) = stack.run()

    assert execution.status == "SUCCEEDED"
    assert [step for step in WAY if stack.functions.called(step) <= 2 * len(kinds)] == []
    assert stack.document(document_id).status is DocumentStatus.INDEXED


def test_a_poison_document_takes_the_failure_path_at_once(stack: IngestionStack) -> None:
    """Promise 19: an encrypted file ends FAILED with words for its owner, after one try."""
    document_id = stack.put(KEY, encrypted(REPORT, "secret"))

    (execution,) = stack.run()

    assert (execution.status, execution.error) == ("FAILED", "EncryptedDocumentError")
    assert execution.states == ["GoesOn?", "InspectDocument", "RecordFailure", "Failed"]
    document = stack.document(document_id)
    assert document.status is DocumentStatus.FAILED
    assert document.failure is not None
    assert "password" in document.failure.message
    assert stack.registry.slots() == frozenset()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "EmptyDocumentError"),
        (text_pdf(["", ""]), "EmptyDocumentError"),
        (b"%PDF-1.7 and nothing more", "MalformedDocumentError"),
        (b"\x7fELF\x02\x01\x01" + b"\x00" * 64, "UnsupportedDocumentError"),
    ],
    ids=["no bytes", "empty pages", "damaged", "a program called .pdf"],
)
def test_a_file_that_cannot_be_read_fails_with_its_reason(stack: IngestionStack, body: bytes, code: str) -> None:
    """Promise 19: a stated status, never limbo."""
    document_id = stack.put(KEY, body)

    (execution,) = stack.run()

    failure = stack.document(document_id).failure
    assert failure is not None
    assert (execution.error, failure.code) == (code, code)


def test_equal_bytes_are_extracted_and_embedded_once(make_stack: MakeStack) -> None:
    """Promise 23: the same file under another key pays for nothing again."""
    stack = make_stack(extracted=["Words that only the picture holds."])
    scan = scanned_pdf(["a scan"])
    first = stack.put("acme/a/scan.pdf", scan)
    (arn,) = stack.dispatch()
    stack.extracting(arn)
    paid = len(stack.embeddings.embedded)

    second = stack.put("acme/b/scan.pdf", scan)
    stack.run()

    assert stack.document(second).status is DocumentStatus.INDEXED
    assert stack.indexed(first) == stack.indexed(second) == {1: 1}
    assert len(stack.extractor.started) == 1
    assert len(stack.embeddings.embedded) == paid


def test_a_newer_version_ends_the_older_run_quietly(stack: IngestionStack) -> None:
    """Promises 15, 27: the older run drops its work, the newer one answers alone."""
    document_id = stack.put(KEY, REPORT)
    second = text_pdf(["An entirely different and much shorter report about a balloon."])
    stack.functions.before["embed_chunks"] = once(lambda: stack.put(KEY, second))

    executions = stack.run()
    stack.keep_house()

    ends = sorted(execution.states[-1] for execution in executions)
    assert ends == ["Indexed", "Superseded"]
    assert all(execution.status == "SUCCEEDED" for execution in executions)
    document = stack.document(document_id)
    assert (document.status, document.live_generation) == (DocumentStatus.INDEXED, 2)
    assert stack.indexed(document_id) == {2: 1}


def test_a_replacement_leaves_no_old_chunk(stack: IngestionStack) -> None:
    """Promise 15: also when the new version has fewer chunks."""
    document_id = stack.put(KEY, REPORT)
    stack.run()
    assert stack.indexed(document_id)[1] > 1

    stack.put(KEY, text_pdf(["One short page about a balloon."]))
    stack.run()
    stack.keep_house()

    assert stack.indexed(document_id) == {2: 1}
    assert stack.generation(document_id, 1).status is GenerationStatus.REMOVED
    left = stack.s3.list_objects_v2(Bucket="work-bucket", Prefix=f"acme/documents/{document_id}/1/")
    assert left["KeyCount"] == 0


def test_a_failed_replacement_keeps_the_old_version_answering(stack: IngestionStack) -> None:
    document_id = stack.put(KEY, REPORT)
    stack.run()
    chunks = stack.indexed(document_id)

    stack.put(KEY, encrypted(REPORT, "secret"))
    stack.run()
    stack.keep_house()

    document = stack.document(document_id)
    assert (document.status, document.live_generation, document.latest_generation) == (DocumentStatus.FAILED, 1, 2)
    assert document.answers
    assert stack.indexed(document_id) == chunks


def test_a_delete_hides_at_once_and_removes_everything(stack: IngestionStack) -> None:
    """Promise 16: chunks, artefacts and all."""
    document_id = stack.put(KEY, REPORT)
    stack.run()

    stack.delete(KEY)
    assert not stack.document(document_id).answers
    stack.keep_house()

    assert stack.indexed(document_id) == {}
    assert stack.s3.list_objects_v2(Bucket="work-bucket")["KeyCount"] == 0


def test_late_results_of_a_deleted_document_are_dropped(stack: IngestionStack) -> None:
    """Promise 16: deleted in the middle of its ingestion, it leaves nothing behind."""
    document_id = stack.put(KEY, REPORT)
    stack.functions.before["index_chunks"] = once(lambda: stack.delete(KEY))

    (execution,) = stack.run()
    stack.keep_house()

    assert execution.states[-1] == "Superseded"
    assert stack.document(document_id).status is DocumentStatus.DELETED
    assert stack.indexed(document_id) == {}


def test_the_same_event_many_times_is_one_execution(stack: IngestionStack) -> None:
    """Promise 13: one execution, one set of chunks."""
    document_id = stack.put(KEY, REPORT)
    for _ in range(4):
        stack.notify(KEY)
    executions = stack.run()
    for _ in range(3):
        stack.notify(KEY)
    executions += [one for one in stack.run() if one not in executions]

    assert len({json.dumps(one.events, default=str) for one in executions}) == 1
    assert list(stack.indexed(document_id)) == [1]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_function_is_started_again(stack: IngestionStack, moment: str) -> None:
    """Promise 17: every step is killed, before its work or after it, and the document ends indexed exactly once."""
    getattr(stack.functions, moment).update({step: raising(FunctionKilledError()) for step in WAY})

    document_id = stack.put(KEY, REPORT)
    (execution,) = stack.run()

    assert [step for step in WAY if stack.functions.called(step) < 2] == []
    assert execution.states[-1] == "Indexed"
    assert stack.document(document_id).status is DocumentStatus.INDEXED
    assert stack.indexed(document_id) == {1: stack.generation(document_id, 1).chunks}


def test_a_killed_record_of_a_failure_is_made_again(stack: IngestionStack) -> None:
    """Promise 17: killed before it was written and after."""
    stack.functions.before["record_failure"] = raising(FunctionKilledError())
    stack.functions.after["record_failure"] = raising(FunctionKilledError())

    document_id = stack.put(KEY, encrypted(REPORT, "secret"))
    (execution,) = stack.run()

    assert execution.states[-1] == "Failed"
    assert stack.functions.called("record_failure") == 3
    assert stack.document(document_id).status is DocumentStatus.FAILED
    assert stack.registry.slots() == frozenset()


@pytest.mark.parametrize("step", ["inspect_document", "prepare_extraction", "collect_pages", "chunk_document"])
def test_an_aborted_execution_is_recorded_and_a_new_upload_goes_through(stack: IngestionStack, step: str) -> None:
    """Promises 4, 17: nothing in the machine catches an abort, so its event does; the next try ends indexed."""
    document_id = stack.put(KEY, REPORT)
    stack.functions.after[step] = once(lambda: stop_all(stack))
    (arn,) = stack.dispatch()
    assert stack.machine.wait(arn).status == "ABORTED"

    stack.ended(arn)
    assert stack.document(document_id).status is DocumentStatus.FAILED
    assert stack.registry.slots() == frozenset()

    stack.put(KEY, REPORT)
    stack.run()
    stack.keep_house()

    assert stack.document(document_id).status is DocumentStatus.INDEXED
    assert stack.indexed(document_id) == {2: stack.generation(document_id, 2).chunks}


def test_an_abort_after_the_switch_does_not_take_it_back(stack: IngestionStack) -> None:
    """Promise 17: what was published stays published, whatever becomes of the execution."""
    document_id = stack.put(KEY, REPORT)
    stack.functions.after["publish_generation"] = once(lambda: stop_all(stack))
    (arn,) = stack.dispatch()
    stack.machine.wait(arn)

    stack.ended(arn)

    assert stack.document(document_id).status is DocumentStatus.INDEXED
    assert stack.registry.slots() == frozenset()


def once(act: Callable[[], object]) -> Callable[[], None]:
    """Does it the first time it is called."""
    done: list[bool] = []

    def fault() -> None:
        if not done:
            done.append(True)
            act()

    return fault


def stop_all(stack: IngestionStack) -> None:
    """Somebody stops every running execution."""
    running = stack.machine.client.list_executions(stateMachineArn=stack.machine.arn, statusFilter="RUNNING")
    for one in running["executions"]:
        stack.machine.client.stop_execution(executionArn=one["executionArn"])
