"""The decorator of a CloudFormation custom resource: whatever happens, CloudFormation gets its answer."""

from __future__ import annotations

import functools
import json
import urllib.request
from collections.abc import Callable
from typing import Any

from docqa.errors import DocqaError
from docqa.runtime.logging import log_failure, logger

# CloudFormation refuses answers above 4,096 bytes.
_REASON_CHARACTERS = 1_000
_ANSWER_TIMEOUT_SECONDS = 10

Handler = Callable[[dict[str, Any], Any], None]


def custom_resource(physical_id: str) -> Callable[[Callable[[], None]], Handler]:
    """Make a Lambda handler of a function that creates or updates one thing; deleting the resource keeps it.

    An error is reported as FAILED with its reason, so that a deployment stops at once instead of waiting an hour.

    Args:
        physical_id: Name of the thing; always the same, so that an update is never taken for a replacement.
    """

    def decorate(function: Callable[[], None]) -> Handler:
        @functools.wraps(function)
        def handler(event: dict[str, Any], context: Any) -> None:
            logger.append_keys(request_id=getattr(context, "aws_request_id", ""))
            failure = None if event["RequestType"] == "Delete" else _run(function)
            _answer(event, physical_id, failure)
            logger.info("custom resource", extra={"request": event["RequestType"], "failed": failure is not None})

        return handler

    return decorate


def _run(function: Callable[[], None]) -> str | None:
    """Why the function failed, in a sentence; None when it did not."""
    try:
        function()
    except DocqaError as error:
        log_failure(error)
        return f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001 - without an answer CloudFormation would wait for an hour
        log_failure(error)
        return f"{type(error).__name__}: see the function's log"
    return None


def _answer(event: dict[str, Any], physical_id: str, failure: str | None) -> None:
    body = {
        "Status": "FAILED" if failure else "SUCCESS",
        "Reason": (failure or "")[:_REASON_CHARACTERS],
        "PhysicalResourceId": physical_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    # The address is a presigned one of CloudFormation's; its signature covers an empty content type.
    request = urllib.request.Request(  # noqa: S310
        event["ResponseURL"], data=json.dumps(body).encode(), method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=_ANSWER_TIMEOUT_SECONDS):  # noqa: S310
        pass
