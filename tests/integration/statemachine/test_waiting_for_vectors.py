"""A document whose passages go to a job: one execution ends, another one goes on."""

from __future__ import annotations

import pytest

from docqa.errors import ThrottledError
from docqa.models.document import DocumentStatus
from docqa.models.inference import JobLimits, Route
from tests.fakes.inference import ScriptedInferenceJobs
from tests.integration.statemachine.conftest import MakeStack
from tests.integration.statemachine.machine import FunctionKilledError
from tests.integration.statemachine.stack import IngestionStack, load_handler
from tests.integration.statemachine.test_ingest_document import raising

KEY = "acme/reports/large.txt"
LARGE = "\n\n".join(f"Paragraph {n} says what pump number {n} does. " * 20 for n in range(12)).encode()


@pytest.fixture
def asynchronous() -> ScriptedInferenceJobs:
    return ScriptedInferenceJobs(lambda text: text, Route.ASYNCHRONOUS, JobLimits(1, 1_000, 3_600.0), parts=1)


@pytest.fixture
def jobs_stack(
    make_stack: MakeStack, monkeypatch: pytest.MonkeyPatch, asynchronous: ScriptedInferenceJobs
) -> IngestionStack:
    """The stack with an asynchronous endpoint for documents of more than five passages."""
    known = {Route.ASYNCHRONOUS: asynchronous}
    monkeypatch.setattr("docqa.bootstrap.inference_jobs.vector_jobs", lambda route, *_: known.get(route))
    stack = make_stack(realtime_passages=5)
    asynchronous.answer = lambda text: tuple(stack.embeddings.embed_query(text))
    return stack


def test_a_large_document_ends_indexed_after_a_wait_without_an_execution(
    jobs_stack: IngestionStack, asynchronous: ScriptedInferenceJobs
) -> None:
    """Promises 31, 32: refused and killed on its way into the job, before and after, and told twice of its end."""
    jobs_stack.functions.before["request_vectors"] = raising(ThrottledError("too fast"), FunctionKilledError())
    jobs_stack.functions.after["request_vectors"] = raising(FunctionKilledError())
    document_id = jobs_stack.put(KEY, LARGE)
    (first,) = jobs_stack.run()
    assert first.status == "SUCCEEDED"
    assert first.states[-1] == "Waiting"
    assert jobs_stack.registry.slots() == frozenset()
    parked = jobs_stack.generation(document_id, 1)
    assert (parked.is_parked, parked.route) == (True, "asynchronous")

    advance = load_handler("advance_inference")
    asked = jobs_stack.drain(jobs_stack.inference_queue)
    assert asked == [asked[0]] * 2, "the run that was killed told of the same job"
    for message in asked:
        jobs_stack.deliver(advance, message)
    (token,) = asynchronous.tokens
    for _ in range(2):
        jobs_stack.deliver(advance, {"inferenceId": f"{token}.0", "invocationStatus": "Completed"})
    executions = jobs_stack.run()

    assert [one.status for one in executions] == ["SUCCEEDED", "SUCCEEDED"]
    assert "FindPassages" in {state for one in executions for state in one.states}
    assert jobs_stack.document(document_id).status is DocumentStatus.INDEXED
    assert jobs_stack.indexed(document_id) == {1: parked.chunks}
    assert jobs_stack.embeddings.embedded == [], "nothing is embedded twice"
