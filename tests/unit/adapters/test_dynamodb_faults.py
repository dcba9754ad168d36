from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from docqa.adapters.dynamodb_faults import ConditionFailedError, dynamodb_faults
from docqa.errors import ConcurrentUpdateError, ServiceUnavailableError, ThrottledError


def fault(code: str, *reasons: str, status: int = 400) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    if reasons:
        response["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return ClientError(response, "TransactWriteItems")


@pytest.mark.parametrize(
    ("raised", "meant"),
    [
        (fault("ProvisionedThroughputExceededException"), ThrottledError),
        (fault("ThrottlingException"), ThrottledError),
        (fault("TransactionCanceledException", "None", "ThrottlingError"), ThrottledError),
        (fault("TransactionCanceledException", "ProvisionedThroughputExceeded", "None"), ThrottledError),
        (fault("TransactionCanceledException", "None", "TransactionConflict"), ConcurrentUpdateError),
        (fault("TransactionCanceledException", "ConditionalCheckFailed", "TransactionConflict"), ConcurrentUpdateError),
        (fault("TransactionConflictException"), ConcurrentUpdateError),
        (fault("InternalServerError", status=500), ServiceUnavailableError),
        (ReadTimeoutError(endpoint_url="https://dynamodb.test"), ServiceUnavailableError),
    ],
)
def test_faults_are_told_apart_by_what_a_retry_helps(raised: Exception, meant: type[Exception]) -> None:
    with pytest.raises(meant), dynamodb_faults():
        raise raised


def test_the_writes_whose_condition_failed_are_named() -> None:
    with pytest.raises(ConditionFailedError) as transaction, dynamodb_faults():
        raise fault("TransactionCanceledException", "ConditionalCheckFailed", "None", "ConditionalCheckFailed")
    assert transaction.value.writes == {0, 2}
    with pytest.raises(ConditionFailedError) as single, dynamodb_faults():
        raise fault("ConditionalCheckFailedException")
    assert single.value.writes == {0}


def test_what_is_our_own_mistake_passes_through() -> None:
    with pytest.raises(ClientError), dynamodb_faults():
        raise fault("ValidationException")
    with pytest.raises(ClientError), dynamodb_faults():
        raise fault("TransactionCanceledException", "ValidationError")
