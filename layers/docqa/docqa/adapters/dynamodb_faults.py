"""What DynamoDB's conditional and transactional failures mean to docqa."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError

from docqa.adapters.aws_errors import aws_errors, code_of
from docqa.errors import ConcurrentUpdateError, ThrottledError

# Inside a cancelled transaction each write has its own reason, named a little differently from the call's errors.
_THROTTLED = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})
_CONFLICT = frozenset({"TransactionConflict", "TransactionConflictException", "TransactionInProgressException"})
_CONDITION = "ConditionalCheckFailed"


class ConditionFailedError(Exception):
    """A condition did not hold, so nothing was written. Stays inside the adapters.

    Attributes:
        writes: Positions, within the transaction, of the writes whose condition failed; {0} for a single write.
    """

    def __init__(self, writes: frozenset[int]) -> None:
        super().__init__(f"the condition of write {sorted(writes)} did not hold")
        self.writes = writes


@contextmanager
def dynamodb_faults() -> Iterator[None]:
    """Translate what DynamoDB calls raise in this block.

    Raises:
        ThrottledError: the table, an index or the account is asked for too much at once.
        ConcurrentUpdateError: another transaction holds one of the items.
        ServiceUnavailableError: DynamoDB did not answer, or answered with a fault of its own.
        ConditionFailedError: a condition did not hold.
    """
    try:
        with aws_errors("DynamoDB"):
            yield
    except ClientError as error:
        fault = _meaning(error)
        if fault is None:
            raise
        raise fault from error


def _meaning(error: ClientError) -> Exception | None:
    code = code_of(error)
    reasons = [reason.get("Code", "") for reason in error.response.get("CancellationReasons", [])]
    if _THROTTLED.intersection(reasons):
        return ThrottledError("DynamoDB throttles: a write of the transaction")
    if _CONFLICT.intersection({code, *reasons}):
        return ConcurrentUpdateError("another transaction is writing the same item")
    if code == _CONDITION + "Exception":
        return ConditionFailedError(frozenset({0}))
    if _CONDITION in reasons:
        return ConditionFailedError(frozenset(index for index, reason in enumerate(reasons) if reason == _CONDITION))
    return None
