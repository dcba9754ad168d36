"""How SageMaker behaves, changed while the server runs."""

from __future__ import annotations

from pydantic import Field

from devstack.modelserver.faults import Control, NoticeBehaviour, Seconds, Share
from devstack.modelserver.hosting.errors import rate_exceeded
from devstack.modelserver.notices import NOTICES_COUNTED

COUNTED = (
    *NOTICES_COUNTED,
    "invocations", "asynchronous_invocations", "transform_jobs", "mini_batches", "throttled", "failed_invocations",
    "expired_requests", "missing_outputs", "model_loads", "cold_starts", "wakes",
)  # fmt: skip


class HostingBehaviour(NoticeBehaviour):
    """Body of PUT /_control/sagemaker. Shares are of 0 to 1.

    Attributes:
        throttled_share: Of calls of the runtime and of CreateTransformJob: ThrottlingException.
        failed_share: Of asynchronous invocations and of mini-batches: the model fails with status 500.
        missing_output_share: Of asynchronous answers and transformed files: announced, but nothing is written.
        queue_seconds: How long an asynchronous request waits in the queue.
        invocation_seconds: How long the model seems to work on an asynchronous request.
        wake_seconds: How long an asynchronous endpoint takes from no instance to one.
        idle_seconds: After so long without work asynchronous and serverless endpoints have no instance; None: never.
        cold_start_seconds: How long a serverless endpoint takes to have one more instance.
        load_seconds: How long a multi-model endpoint takes to load a model.
        models_in_memory: How many models a multi-model endpoint holds; None: all.
        transform_seconds: A transform job takes at least so long.
        transform_jobs_at_once: With so many in progress, ResourceLimitExceeded.
        limits_faster: Limits in seconds of requests and of SageMaker itself are over so many times sooner.
    """

    throttled_share: Share = 0.0
    failed_share: Share = 0.0
    missing_output_share: Share = 0.0
    queue_seconds: Seconds = 0.0
    invocation_seconds: Seconds = 0.0
    wake_seconds: Seconds = 0.0
    idle_seconds: Seconds | None = None
    cold_start_seconds: Seconds = 0.0
    load_seconds: Seconds = 0.0
    models_in_memory: int | None = Field(None, ge=1)
    transform_seconds: Seconds = 0.0
    transform_jobs_at_once: int | None = Field(None, ge=1)
    limits_faster: float = Field(1.0, gt=0)


class HostingControl(Control[HostingBehaviour]):
    """The behaviour now, and counts since it was set, by the names of COUNTED."""

    def __init__(self, behaviour: HostingBehaviour) -> None:
        super().__init__(behaviour, COUNTED)

    def admit(self, counted_as: str) -> None:
        """Let a call pass, and count it.

        Raises:
            AwsError: it is to be throttled.
        """
        self.count(counted_as)
        if self.happens(self.behaviour.throttled_share, "throttled"):
            raise rate_exceeded()

    def limit(self, seconds: float) -> float:
        """How long a limit of so many seconds really is."""
        return seconds / self.behaviour.limits_faster
