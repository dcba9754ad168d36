"""Runs a shipped state machine in process: moto interprets the ASL file, Lambda calls reach the real handlers.

moto is pinned, because this file leans on six of its insides: the backend of its simple Lambda, the header that
marks a failed invocation, the module in which it really sleeps between retries, the method in which its DynamoDB
takes a call, the one in which its parser reads a definition, and the one that notes how an execution ended.
"""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.dynamodb.responses import DynamoHandler
from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication

MOTO_CONFIG: Any = {"lambda": {"use_docker": False}, "stepfunctions": {"execute_state_machine": True}}
ROLE = "arn:aws:iam::123456789012:role/machine"
# Lambda's reply to Step Functions, and the whole state, must stay below this.
STATE_LIMIT_BYTES = 262_144

LambdaHandler = Callable[[dict[str, Any], Any], Any]


class FunctionKilledError(Exception):
    """Stands for a function whose process died: Step Functions sees Lambda.Unknown."""


@dataclass
class Call:
    """One invocation of a function."""

    function: str
    event: dict[str, Any]


@dataclass
class Functions:
    """The handlers behind the state machine's ARNs, with faults to inject.

    Attributes:
        before: By function name, what to do before each call; raising fails the call without any work done.
        after: The same after the handler returned; raising loses the result of work that was done.
    """

    handlers: Mapping[str, LambdaHandler]
    calls: list[Call] = field(default_factory=list)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)
    after: dict[str, Callable[[], None]] = field(default_factory=dict)

    def invoke(self, name: str, body: str) -> tuple[str, bool]:
        """The reply as JSON, and whether it is an error."""
        event = json.loads(body)
        self.calls.append(Call(name, event))
        try:
            self.before.get(name, _nothing)()
            result = self.handlers[name](event, _context())
            self.after.get(name, _nothing)()
        except FunctionKilledError:
            return json.dumps({"errorType": "Lambda.Unknown", "errorMessage": "the process exited"}), True
        except Exception as error:  # noqa: BLE001 - Lambda reports whatever a function raises
            return json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}), True
        reply = json.dumps(result)
        assert len(reply) < STATE_LIMIT_BYTES
        return reply, False

    def called(self, name: str) -> int:
        """How often the function was invoked."""
        return sum(call.function == name for call in self.calls)


def _nothing() -> None:
    """No fault."""


def _context() -> SimpleNamespace:
    return SimpleNamespace(aws_request_id="in-process", get_remaining_time_in_millis=lambda: 60_000)


def route_lambda(monkeypatch: pytest.MonkeyPatch, functions: Functions) -> None:
    """Send every Lambda invocation that moto sees to these functions."""

    def invoke(
        _self: LambdaSimpleBackend, function_name: str, qualifier: str, body: Any, headers: Any, response_headers: Any
    ) -> bytes:
        name = function_name.rsplit(":", 1)[-1]
        reply, failed = functions.invoke(name, body if isinstance(body, str) else body.decode())
        if failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        return reply.encode()

    monkeypatch.setattr(LambdaSimpleBackend, "invoke", invoke)


def skip_retry_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let retries follow each other at once; their number and order stay as shipped."""
    monkeypatch.setattr(retrier_decl, "time", SimpleNamespace(sleep=lambda seconds: None))


def serialise_table_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one call after the other reach moto's tables: it copies items while other threads write them, and fails."""
    lock, call_action = threading.Lock(), DynamoHandler.call_action

    def one_at_a_time(handler: DynamoHandler) -> Any:
        with lock:
            return call_action(handler)

    monkeypatch.setattr(DynamoHandler, "call_action", one_at_a_time)


def remember_parse_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parse a definition once for all tests, which takes longer than running it; what is made of the tree stays new."""
    parse = ASLParser.state_machine

    def remembered(parser: ASLParser) -> Any:
        definition = parser.getTokenStream().tokenSource.inputStream.strdata
        if definition not in _PARSE_TREES:
            _PARSE_TREES[definition] = parse(parser)
        return _PARSE_TREES[definition]

    monkeypatch.setattr(ASLParser, "state_machine", remembered)


_PARSE_TREES: dict[str, Any] = {}


class Ends:
    """The executions that ended. To ask moto every few milliseconds takes as long as the execution itself."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._changed = threading.Condition()

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Be told by moto."""
        terminated = BaseExecutionWorkerCommunication.terminated

        def told(communication: BaseExecutionWorkerCommunication) -> None:
            terminated(communication)
            with self._changed:
                self._seen.add(communication.execution.exec_arn)
                self._changed.notify_all()

        monkeypatch.setattr(BaseExecutionWorkerCommunication, "terminated", told)

    def wait(self, execution: str, seconds: float) -> bool:
        """Whether it ends within so many seconds, as soon as that is known."""
        with self._changed:
            return self._changed.wait_for(lambda: execution in self._seen, seconds)


def load_definition(path: Path, arn_of: Callable[[str], str]) -> str:
    """The ASL text with its `${Placeholders}` filled in."""
    return re.sub(r"\$\{(\w+)\}", lambda match: arn_of(match.group(1)), path.read_text())


@dataclass(frozen=True)
class Execution:
    """How an execution ended, and the history that tells why."""

    status: str
    output: str
    error: str
    events: list[dict[str, Any]]

    @property
    def states(self) -> list[str]:
        """Names of the states entered, in order."""
        return [
            event["stateEnteredEventDetails"]["name"] for event in self.events if "stateEnteredEventDetails" in event
        ]

    @property
    def largest_state_bytes(self) -> int:
        """The longest input or output of any state."""
        details = (
            event.get(kind, {}).get(side, "")
            for event in self.events
            for kind, side in (("stateEnteredEventDetails", "input"), ("stateExitedEventDetails", "output"))
        )
        return max(len(text.encode()) for text in details)


class StateMachine:
    """A state machine in moto."""

    _numbers = itertools.count(1)

    def __init__(self, monkeypatch: pytest.MonkeyPatch, definition: str) -> None:
        self.client = boto3.client("stepfunctions")
        self.arn = self.client.create_state_machine(
            name=f"machine-{next(self._numbers)}", definition=definition, roleArn=ROLE
        )["stateMachineArn"]
        self._ends = Ends()
        self._ends.watch(monkeypatch)

    def start(self, name: str, event: Mapping[str, Any]) -> str:
        """Start an execution; its ARN."""
        started = self.client.start_execution(stateMachineArn=self.arn, name=name, input=json.dumps(event))
        return str(started["executionArn"])

    def ends(self, execution: str, seconds: float) -> bool:
        """Whether an execution ends within so many seconds."""
        return self._ends.wait(execution, seconds)

    def wait(self, execution: str, seconds: float = 30) -> Execution:
        """The ended execution. A bound keeps a hanging machine from hanging the tests."""
        if not self.ends(execution, seconds):
            raise AssertionError(f"still running after {seconds} s: {execution}")
        described = self.client.describe_execution(executionArn=execution)
        pages = self.client.get_paginator("get_execution_history").paginate(executionArn=execution)
        events = [event for page in pages for event in page["events"]]
        return Execution(described["status"], described.get("output", ""), described.get("error", ""), events)

    def run(self, name: str, event: Mapping[str, Any]) -> Execution:
        """Start and wait."""
        return self.wait(self.start(name, event))
