"""Another system's own queues, registered by the command, under IAM enforcement."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli import channels
from tests.e2e.stack.cloud import Cloud, Person, eventually

pytestmark = pytest.mark.e2e
PAGE = b"# Gliding\n\nThe winch of the Kestrel Hill gliding club is 1,100 metres long and was built in 1987.\n"
QUESTION = "How long is the winch of the gliding club?"


@pytest.fixture(scope="module")
def desk(cloud: Cloud) -> str:
    """The questions queue of another system, registered for acme's staff, with a destination of its own."""
    document = cloud.drop("acme/gliding.md", PAGE, ["staff"])
    assert cloud.wait_for_end(document) == "INDEXED"
    questions, answers = arn(cloud, "desk-questions"), arn(cloud, "desk-answers")
    assert channels.add_queue(cloud.stack, questions, "acme", frozenset({"staff"})) == []
    assert channels.add_destination(cloud.stack, "desk", answers, "acme") == []
    return url(cloud, "desk-questions")


def test_a_system_asks_and_is_answered_through_its_own_queues(cloud: Cloud, desk: str) -> None:
    """Promise 42: it asks for those it is registered for; promise 6: the stack may read and write just these queues."""
    body = json.dumps({"question": QUESTION, "id": "desk-1", "reply_to": "desk"})
    cloud.client("sqs").send_message(QueueUrl=desk, MessageBody=body)

    answer = json.loads(reply(cloud)["Body"])

    assert (answer["id"], answer["status"]) == ("desk-1", "answered")
    assert "1,100 metres" in answer["citations"][0]["quote"]


def test_an_answer_over_http_goes_to_a_registered_queue_as_well(cloud: Cloud, desk: str, ann: Person) -> None:
    answer = ann.ask(QUESTION, reply_to="desk")

    delivered = reply(cloud)

    assert json.loads(delivered["Body"]) == answer
    assert delivered["MessageAttributes"]["answer_id"]["StringValue"] == answer["answer_id"]


def test_a_destination_that_nobody_registered_is_refused(ann: Person) -> None:
    """Promise 36: 400 with a problem document that names it."""
    response = ann.http.post("/questions", json={"question": QUESTION, "reply_to": "nowhere"})

    assert (response.status_code, "nowhere" in response.json()["detail"]) == (400, True)


def reply(cloud: Cloud) -> dict[str, Any]:
    """The one message of the answers queue, taken out."""
    sqs, queue = cloud.client("sqs"), url(cloud, "desk-answers")

    def received() -> dict[str, Any] | None:
        found = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1, MessageAttributeNames=["All"])
        return next(iter(found.get("Messages", [])), None)

    message = eventually(received, "an answer comes")
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return message


def url(cloud: Cloud, name: str) -> str:
    return str(cloud.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def arn(cloud: Cloud, name: str) -> str:
    attributes = cloud.client("sqs").get_queue_attributes(QueueUrl=url(cloud, name), AttributeNames=["QueueArn"])
    return str(attributes["Attributes"]["QueueArn"])
