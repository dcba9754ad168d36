"""What AWS tells docqa: objects that changed, executions that ended. Only the fields that are used."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from docqa.models.document import DocumentReference

# What it is called when an execution was ended from outside. Step Functions says States.Timeout of a step, too.
STATUS_ERRORS = {"TIMED_OUT": "ExecutionTimedOut", "ABORTED": "ExecutionAborted"}


class _Notice(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class NotedBucket(_Notice):
    """The bucket of an object event."""

    name: str


class NotedObject(_Notice):
    """The object of an object event. EventBridge hands keys over as they are: they are not URL-encoded."""

    key: str
    sequencer: str = ""


class ObjectChange(_Notice):
    """Which object changed."""

    bucket: NotedBucket
    object: NotedObject


class BucketNotice(_Notice):
    """S3's `Object Created` or `Object Deleted`, through EventBridge. A hint to look at the object, nothing more."""

    detail: ObjectChange


class ExecutionChange(_Notice):
    """Which execution changed its status."""

    name: str
    status: str
    input: str | None = None
    error: str | None = None
    cause: str | None = None


class ExecutionNotice(_Notice):
    """Step Functions' `Step Functions Execution Status Change`, through EventBridge."""

    detail: ExecutionChange

    @property
    def ended(self) -> bool:
        """Whether the execution will do nothing more."""
        return self.detail.status != "RUNNING"


class DispatchRequest(BaseModel):
    """A message of the dispatch queue that is docqa's own: a version that waits, or nothing (a tick)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document_id: str | None = None
    generation: int | None = None


DispatchMessage: TypeAdapter[ExecutionNotice | DispatchRequest] = TypeAdapter(ExecutionNotice | DispatchRequest)
"""What the dispatch queue carries."""


class ReconcileRequest(BaseModel):
    """A message of the maintenance queue.

    Attributes:
        generation: The version to fill the indexes with, instead of the one that answers.
        first: The chunk at which to go on filling.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    document_id: str
    generation: int | None = None
    first: int = 0


class SweepRequest(BaseModel):
    """What a schedule asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sweep: Literal["deadlines", "bucket"]


class Tick(BaseModel):
    """What a schedule sends to a function that has one thing to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FailureReport(BaseModel):
    """A failed attempt, as the state machine's failure state or an ended execution's event tells of it.

    Attributes:
        error, cause: As Step Functions words them.
        from_step: The state machine itself told, once an execution; a repeat is a retry of that one call.
    """

    model_config = ConfigDict(frozen=True)

    reference: DocumentReference
    error: str = ""
    cause: str = ""
    from_step: bool = True

    @model_validator(mode="before")
    @classmethod
    def _either_shape(cls, data: Any) -> Any:
        if isinstance(data, dict) and "detail" in data:
            change = ExecutionNotice.model_validate(data).detail
            return {
                "reference": json.loads(change.input or "{}").get("reference"),
                "error": STATUS_ERRORS.get(change.status) or change.error or "",
                "cause": change.cause or "",
                "from_step": False,
            }
        if isinstance(data, dict) and isinstance(data.get("error"), dict):
            caught = data["error"]
            return {
                "reference": data.get("reference"),
                "error": caught.get("Error", ""),
                "cause": caught.get("Cause", ""),
            }
        return data


class AsyncInferenceNotice(_Notice):
    """What SageMaker publishes when an asynchronous invocation was answered or has failed."""

    inference_id: str = Field(alias="inferenceId")


class InferenceRequest(BaseModel):
    """A message of the inference queue that is docqa's own: a job to be looked at, or nothing (look at all of them)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: str | None = None


InferenceMessage: TypeAdapter[AsyncInferenceNotice | InferenceRequest] = TypeAdapter(
    AsyncInferenceNotice | InferenceRequest
)
"""What the inference queue carries."""
