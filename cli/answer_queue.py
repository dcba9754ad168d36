"""Ask through the stack's queue and wait for the reply, as another system would."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cli.errors import NotFoundError, NotInTimeError, SignInError, UnavailableError
from cli.stack import NOT_RUNNING, NOTHING_DEPLOYED, Stack
from docqa.models.answer import Answer
from docqa.models.question import Question

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# How long one look at the answers queue hides what it sees: long enough to put others' replies back.
HIDDEN_SECONDS = 10
WAIT_SECONDS = 2
# After a look that found only others' replies, so that their readers come first.
PAUSE_SECONDS = 1.0
NO_QUEUE = frozenset({"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"})


@dataclass(frozen=True)
class Reply:
    """An answer from the queue, and how many seconds after its question it came."""

    answer: Answer
    seconds: float


def ask_by_queue(stack: Stack, questions: Sequence[Question], seconds: float) -> list[Reply]:
    """Send each question and collect its reply from the answers queue; replies in the order of the questions.

    Replies to others are put back untouched. A system that asks often should have a reply queue of its own.

    Raises:
        NotFoundError: the queues are gone.
        NotInTimeError: a reply is missing after `seconds`.
        SignInError: these AWS credentials may not use the queues.
        UnavailableError: SQS cannot be reached.
    """
    from botocore import exceptions

    sqs: SQSClient = stack.client("sqs")
    try:
        return _exchange(sqs, stack, questions, seconds)
    except (exceptions.NoCredentialsError, exceptions.ClientError) as error:
        if isinstance(error, exceptions.ClientError) and error.response["Error"]["Code"] in NO_QUEUE:
            gone = f"Stack {stack.name} has no queues any more: was it deleted?"
            raise NotFoundError(NOTHING_DEPLOYED if stack.endpoint_url else gone) from error
        raise SignInError(f"The queues of {stack.name} cannot be used with these AWS credentials: {error}") from error
    except exceptions.BotoCoreError as error:
        unreachable = f"The queues of {stack.name} cannot be reached: {error}"
        raise UnavailableError(NOT_RUNNING if stack.endpoint_url else unreachable) from error


def _exchange(sqs: SQSClient, stack: Stack, questions: Sequence[Question], seconds: float) -> list[Reply]:
    sent: dict[str, float] = {}
    for question in questions:
        identifier = f"docqa-cli-{uuid.uuid4()}"
        body = question.model_copy(update={"id": identifier}).model_dump_json(exclude_defaults=True)
        sent[identifier] = time.monotonic()
        sqs.send_message(QueueUrl=stack.output("QuestionsQueueUrl"), MessageBody=body)
    replies: dict[str, Reply] = {}
    deadline = time.monotonic() + seconds
    while len(replies) < len(sent) and time.monotonic() < deadline:
        for identifier, answer in _collect(sqs, stack.output("AnswersQueueUrl"), sent).items():
            replies.setdefault(identifier, Reply(answer, time.monotonic() - sent[identifier]))
    if missing := len(sent) - len(replies):
        raise NotInTimeError(f"{missing} of {len(sent)} questions have no reply after {seconds:.0f} s.")
    return [replies[identifier] for identifier in sent]


def _collect(sqs: SQSClient, queue: str, ids: Collection[str]) -> dict[str, Answer]:
    """One look at the queue: take our replies, put the others back."""
    received = sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=WAIT_SECONDS, VisibilityTimeout=HIDDEN_SECONDS
    )
    messages: list[Any] = list(received.get("Messages", []))
    ours: dict[str, Answer] = {}
    for message in messages:
        answer = _answer(message["Body"])
        if answer is not None and answer.id is not None and answer.id in ids:
            ours[answer.id] = answer
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        else:
            sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
    if messages and not ours:
        time.sleep(PAUSE_SECONDS)
    return ours


def _answer(body: str) -> Answer | None:
    try:
        return Answer.model_validate_json(body)
    except ValidationError:
        return None
