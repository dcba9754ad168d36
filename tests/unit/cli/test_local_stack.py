"""What the command says when the one-machine cloud does not run, or is empty."""

from __future__ import annotations

from collections.abc import Callable

import boto3
import httpx
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from cli.answer_queue import ask_by_queue
from cli.api import Api
from cli.errors import CommandError, NotFoundError, UnavailableError
from cli.session import sign_in
from cli.stack import NOT_RUNNING, NOTHING_DEPLOYED, Stack
from docqa.models.question import Question
from tests.unit.cli.test_sessions import cognito, local_description, no_question

__all__ = ["cognito"]
HERE = Stack.model_validate(local_description())
LOCAL_URL = "http://127.0.0.1:4566/_aws/execute-api/x/v1"


def refused(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("[Errno 111] Connection refused")


def emptied(_: httpx.Request) -> httpx.Response:
    return httpx.Response(404, json={"message": "Not Found"})


def unknown_document(_: httpx.Request) -> httpx.Response:
    body = {"title": "Not found", "status": 404, "detail": "There is no such document."}
    return httpx.Response(404, json=body, headers={"content-type": "application/problem+json"})


@pytest.mark.parametrize(
    ("serve", "kind", "sentence"),
    [
        (refused, UnavailableError, NOT_RUNNING),
        (emptied, NotFoundError, NOTHING_DEPLOYED),
        (unknown_document, NotFoundError, "Not found: There is no such document."),
    ],
)
def test_the_api_of_this_machine_says_what_to_run(
    serve: Callable[[httpx.Request], httpx.Response],
    kind: type[CommandError],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    api = Api(LOCAL_URL, "token", direct=True, transport=httpx.MockTransport(serve))

    with pytest.raises(kind) as caught:
        api.document("0" * 32)

    assert str(caught.value) == sentence


def test_a_stack_in_aws_is_not_told_to_run_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)

    with pytest.raises(UnavailableError, match=r"https://api\.test cannot be reached"):
        Api("https://api.test", "token", transport=httpx.MockTransport(refused)).document("0" * 32)


def test_signing_in_where_the_pool_is_gone_says_to_deploy(cognito: Stubber) -> None:
    cognito.add_client_error("initiate_auth", "ResourceNotFoundException", "User pool does not exist.")

    with pytest.raises(NotFoundError, match="make demo"):
        sign_in(HERE, "demo", "demo", no_question)


def test_queues_that_are_gone_or_cannot_be_reached_say_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    sqs = boto3.client("sqs", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(Stack, "client", lambda *_: sqs)
    here = HERE.model_copy(update={"outputs": {"QuestionsQueueUrl": "q", "AnswersQueueUrl": "a"}})

    with Stubber(sqs) as stubber:
        stubber.add_client_error("send_message", "AWS.SimpleQueueService.NonExistentQueue")
        with pytest.raises(NotFoundError, match="make demo"):
            ask_by_queue(here, [Question(question="One?")], 10)

    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:4566")

    monkeypatch.setattr(sqs, "send_message", unreachable)
    with pytest.raises(UnavailableError, match="make up"):
        ask_by_queue(here, [Question(question="One?")], 10)
