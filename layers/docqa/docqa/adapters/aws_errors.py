"""What a failed AWS call means to docqa; every boto3 adapter uses it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    ChecksumError,
    ClientError,
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    MetadataRetrievalError,
)
from botocore.exceptions import ConnectionError as ConnectionFailed

from docqa.errors import ServiceUnavailableError, ThrottledError

# "Too fast" and "too many at once", under the names that the services give them.
THROTTLES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestLimitExceeded",
        "RequestThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "LimitExceededException",
        "SlowDown",
    }
)
# What happens on the way: no connection (a timeout, TLS, a proxy), none any more, an answer that is cut off or damaged,
# and the role's credentials, which come over HTTP too. botocore has no common class for them.
TRANSPORT_FAULTS = (
    ConnectionFailed,
    HTTPClientError,
    IncompleteReadError,
    ChecksumError,
    FlexibleChecksumError,
    CredentialRetrievalError,
    MetadataRetrievalError,
)
_SERVER_FAULT = 500
_TOO_MANY_REQUESTS = 429


def code_of(error: ClientError) -> str:
    """The error code that the service gave."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """The HTTP status of the answer; 0 when there was none."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


@contextmanager
def aws_errors(service: str) -> Iterator[None]:
    """Raise throttles and faults of an AWS service as docqa's errors; any other `ClientError` passes through.

    Raises:
        ThrottledError: the service said "too fast" or "too many at once", also after botocore's own retries.
        ServiceUnavailableError: any of `TRANSPORT_FAULTS`, or a 5xx.
    """
    try:
        yield
    except ClientError as error:
        if code_of(error) in THROTTLES or status_of(error) == _TOO_MANY_REQUESTS:
            raise ThrottledError(f"{service} throttles: {code_of(error)}") from error
        if status_of(error) >= _SERVER_FAULT:
            raise ServiceUnavailableError(f"{service} failed: {code_of(error)}") from error
        raise
    except TRANSPORT_FAULTS as error:
        raise ServiceUnavailableError(f"{service} does not answer: {type(error).__name__}") from error
