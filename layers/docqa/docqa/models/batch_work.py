"""What the steps of answer_batch are given and give: ids, numbers and words of docqa's own."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from docqa.models.notices import STATUS_ERRORS, ExecutionNotice


class BatchStep(StrEnum):
    """Steps of one function that have the same needs."""

    SPLIT = "SPLIT"
    REQUEST = "REQUEST"
    FINISH = "FINISH"
    FAIL = "FAIL"
    FIND = "FIND"
    CONCLUDE = "CONCLUDE"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ArrangeWork(_Frozen):
    """A step over the whole batch.

    Attributes:
        task_token: To be woken by, of REQUEST.
        execution: Name of the one that failed, of FAIL.
        error, cause: Why it did, as Step Functions words it.
    """

    step: BatchStep
    batch_id: str
    task_token: str = ""
    execution: str = ""
    error: str = ""
    cause: str = ""

    @model_validator(mode="before")
    @classmethod
    def _any_shape(cls, data: Any) -> Any:
        """A failure is told by the state machine, or by the event of its ended execution."""
        if isinstance(data, dict) and "detail" in data:
            change = ExecutionNotice.model_validate(data).detail
            return {
                "step": BatchStep.FAIL,
                "batch_id": json.loads(change.input or "{}").get("batch_id"),
                "execution": change.name,
                "error": STATUS_ERRORS.get(change.status) or change.error or "",
                "cause": change.cause or "",
            }
        if isinstance(data, dict) and isinstance(data.get("error"), dict):
            caught = data["error"]
            return {**data, "error": caught.get("Error", ""), "cause": caught.get("Cause", "")}
        return data


class Splitting(_Frozen):
    """How a batch is shared out, and how many seconds it has left."""

    parts: list[int]
    seconds_left: int = Field(ge=1)


class AnswerWork(_Frozen):
    """A step over one part of a batch.

    Attributes:
        waited: Seconds that the part waited for its turn before; 0: it was not refused; None: its execution began
            before parts took turns, and does not wait when it is told to.
    """

    step: BatchStep
    batch_id: str
    part: int = Field(ge=0)
    waited: int | None = Field(default=None, ge=0)


class AnswerProgress(_Frozen):
    """Whether the part is through.

    Attributes:
        wait_seconds: After which it is to ask for its turn again; 0: it had one.
    """

    done: bool
    wait_seconds: int = Field(default=0, ge=0)
