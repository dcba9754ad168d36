"""One stack for all of these tests: its own services on free ports, the template as it is, IAM enforced."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import pytest

from cli.stack import Stack
from devstack import control, deploy, hosting
from devstack.services import REGION
from devstack.settings import DevstackSettings, Endpoints
from tests.e2e.stack.cloud import Cloud, Person


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A deployed stack whose queue asks for acme's staff; documents are closed unless somebody opens them."""
    ports = _free_ports(3)
    settings = DevstackSettings(
        state_dir=tmp_path_factory.mktemp("cloud"),
        emulator_port=ports[0],
        opensearch_port=ports[1],
        models_port=ports[2],
    )
    try:
        control.up(settings)
        parameters = {
            "QuestionsQueueTenant": "acme",
            "QuestionsQueueGroups": "staff",
            # Queues of another system, which are there before the stack that reads and writes them.
            "QuestionQueueArns": _queue(settings, "desk-questions"),
            "ReplyQueueArns": _queue(settings, "desk-answers"),
            # The topics of a hosting stack, which is there first too.
            **dict(
                zip(("InferenceSuccessTopicArn", "InferenceErrorTopicArn"), hosting.make_topics(settings), strict=True)
            ),
        }
        deployed = Cloud(deploy.deploy(settings, "docqa-e2e", parameters), settings)
        yield deployed
        deployed.close()
    finally:
        control.down(settings)


@pytest.fixture(scope="session")
def ann(cloud: Cloud) -> Person:
    """Of acme's staff, and an administrator."""
    return cloud.person("ann", "acme", "staff", "docqa-admins")


@pytest.fixture(scope="session")
def bob(cloud: Cloud) -> Person:
    """Of acme, in no group."""
    return cloud.person("bob", "acme")


@pytest.fixture(scope="session")
def eve(cloud: Cloud) -> Person:
    """Of another tenant, in a group of the same name."""
    return cloud.person("eve", "umbrella", "staff")


def _account(settings: DevstackSettings) -> Stack:
    """The account before any stack is there."""
    return Stack(
        name="",
        region=REGION,
        outputs={},
        endpoint_url=Endpoints.of(settings).emulator_url,
        credentials=deploy.CREDENTIALS,
    )


def _queue(settings: DevstackSettings, name: str) -> str:
    """ARN of a new queue that may be registered."""
    sqs = _account(settings).client("sqs")
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 3})
    attributes = {"VisibilityTimeout": "360", "RedrivePolicy": redrive}
    made = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=made, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
