"""Executions of the ingest state machine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from docqa.adapters.aws_errors import aws_errors, code_of
from docqa.models.batch import Batch
from docqa.models.document import DocumentReference

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

# The task ended, timed out or belongs to an execution that is gone.
_NOT_WAITING = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


class StepFunctionsWorkflow:
    """Implements `ports.Workflow`. Waking waiting tasks needs no state machine ARN."""

    def __init__(self, client: SFNClient, state_machine_arn: str = "") -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, reference: DocumentReference, *, goes_on: bool = False) -> None:
        """Start the execution of this attempt, once."""
        given = {"reference": reference.model_dump(mode="json"), "goes_on": goes_on}
        _start(self._client, self._state_machine_arn, reference.execution, given)

    def running(self) -> frozenset[str]:
        """Names of the executions that are running now."""
        pages = self._client.get_paginator("list_executions").paginate(
            stateMachineArn=self._state_machine_arn, statusFilter="RUNNING"
        )
        with aws_errors("Step Functions"):
            return frozenset(execution["name"] for page in pages for execution in page["executions"])

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        """Wake a waiting task."""
        self._send(lambda: self._client.send_task_success(taskToken=token, output=json.dumps(dict(output))))

    @staticmethod
    def _send(call: Any) -> None:
        try:
            with aws_errors("Step Functions"):
                call()
        except ClientError as error:
            if code_of(error) not in _NOT_WAITING:
                raise


class BatchExecutions:
    """Implements `ports.BatchWorkflow`: executions of answer_batch."""

    def __init__(self, client: SFNClient, state_machine_arn: str) -> None:
        self._client = client
        self._state_machine_arn = state_machine_arn

    def start(self, batch: Batch) -> None:
        """Start the execution of the batch's attempt, once."""
        _start(self._client, self._state_machine_arn, batch.execution, {"batch_id": batch.batch_id})


def _start(client: SFNClient, state_machine_arn: str, name: str, given: Mapping[str, Any]) -> None:
    try:
        with aws_errors("Step Functions"):
            client.start_execution(stateMachineArn=state_machine_arn, name=name, input=json.dumps(given))
    except ClientError as error:
        if code_of(error) != "ExecutionAlreadyExists":
            raise
