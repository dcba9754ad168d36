"""Where the emulator's queues, events and functions differ from AWS. Each test says what the emulator does."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from devstack.modelserver.documents import SERVICE_MARK
from tests.e2e.divergences.conftest import Emulator

pytestmark = pytest.mark.e2e


def test_a_partial_batch_answer_with_an_unknown_id_deletes_the_message(
    emulator: Emulator, within: Callable[[Callable[[], bool], float], bool]
) -> None:
    url, arn = emulator.queue("partial")
    emulator.function(
        "partial", "def handler(event, context):\n    return {'batchItemFailures': [{'itemIdentifier': 'nobody'}]}"
    )
    emulator.client("lambda").create_event_source_mapping(
        FunctionName="partial", EventSourceArn=arn, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    sqs = emulator.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="m")

    def is_empty() -> bool:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return set(counts.values()) == {"0"}

    assert within(is_empty, 10)


def test_a_mapping_with_a_visibility_below_the_timeout_is_accepted(emulator: Emulator) -> None:
    url, arn = emulator.queue("short-visibility")
    emulator.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    emulator.function("slow", "def handler(event, context): pass", timeout=60)
    mapping = emulator.client("lambda").create_event_source_mapping(FunctionName="slow", EventSourceArn=arn)
    assert mapping["UUID"]


def test_a_rule_target_s_dead_letter_queue_stays_empty(emulator: Emulator) -> None:
    url, arn = emulator.queue("rule-dlq")
    events = emulator.client("events")
    events.put_rule(Name="lost", EventPattern=json.dumps({"source": ["lost"]}))
    nowhere = arn.replace("rule-dlq", "no-such-queue")
    events.put_targets(Rule="lost", Targets=[{"Id": "t", "Arn": nowhere, "DeadLetterConfig": {"Arn": arn}}])
    events.put_events(Entries=[{"Source": "lost", "DetailType": "d", "Detail": "{}"}])
    assert emulator.messages(url, seconds=1) == []


def test_only_the_model_server_puts_events_of_services(emulator: Emulator) -> None:
    entry = {"Source": "aws.bedrock", "DetailType": "Batch Inference Job State Change", "Detail": "{}"}
    events = emulator.client("events")
    assert events.put_events(Entries=[entry])["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert events.put_events(Entries=[entry | {"TraceHeader": SERVICE_MARK}])["FailedEntryCount"] == 0


def test_the_sender_of_every_message_is_the_account(emulator: Emulator) -> None:
    url, _ = emulator.queue("sender")
    iam = emulator.client("iam")
    iam.create_user(UserName="sender")
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="sender", PolicyName="p", PolicyDocument=json.dumps(allowed))
    key = iam.create_access_key(UserName="sender")["AccessKey"]
    sender = emulator.client("sqs", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    sender.send_message(QueueUrl=url, MessageBody="m")
    received = emulator.client("sqs").receive_message(QueueUrl=url, AttributeNames=["SenderId"])
    assert received["Messages"][0]["Attributes"]["SenderId"] == "000000000000"


def test_a_payload_above_six_megabytes_passes(emulator: Emulator) -> None:
    emulator.function("measure", "def handler(event, context): return len(event['text'])")
    payload = json.dumps({"text": "x" * 7_000_000})
    assert emulator.client("lambda").invoke(FunctionName="measure", Payload=payload)["Payload"].read() == b"7000000"


def test_the_emulator_s_environment_and_packages_reach_its_functions(emulator: Emulator) -> None:
    code = "import os\ndef handler(event, context):\n    import ministack\n    return os.environ['LAMBDA_EXECUTOR']"
    emulator.function("curious", code)
    assert emulator.client("lambda").invoke(FunctionName="curious")["Payload"].read() == b'"local"'


def test_memory_is_not_limited(emulator: Emulator) -> None:
    emulator.function("greedy", "def handler(event, context): return len(bytearray(300_000_000))")
    answer = emulator.client("lambda").invoke(FunctionName="greedy")
    assert (answer["Payload"].read(), "FunctionError" in answer) == (b"300000000", False)


def test_a_handler_s_exception_that_costs_a_process_is_mended(emulator: Emulator) -> None:
    code = (
        "import os\ndef handler(event, context):\n    if event.get('fail'): raise ValueError()\n    return os.getpid()"
    )
    emulator.function("fragile", code)
    functions = emulator.client("lambda")

    def process(payload: str) -> bytes:
        return bytes(functions.invoke(FunctionName="fragile", Payload=payload)["Payload"].read())

    first, again = process("{}"), process("{}")
    process('{"fail": true}')
    assert first == again == process("{}")
