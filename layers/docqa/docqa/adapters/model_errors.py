"""What the model services' errors mean: too fast, not there, or set up wrongly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from docqa.adapters.aws_errors import TRANSPORT_FAULTS
from docqa.errors import ConfigurationError, ServiceUnavailableError, ThrottledError

_TOO_MANY_REQUESTS = 429
_REQUEST_TIMEOUT = 408
_SERVER_FAULT = 500
_THROTTLES = frozenset(
    {"ThrottlingException", "TooManyRequestsException", "ServiceQuotaExceededException", "ResourceLimitExceeded"}
)
# SageMaker calls everything that the container answered ModelError, and says the container's status apart.
_PASSING = frozenset({"ModelNotReadyException", "ModelTimeoutException", "ServiceUnavailable", "InternalFailure"})


@contextmanager
def model_errors(model: str) -> Iterator[None]:
    """Raise what Bedrock and SageMaker answer as docqa's errors.

    Args:
        model: Model id or endpoint name, for the message.

    Raises:
        ThrottledError: over a rate or a quota of ours.
        ServiceUnavailableError: no answer, no capacity, still loading, or a fault on their side.
        ConfigurationError: the model refuses what is sent to it, or the role may not call it.
    """
    try:
        yield
    except ClientError as error:
        raise _meaning(error, model) from error
    except TRANSPORT_FAULTS as error:
        raise ServiceUnavailableError(f"{model} does not answer: {type(error).__name__}") from error
    except BotoCoreError as error:
        raise ConfigurationError(f"{model} cannot be called: {type(error).__name__}") from error


def _meaning(error: ClientError, model: str) -> ThrottledError | ServiceUnavailableError | ConfigurationError:
    answer: Mapping[str, Any] = error.response
    code = answer.get("Error", {}).get("Code", "")
    status = answer.get("OriginalStatusCode") or answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    # ModelNotReadyException comes with 429, but is no rate of ours: the model is still loading.
    if code in _THROTTLES or (status == _TOO_MANY_REQUESTS and code not in _PASSING):
        return ThrottledError(f"{model} is asked too often at the moment ({code})")
    if code in _PASSING or status >= _SERVER_FAULT or status == _REQUEST_TIMEOUT:
        return ServiceUnavailableError(f"{model} is not available at the moment ({code} {status})")
    return ConfigurationError(f"{model} refuses the call ({code} {status}): check the model's id, access and format")
