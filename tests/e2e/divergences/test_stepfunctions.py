"""Where the emulator's Step Functions differ from AWS. Each test says what the emulator does."""

from __future__ import annotations

import json
import time

import pytest
from botocore.exceptions import ClientError

from tests.e2e.divergences.conftest import Emulator

pytestmark = pytest.mark.e2e
WAIT = {"Type": "Wait", "Seconds": 2, "End": True}
PASS = {"Type": "Pass", "End": True}


def distributed_map(**more: object) -> dict[str, object]:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P"}
    return {"Type": "Map", "ItemProcessor": {**processor, "States": {"P": PASS}}, "End": True, **more}


def test_same_start_while_running_already_exists(emulator: Emulator) -> None:
    machine = emulator.machine("same-start", States={"W": WAIT})
    machines = emulator.client("stepfunctions")
    machines.start_execution(stateMachineArn=machine, name="one", input="{}")
    with pytest.raises(machines.exceptions.ExecutionAlreadyExists):
        machines.start_execution(stateMachineArn=machine, name="one", input="{}")


def test_state_data_is_unlimited(emulator: Emulator) -> None:
    grow = {"Type": "Pass", "Parameters": {"a.$": "$.text", "b.$": "$.text"}, "End": True}
    machine = emulator.machine("much-data", States={"Grow": grow})
    assert emulator.execute(machine, {"text": "x" * 200_000})["status"] == "SUCCEEDED"


def test_item_batcher_is_ignored(emulator: Emulator) -> None:
    state = distributed_map(ItemsPath="$.items", ItemBatcher={"MaxItemsPerBatch": 2})
    machine = emulator.machine("batcher", States={"M": state})
    output = json.loads(emulator.execute(machine, {"items": [1, 2, 3]})["output"])
    assert output == [1, 2, 3]


def test_result_writer_is_ignored(emulator: Emulator) -> None:
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "no-such-bucket", "Prefix": "p"}}
    state = distributed_map(ItemsPath="$.items", ResultWriter=writer)
    machine = emulator.machine("writer", States={"M": state})
    assert json.loads(emulator.execute(machine, {"items": [1]})["output"]) == [1]


def test_distributed_map_in_jsonata_takes_its_items_literally(emulator: Emulator) -> None:
    state = distributed_map(Items="{% $states.input.items %}")
    machine = emulator.machine("jsonata", QueryLanguage="JSONata", States={"M": state})
    ended = emulator.execute(machine, {"items": [1, 2, 3]})
    assert ended["status"] == "SUCCEEDED"
    assert len(json.loads(ended["output"])) == 1


def test_tolerated_failures_do_not_stop_a_map_early(emulator: Emulator) -> None:
    url, _ = emulator.queue("tolerated")
    states = {
        "First?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$", "NumericEquals": 1, "Next": "Stop"}],
            "Default": "Tell",
        },
        "Stop": {"Type": "Fail", "Error": "First"},
        "Tell": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": url, "MessageBody": "ran"},
            "End": True,
        },
    }
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    state = distributed_map(
        ItemsPath="$.items",
        MaxConcurrency=1,
        ToleratedFailureCount=0,
        ItemProcessor={**processor, "StartAt": "First?", "States": states},
    )
    ended = emulator.execute(emulator.machine("tolerated", States={"M": state}), {"items": [1, 2, 3]})
    assert ended["status"] == "FAILED"
    assert emulator.messages(url, seconds=1) == ["ran", "ran"]


def test_redrive_is_unknown(emulator: Emulator) -> None:
    ended = emulator.execute(emulator.machine("redrive", States={"F": {"Type": "Fail", "Error": "E"}}))
    with pytest.raises(ClientError):
        emulator.client("stepfunctions").redrive_execution(executionArn=ended["executionArn"])


def test_the_machine_s_timeout_is_not_enforced(emulator: Emulator) -> None:
    machine = emulator.machine("timeout", TimeoutSeconds=1, States={"W": WAIT})
    assert emulator.execute(machine)["status"] == "SUCCEEDED"


def test_heartbeat_seconds_are_not_enforced(emulator: Emulator) -> None:
    url, _ = emulator.queue("heartbeat")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}},
        "HeartbeatSeconds": 1,
        "TimeoutSeconds": 60,
        "End": True,
    }
    machine = emulator.machine("heartbeat", States={"T": task})
    assert emulator.execute(machine, seconds=2.5)["status"] == "RUNNING"


def test_max_delay_seconds_is_not_enforced(emulator: Emulator) -> None:
    emulator.function("always-fails", "def handler(event, context):\n    raise ValueError('no')")
    retry = {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": 1,
        "BackoffRate": 3,
        "MaxAttempts": 2,
        "MaxDelaySeconds": 1,
    }
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Retry": [retry], "End": True}
    task["Parameters"] = {"FunctionName": "always-fails"}
    machine = emulator.machine("max-delay", States={"T": task})
    began = time.monotonic()
    assert emulator.execute(machine, seconds=60)["status"] == "FAILED"
    assert time.monotonic() - began > 3.5  # 1 s and 3 s; AWS waits at most twice 1 s


def test_a_failed_lambda_s_error_name_is_mended(emulator: Emulator) -> None:
    code = "class OurError(Exception): pass\ndef handler(event, context):\n    raise OurError('no')"
    emulator.function("our-error", code)
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    task["Parameters"] = {"FunctionName": "our-error"}
    assert emulator.execute(emulator.machine("our-error", States={"T": task}))["error"] == "OurError"


def test_a_failed_lambda_of_a_state_that_waits_for_a_token_is_mended(emulator: Emulator) -> None:
    code = "class OurError(Exception): pass\ndef handler(event, context):\n    raise OurError('no')"
    emulator.function("no-token", code)
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "End": True}
    task["Parameters"] = {"FunctionName": "no-token", "Payload": {"token.$": "$$.Task.Token"}}
    assert emulator.execute(emulator.machine("no-token", States={"T": task}))["error"] == "OurError"


def test_a_killed_lambda_s_error_name_is_mended(emulator: Emulator) -> None:
    """Promise 17: what the retries for a killed function are named after."""
    emulator.function(
        "killed", "import os, signal\ndef handler(event, context):\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
    task["Parameters"] = {"FunctionName": "killed"}
    assert emulator.execute(emulator.machine("killed", States={"T": task}))["error"] == "Runtime.ExitError"


def test_a_dangling_next_is_accepted(emulator: Emulator) -> None:
    dangling = {"P": {"Type": "Pass", "Next": "Nowhere"}}
    assert emulator.machine("dangling", States=dangling)
    checked = emulator.client("stepfunctions").validate_state_machine_definition(
        definition=json.dumps({"StartAt": "P", "States": dangling})
    )
    assert checked["result"] == "OK"


def test_a_throttled_lambda_is_an_unknown_error(emulator: Emulator) -> None:
    function = emulator.function("throttled", "def handler(event, context):\n    return {}\n")
    emulator.client("lambda").put_function_concurrency(FunctionName="throttled", ReservedConcurrentExecutions=0)
    machine = emulator.machine("throttled", States={"Call": {"Type": "Task", "Resource": function, "End": True}})
    ended = emulator.execute(machine)
    assert (ended["status"], ended["error"]) == ("FAILED", "Lambda.Unknown")
