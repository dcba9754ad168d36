"""Starting executions once, and waking tasks that may no longer wait."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from docqa.adapters.stepfunctions import StepFunctionsWorkflow
from docqa.errors import ThrottledError
from docqa.models.document import DocumentReference

ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:ingest"
REFERENCE = DocumentReference(
    document_id="d" * 32, generation=2, attempt=3, tenant="acme", bucket="b", key="acme/a.pdf", version_id="v"
)


@pytest.fixture
def states() -> Iterator[Stubber]:
    client = boto3.client(
        "stepfunctions", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_an_execution_is_named_by_document_generation_and_attempt(states: Stubber) -> None:
    """Promise 13: starting the same attempt twice is one execution."""
    told = json.dumps({"reference": REFERENCE.model_dump(mode="json"), "goes_on": False})
    expected = {"stateMachineArn": ARN, "name": f"{'d' * 32}-2-3", "input": told}
    states.add_response("start_execution", {"executionArn": ARN + ":x", "startDate": 0}, expected)
    states.add_client_error("start_execution", "ExecutionAlreadyExists", http_status_code=400)

    for _ in range(2):
        StepFunctionsWorkflow(states.client, ARN).start(REFERENCE)


def test_too_many_starts_are_a_throttle(states: Stubber) -> None:
    states.add_client_error("start_execution", "ThrottlingException", http_status_code=400)

    with pytest.raises(ThrottledError):
        StepFunctionsWorkflow(states.client, ARN).start(REFERENCE)


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_task_that_no_longer_waits_is_left_alone(states: Stubber, code: str) -> None:
    states.add_client_error("send_task_success", code, http_status_code=400)

    StepFunctionsWorkflow(states.client).succeed("token", {})


def test_what_is_not_allowed_is_not_hidden(states: Stubber) -> None:
    states.add_client_error("send_task_success", "AccessDeniedException", http_status_code=400)

    with pytest.raises(ClientError):
        StepFunctionsWorkflow(states.client).succeed("token", {})


def test_all_pages_of_running_executions_are_read(states: Stubber) -> None:
    def page(name: str) -> dict[str, object]:
        execution = {"executionArn": ARN, "stateMachineArn": ARN, "name": name, "status": "RUNNING", "startDate": 0}
        return {"executions": [execution]}

    states.add_response("list_executions", {**page("a"), "nextToken": "n"})
    states.add_response("list_executions", page("b"))

    assert StepFunctionsWorkflow(states.client, ARN).running() == {"a", "b"}
