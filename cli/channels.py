"""Register where questions come from (queues, prefixes of the inbox bucket) and where answers go to (queues)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from cli.errors import NotFoundError, SignInError, UnavailableError, UsageError
from cli.stack import Stack
from docqa.adapters.dynamodb_channels import DEEPEST_PREFIX, ChannelsTable
from docqa.errors import RetryableError
from docqa.models.access import Principal
from docqa.models.api import Group
from docqa.models.question import DestinationName
from docqa.ports.batches import InboxChannel
from docqa.ports.questions import Destination
from docqa.services.batches.receipt import RESULTS
from docqa.services.batches.submission import UPLOADS

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# What the stack's own queues have (template.yaml, Mappings): six times the worker's timeout, and as many receives as
# the worker counts before it tells the sender that a question failed.
LEAST_VISIBILITY_SECONDS = 360
LEAST_RECEIVES = 3

_ARN = re.compile(
    r"arn:aws[a-z-]*:sqs:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):(?P<name>[A-Za-z0-9_-]{1,80}(\.fifo)?)"
)
_PREFIX = re.compile(rf"([A-Za-z0-9._=-]{{1,128}}/){{1,{DEEPEST_PREFIX}}}")
# As in document keys: everything before the first slash.
TENANT = re.compile(r"[^/#\x00-\x1f\x7f-\x9f]{1,128}")
_GROUP: TypeAdapter[str] = TypeAdapter(Group)
_NAME: TypeAdapter[str] = TypeAdapter(DestinationName)


def add_queue(
    stack: Stack, queue_arn: str, tenant: str, groups: frozenset[str], threshold: float | None = None
) -> list[str]:
    """Let a queue ask questions for a tenant and groups, from a confidence on (None: the stack's own threshold).

    Returns:
        What is still to be done, in sentences.

    Raises:
        UsageError: the queue, the tenant, a group or the threshold will not do; the sentence says why.
    """
    principal = _principal(tenant, queue_arn, groups, threshold)
    with _aws(stack):
        attributes = _attributes(stack, queue_arn)
        if queue_arn == _own_arn(stack):
            raise UsageError(
                "That is the stack's own queue: set QuestionsQueueTenant and QuestionsQueueGroups instead."
            )
        _check_source(attributes)
        _table(stack).add_queue(queue_arn, principal)
        return _not_in(stack, "QuestionQueueArns", queue_arn)


def add_destination(stack: Stack, name: str, queue_arn: str, tenant: str) -> list[str]:
    """Let a tenant's questions name a queue, by `reply_to`, that their answers go to. Returns and raises as above."""
    _check_tenant(tenant)
    _check(_NAME, name, f"{name!r} is no name of a destination: use letters, digits, _ and -")
    with _aws(stack):
        attributes = _attributes(stack, queue_arn)
        if queue_arn.endswith(".fifo"):
            raise UsageError("Answers are sent to standard queues only, not to FIFO queues.")
        _check_encryption(attributes)
        _table(stack).add_destination(tenant, name, Destination("queue", attributes["QueueUrl"]))
        return _not_in(stack, "ReplyQueueArns", queue_arn)


def add_inbox(stack: Stack, prefix: str, tenant: str, groups: frozenset[str], threshold: float | None = None) -> str:
    """Let files of questions below a prefix of the inbox bucket be asked for a tenant and groups; the prefix.

    Raises:
        UsageError: the prefix, the tenant, a group or the threshold will not do; the sentence says why.
    """
    below = prefix.strip("/") + "/"
    principal = _principal(tenant, f"inbox:{below}", groups, threshold)
    if not _PREFIX.fullmatch(below) or RESULTS.strip("/") in below.split("/") or below.startswith(UPLOADS):
        raise UsageError(
            f"{prefix!r} will not do as a prefix: up to {DEEPEST_PREFIX} folders, of letters, digits and . _ = -; "
            f"{UPLOADS} and folders called {RESULTS} are docqa's own."
        )
    with _aws(stack):
        _table(stack).add_inbox(InboxChannel(below, principal))
    return below


def remove_inbox(stack: Stack, prefix: str) -> None:
    """Close a prefix of the inbox bucket: files below it are refused from now on.

    Raises:
        NotFoundError: it was not registered.
    """
    with _aws(stack):
        if not _table(stack).remove_inbox(prefix.strip("/") + "/"):
            raise NotFoundError(f"{prefix} is not registered.")


def remove_queue(stack: Stack, queue_arn: str) -> None:
    """Close a queue: its messages are refused from now on.

    Raises:
        NotFoundError: it was not registered.
    """
    with _aws(stack):
        if not _table(stack).remove_queue(queue_arn):
            raise NotFoundError(f"{queue_arn} is not registered.")


def remove_destination(stack: Stack, name: str, tenant: str) -> None:
    """Forget a destination: questions that name it are refused from now on.

    Raises:
        NotFoundError: it was not registered.
    """
    with _aws(stack):
        if not _table(stack).remove_destination(tenant, name):
            raise NotFoundError(f"{tenant} has no destination {name}.")


def registered(stack: Stack) -> list[dict[str, Any]]:
    """Everything that is registered, as plain values."""
    with _aws(stack):
        table = _table(stack)
        queues: list[dict[str, Any]] = [
            {"kind": "questions", "queue": arn, **_asks_for(one)} for arn, one in sorted(table.queues().items())
        ]
        destinations = [
            {"kind": "answers", "tenant": tenant, "name": name, "queue": one.address}
            for (tenant, name), one in sorted(table.destinations().items())
        ]
        inboxes = [
            {"kind": "files", "prefix": prefix, **_asks_for(one)} for prefix, one in sorted(table.inboxes().items())
        ]
    return queues + destinations + inboxes


def _asks_for(principal: Principal) -> dict[str, Any]:
    return {"tenant": principal.tenant, "groups": sorted(principal.groups), "threshold": principal.threshold}


def _table(stack: Stack) -> ChannelsTable:
    return ChannelsTable(stack.client("dynamodb"), stack.output("ChannelsTableName"))


def _own_arn(stack: Stack) -> str:
    sqs: SQSClient = stack.client("sqs")
    own = sqs.get_queue_attributes(QueueUrl=stack.output("QuestionsQueueUrl"), AttributeNames=["QueueArn"])
    return own["Attributes"]["QueueArn"]


def _attributes(stack: Stack, queue_arn: str) -> dict[str, str]:
    """The queue's attributes and its URL."""
    found = _ARN.fullmatch(queue_arn)
    if found is None:
        raise UsageError(f"{queue_arn!r} is no ARN of an SQS queue: arn:aws:sqs:REGION:ACCOUNT:NAME.")
    if found["region"] != stack.region:
        raise UsageError(f"The queue is in {found['region']}, the stack in {stack.region}: they must share a region.")
    sqs: SQSClient = stack.client("sqs")
    try:
        url = sqs.get_queue_url(QueueName=found["name"], QueueOwnerAWSAccountId=found["account"])["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist as error:
        raise NotFoundError(f"There is no queue {queue_arn}, or you may not look at it.") from error
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {**{str(name): value for name, value in attributes.items()}, "QueueUrl": url}


def _check_source(attributes: dict[str, str]) -> None:
    if int(attributes.get("VisibilityTimeout", 0)) < LEAST_VISIBILITY_SECONDS:
        raise UsageError(
            f"The queue's visibility timeout is {attributes.get('VisibilityTimeout')} s: raise it to "
            f"{LEAST_VISIBILITY_SECONDS} s or more, so that no question comes back while it is worked on."
        )
    redrive = json.loads(attributes.get("RedrivePolicy") or "{}")
    if int(redrive.get("maxReceiveCount", 0)) < LEAST_RECEIVES:
        raise UsageError(
            f"The queue needs a dead-letter queue and a maxReceiveCount of {LEAST_RECEIVES} or more, "
            "so that no question is lost and none is tried for ever."
        )
    _check_encryption(attributes)


def _check_encryption(attributes: dict[str, str]) -> None:
    if attributes.get("KmsMasterKeyId"):
        raise UsageError(
            "The queue is encrypted with a KMS key, which the stack's role may not use: "
            "encrypt it with SSE-SQS (SqsManagedSseEnabled) instead."
        )


def _principal(tenant: str, subject: str, groups: frozenset[str], threshold: float | None) -> Principal:
    _check_tenant(tenant)
    for group in groups:
        _check(_GROUP, group, f"{group!r} is no name of a group: use letters, digits and _ . @ -")
    if threshold is not None and not 0.0 <= threshold <= 1.0:
        raise UsageError(f"{threshold} is no threshold: it is a confidence, from 0 (answer everything) to 1.")
    return Principal(tenant, subject, groups, threshold)


def _check_tenant(tenant: str) -> None:
    if not TENANT.fullmatch(tenant):
        raise UsageError(f"{tenant!r} is no name of a tenant: up to 128 characters, none of them / or #.")


def _check(kind: TypeAdapter[str], value: str, sentence: str) -> None:
    try:
        kind.validate_python(value)
    except ValidationError as error:
        raise UsageError(sentence) from error


def _not_in(stack: Stack, parameter: str, queue_arn: str) -> list[str]:
    """What to do when the stack has no permission for the queue yet."""
    described = stack.client("cloudformation").describe_stacks(StackName=stack.name)["Stacks"][0]
    values = {one["ParameterKey"]: one.get("ParameterValue", "") for one in described.get("Parameters", [])}
    if queue_arn in values.get(parameter, "").split(","):
        return []
    return [f"Now name {queue_arn} in the stack's parameter {parameter} and deploy, so that the stack may use it."]


@contextmanager
def _aws(stack: Stack) -> Iterator[None]:
    from botocore import exceptions

    try:
        yield
    except (exceptions.NoCredentialsError, exceptions.ClientError) as error:
        raise SignInError(
            f"The channels of {stack.name} cannot be changed with these AWS credentials: {error}"
        ) from error
    except (exceptions.BotoCoreError, RetryableError) as error:
        raise UnavailableError(f"The channels of {stack.name} cannot be reached: {error}") from error
