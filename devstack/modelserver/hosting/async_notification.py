"""What SageMaker publishes about an asynchronous invocation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from devstack.modelserver.arns import REGION
from devstack.modelserver.hosting.invocations import COMPLETED, FAILED, Invocation, Outcome


def notification(invocation: Invocation, outcome: Outcome, now: float) -> dict[str, Any]:
    """The message, as success and error topics of real endpoints have shown it.

    Args:
        invocation: what ended.
        outcome: how.
        now: seconds since 1970.
    """
    asked = {
        "contentType": invocation.content_type,
        "accept": invocation.accept,
        "endpointName": invocation.endpoint,
        "inputLocation": invocation.input,
    }
    if outcome.status == COMPLETED:
        answered = {"contentType": outcome.content_type, "outputLocation": invocation.answer}
    else:
        written = outcome.status == FAILED and invocation.failure
        answered = {"failureLocation": invocation.failure} if written else {}
    return {
        "awsRegion": REGION,
        "eventTime": _iso(now),
        "receivedTime": _iso(invocation.received),
        "invocationStatus": outcome.status,
        **({"failureReason": outcome.reason} if outcome.reason else {}),
        "requestParameters": {name: value for name, value in asked.items() if value},
        **({"responseParameters": answered} if answered else {}),
        "inferenceId": invocation.inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
