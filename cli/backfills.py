"""Start, pause, resume and follow backfills, with an administrator's AWS credentials."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cli.errors import NotFoundError, SignInError, UnavailableError, UsageError
from cli.stack import Stack
from docqa.adapters.dynamodb_backfills import DynamoDbBackfillRegistry
from docqa.errors import RetryableError
from docqa.models.backfill import Backfill, BackfillStatus

_SOURCE = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<prefix>.*)")
_TENANT = re.compile(r"[^/#\x00-\x1f\x7f-\x9f]{1,128}")


def start(stack: Stack, source: str, tenant: str, into: str) -> Backfill:
    """Take the objects below `source` (`s3://bucket/prefix`) in as documents of the tenant, below the path `into`.

    Raises:
        UsageError: source or tenant will not do.
    """
    found = _SOURCE.fullmatch(source)
    if found is None:
        raise UsageError(f"{source} is no source: write s3://BUCKET/PREFIX, or s3://BUCKET/ for all of it.")
    if not _TENANT.fullmatch(tenant):
        raise UsageError(f"{tenant!r} is no name of a tenant: up to 128 characters, none of them / or #.")
    below = f"{into.strip('/')}/" if into.strip("/") else ""
    # The folder of a prefix that ends within a name stays: s3://b/reports/2026 takes reports/2026-01.pdf in as such.
    prefix = found["prefix"]
    backfill = Backfill(
        backfill_id=uuid.uuid4().hex[:12],
        bucket=found["bucket"],
        prefix=prefix,
        tenant=tenant,
        into=below,
        status=BackfillStatus.LISTING,
        started_at=time.time(),
    )
    with _aws(stack):
        _registry(stack).create(backfill)
        _run(stack, backfill.backfill_id, "1")
    return backfill


def pause(stack: Stack, backfill_id: str) -> None:
    """Let nothing more be taken in; what waits already is worked off.

    Raises:
        UsageError: it is not running.
    """
    with _aws(stack):
        if not _registry(stack).set_status(backfill_id, BackfillStatus.PAUSED, BackfillStatus.RUNNING):
            raise UsageError(f"Only a running backfill can be paused; this one is {show(stack, backfill_id).status}.")


def resume(stack: Stack, backfill_id: str) -> None:
    """Go on: after a pause, or where its execution failed.

    Raises:
        UsageError: it is through.
    """
    with _aws(stack):
        backfill = show(stack, backfill_id)
        if backfill.status is BackfillStatus.DONE:
            raise UsageError("This backfill is through: start another one to take in what is new.")
        _registry(stack).set_status(backfill_id, BackfillStatus.RUNNING, BackfillStatus.PAUSED)
        if not _is_running(stack, backfill_id):
            _run(stack, backfill_id, uuid.uuid4().hex[:8])


def show(stack: Stack, backfill_id: str) -> Backfill:
    """One backfill as it is.

    Raises:
        NotFoundError: there is none of that id.
    """
    with _aws(stack):
        found = _registry(stack).get(backfill_id)
    if found is None:
        raise NotFoundError(f"There is no backfill {backfill_id}.")
    return found


def follow(stack: Stack, backfill_id: str, look: Callable[[Backfill], None], every: float = 2.0) -> Backfill:
    """Look at it again and again until it is through or paused."""
    while True:
        found = show(stack, backfill_id)
        look(found)
        if found.status in (BackfillStatus.DONE, BackfillStatus.PAUSED):
            return found
        time.sleep(every)


def objects_a_second(backfill: Backfill, now: float) -> float:
    """How many objects went through in a second, since it began."""
    through = backfill.copied + backfill.unchanged + backfill.refused
    return through / max((backfill.ended_at or now) - backfill.started_at, 1.0)


def seconds_left(backfill: Backfill, now: float) -> float | None:
    """How long it goes on at that rate; None while that cannot be told."""
    through = backfill.copied + backfill.unchanged + backfill.refused
    rate = objects_a_second(backfill, now)
    if backfill.status is BackfillStatus.LISTING or rate == 0.0:
        return None
    return (backfill.listed - through) / rate


def _run(stack: Stack, backfill_id: str, run: str) -> None:
    stack.client("stepfunctions").start_execution(
        stateMachineArn=stack.output("BackfillStateMachineArn"),
        name=f"{backfill_id}-{run}",
        input=json.dumps({"backfill_id": backfill_id}),
    )


def _is_running(stack: Stack, backfill_id: str) -> bool:
    pages = stack.client("stepfunctions").get_paginator("list_executions")
    found = pages.paginate(stateMachineArn=stack.output("BackfillStateMachineArn"), statusFilter="RUNNING")
    return any(one["name"].startswith(f"{backfill_id}-") for page in found for one in page["executions"])


def _registry(stack: Stack) -> DynamoDbBackfillRegistry:
    return DynamoDbBackfillRegistry(stack.client("dynamodb"), stack.output("JobsTableName"))


@contextmanager
def _aws(stack: Stack) -> Iterator[None]:
    from botocore import exceptions

    try:
        yield
    except (exceptions.NoCredentialsError, exceptions.ClientError) as error:
        raise SignInError(f"Backfills of {stack.name} are not yours with these AWS credentials: {error}") from error
    except (exceptions.BotoCoreError, RetryableError) as error:
        raise UnavailableError(f"The backfills of {stack.name} cannot be reached: {error}") from error
