"""`docqa channels`, against queues and the table that it writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.stack import Credentials, Stack
from docqa.adapters.dynamodb_channels import DynamoDBChannelRegistry
from docqa.models.access import Principal
from docqa.ports.questions import Destination
from tests.integration.answering.conftest import REGION, AnsweringStack, sample

Docqa = Callable[..., Result]


@pytest.fixture
def docqa(stack: AnsweringStack, monkeypatch: pytest.MonkeyPatch) -> Docqa:
    """The command, for a deployed stack whose administrator is asking."""
    own = stack.sqs.create_queue(QueueName="questions")["QueueUrl"]
    outputs = {"ChannelsTableName": "channels", "QuestionsQueueUrl": own}
    keys = Credentials(access_key_id="testing", secret_access_key="testing")
    found = Stack(name="docqa", region=REGION, outputs=outputs, credentials=keys)
    monkeypatch.setattr("cli.connection.find_stack", lambda *_: found)
    monkeypatch.setattr(Stack, "client", client)
    return lambda *arguments: CliRunner().invoke(app, ["channels", *arguments])


def client(stack: Stack, service: str) -> Any:
    """moto's, but for CloudFormation, of which only the parameters are asked."""
    if service != "cloudformation":
        return stack.session().client(service)  # type: ignore[call-overload]
    deployed = {"Parameters": [{"ParameterKey": "ReplyQueueArns", "ParameterValue": arn("replies")}]}
    return SimpleNamespace(describe_stacks=lambda StackName: {"Stacks": [deployed]})  # noqa: N803


@pytest.fixture
def registry(stack: AnsweringStack) -> DynamoDBChannelRegistry:
    return DynamoDBChannelRegistry(boto3.client("dynamodb"), "channels", {}, {})


def arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:123456789012:{name}"


def make_queue(stack: AnsweringStack, name: str, **changes: str) -> str:
    dead = stack.sqs.create_queue(QueueName="dead")["QueueUrl"]
    attributes = {
        "VisibilityTimeout": "360",
        "RedrivePolicy": json.dumps({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 3}),
        **changes,
    }
    assert dead
    stack.sqs.create_queue(QueueName=name, Attributes={k: v for k, v in attributes.items() if v})
    return arn(name)


def test_a_registered_queue_asks_for_its_tenant_and_groups(
    stack: AnsweringStack, docqa: Docqa, registry: DynamoDBChannelRegistry
) -> None:
    """Promise 42: identity comes from what an administrator registered."""
    queue = make_queue(stack, "tickets")

    result = docqa("add-queue", queue, "--tenant", "acme", "--groups", "staff, board")

    assert result.exit_code == 0, result.stderr
    assert registry.principal_of_queue(queue) == Principal("acme", queue, frozenset({"staff", "board"}))
    assert "QuestionQueueArns" in result.stderr, "it says what is still to be done"


def test_a_registered_destination_gets_answers(
    stack: AnsweringStack, docqa: Docqa, registry: DynamoDBChannelRegistry
) -> None:
    url = stack.sqs.create_queue(QueueName="replies")["QueueUrl"]

    result = docqa("add-destination", "desk", arn("replies"), "--tenant", "acme")

    assert result.exit_code == 0, result.stderr
    assert registry.destination("acme", "desk") == Destination("queue", url)
    assert registry.destination("globex", "desk") is None
    assert "ReplyQueueArns" not in result.stderr, "the stack has it already"


def test_a_question_from_a_registered_queue_is_answered_at_a_registered_destination(
    stack: AnsweringStack, docqa: Docqa
) -> None:
    queue = make_queue(stack, "tickets")
    stack.urls["replies"] = stack.sqs.create_queue(QueueName="replies")["QueueUrl"]
    docqa("add-queue", queue, "--tenant", "acme", "--groups", "staff")
    docqa("add-destination", "desk", arn("replies"), "--tenant", "acme")
    event = sample("questions__question")
    event["Records"][0]["eventSourceARN"] = queue
    event["Records"][0]["body"] = '{"question": "How long is the grass runway?", "id": "q-1", "reply_to": "desk"}'

    result = stack.invoke("answer_queued_question", event)

    (reply,) = stack.take("replies")
    assert result == {"batchItemFailures": []}
    assert json.loads(reply["Body"])["id"] == "q-1"


def test_a_careful_queue_is_answered_less_often(stack: AnsweringStack, docqa: Docqa) -> None:
    queue = make_queue(stack, "tickets")
    stack.urls["replies"] = stack.sqs.create_queue(QueueName="replies")["QueueUrl"]
    docqa("add-destination", "desk", arn("replies"), "--tenant", "acme")
    ended = []
    for threshold in ("0", "1"):
        docqa("add-queue", queue, "--tenant", "acme", "--groups", "staff", "--threshold", threshold)
        event = sample("questions__question")
        event["Records"][0]["eventSourceARN"] = queue
        question = {"question": "How long is the grass runway?", "id": f"q-{threshold}", "reply_to": "desk"}
        event["Records"][0]["body"] = json.dumps(question)
        stack.invoke("answer_queued_question", event)
        (reply,) = stack.take("replies")
        ended.append(json.loads(reply["Body"])["status"])

    assert ended == ["answered", "abstained"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"VisibilityTimeout": "30"}, "visibility timeout is 30 s"),
        ({"RedrivePolicy": ""}, "dead-letter queue"),
        ({"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 1})}, "maxReceiveCount"),
        ({"KmsMasterKeyId": "alias/own"}, "SSE-SQS"),
    ],
)
def test_a_queue_that_would_lose_questions_is_refused(
    stack: AnsweringStack, docqa: Docqa, registry: DynamoDBChannelRegistry, changes: dict[str, str], sentence: str
) -> None:
    """Promises 1, 2: what holds for the stack's own queues is asked of others."""
    queue = make_queue(stack, "tickets", **changes)

    result = docqa("add-queue", queue, "--tenant", "acme")

    assert (result.exit_code, registry.principal_of_queue(queue)) == (2, None)
    assert sentence in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["add-queue", "https://sqs.test/tickets", "--tenant", "acme"], 2),
        (["add-queue", "arn:aws:sqs:us-west-2:123456789012:tickets", "--tenant", "acme"], 2),
        (["add-queue", arn("absent"), "--tenant", "acme"], 5),
        (["add-queue", arn("questions"), "--tenant", "acme"], 2),
        (["add-queue", arn("tickets"), "--tenant", "a/b"], 2),
        (["add-queue", arn("tickets"), "--tenant", "acme", "--groups", "a b"], 2),
        (["add-destination", "a b", arn("tickets"), "--tenant", "acme"], 2),
        (["add-destination", "desk", arn("absent"), "--tenant", "acme"], 5),
        (["add-queue", arn("tickets"), "--tenant", "acme", "--threshold", "1.5"], 2),
        (["remove", arn("tickets")], 5),
        (["remove", "desk"], 2),
        (["remove", "desk", "--tenant", "acme"], 5),
    ],
)
def test_what_cannot_be_registered_is_refused(
    stack: AnsweringStack, docqa: Docqa, arguments: list[str], code: int
) -> None:
    make_queue(stack, "tickets")

    result = docqa(*arguments)

    assert (result.exit_code, items()) == (code, [])
    assert len(result.stderr.splitlines()) == 1


def test_what_is_registered_is_listed_and_taken_away(stack: AnsweringStack, docqa: Docqa) -> None:
    queue = make_queue(stack, "tickets")
    docqa("add-queue", queue, "--tenant", "acme", "--groups", "staff", "--threshold", "0.875")
    docqa("add-destination", "desk", queue, "--tenant", "acme")

    listed = json.loads(docqa("list", "--json").stdout)
    shown = docqa("list").stdout
    docqa("remove", queue)
    docqa("remove", "desk", "--tenant", "acme")

    assert [(one["kind"], one["tenant"]) for one in listed] == [("questions", "acme"), ("answers", "acme")]
    assert "staff" in shown
    assert "0.875" in shown
    assert items() == []


def items() -> list[dict[str, Any]]:
    return list(boto3.client("dynamodb").scan(TableName="channels")["Items"])
