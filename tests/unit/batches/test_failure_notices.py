"""What is told of a batch's ended execution, and what its sender reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docqa.domain.batch_failures import batch_failure
from docqa.domain.failure_words import ABORTED, EXECUTION_TIMED_OUT
from docqa.models.batch_work import ArrangeWork

BATCH = "0" * 32


def event(status: str, error: str | None) -> dict[str, Any]:
    told = {"name": f"{BATCH}-1", "status": status, "input": json.dumps({"batch_id": BATCH}), "error": error}
    return {"detail": told | {"cause": "by hand"}}


@pytest.mark.parametrize(
    ("status", "error", "code", "said"),
    [
        ("ABORTED", "Because", ABORTED, "stopped by an operator"),
        ("ABORTED", None, ABORTED, "stopped by an operator"),
        ("TIMED_OUT", "States.Timeout", EXECUTION_TIMED_OUT, "The batch took longer"),
        ("FAILED", "BatchError", "BatchError", "by hand"),
    ],
)
def test_how_an_execution_was_ended_counts_more_than_what_it_is_called(
    status: str, error: str | None, code: str, said: str
) -> None:
    """Promise 10: whoever stops an execution may name an error, and Step Functions names one of a step."""
    work = ArrangeWork.model_validate(event(status, error))
    failure = batch_failure(work.error, work.cause)
    assert failure.code == code
    assert said in failure.message
