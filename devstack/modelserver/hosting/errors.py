"""SageMaker's errors, in its own words where they are known."""

from __future__ import annotations

from devstack.modelserver.aws_errors import AwsError


def invalid(message: str) -> AwsError:
    """The control plane's answer to a request that is not right, or about something that is not there."""
    return AwsError("ValidationException", message)


def invalid_invocation(message: str, status: int = 400) -> AwsError:
    """The runtime's answer to a request that is not right."""
    return AwsError("ValidationError", message, status)


def rate_exceeded() -> AwsError:
    """The answer to a call too many, of the runtime and of the control plane."""
    return AwsError("ThrottlingException", "Rate exceeded")
