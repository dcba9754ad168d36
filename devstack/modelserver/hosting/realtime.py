"""InvokeEndpoint: real-time, serverless and multi-model endpoints."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from devstack.modelserver.arns import bucket_and_key
from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.documents import ObjectStore
from devstack.modelserver.hosting.behaviour import HostingControl
from devstack.modelserver.hosting.capacity import LoadedModels, ServerlessWorkers
from devstack.modelserver.hosting.containers import Answered, Containers, model_error
from devstack.modelserver.hosting.endpoints import Endpoint, Endpoints
from devstack.modelserver.hosting.errors import invalid_invocation

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
INVOCATION_BYTES = 6 * 1024 * 1024
# https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints-invoke.html
SERVERLESS_BYTES = 4 * 1024 * 1024
INVOCATION_SECONDS = 60.0


@dataclass(frozen=True)
class Place:
    """An invocation that was let in.

    Attributes:
        wait: seconds until its model can work.
        refusal: what it is told after the wait, instead of an answer.
        leave: to be called at its end.
    """

    endpoint: Endpoint
    wait: float = 0.0
    refusal: AwsError | None = None
    leave: Callable[[], object] = lambda: None


class RealTimeInvocations:
    """The operation in two parts, because between them somebody has to wait.

    Args:
        endpoints: all of them.
        containers: what answers.
        control: faults and times.
        objects: where archives of models lie.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        containers: Containers,
        control: HostingControl,
        objects: ObjectStore,
    ) -> None:
        self._endpoints = endpoints
        self._containers = containers
        self._control = control
        self._objects = objects
        self._workers = ServerlessWorkers(control)
        self._models = LoadedModels(control)

    def admit(self, name: str, size: int, target_model: str | None) -> Place:
        """Let an invocation in.

        Args:
            name: the endpoint's.
            size: of the body in bytes.
            target_model: header TargetModel.

        Raises:
            AwsError: it is refused.
        """
        self._control.admit("invocations")
        endpoint = self._endpoints.find(name)
        if endpoint.output is not None:
            raise invalid_invocation(
                f"Endpoint {name} has an AsyncInferenceConfig: it can only receive asynchronous invocations."
            )
        if endpoint.serverless is not None:
            if size > SERVERLESS_BYTES:
                raise invalid_invocation(f"Request {uuid.uuid4()} has oversize body.")
            wait = self._workers.enter(name, endpoint.serverless)
            return Place(endpoint, wait, leave=lambda: self._workers.leave(name))
        if size > INVOCATION_BYTES:
            raise invalid_invocation(f"Request body is larger than {INVOCATION_BYTES} bytes.", status=413)
        return self._with_model(endpoint, target_model)

    def answer(self, place: Place, content: bytes, content_type: str) -> Answered:
        """What the container says.

        Raises:
            AwsError: it refused or failed.
        """
        if place.refusal is not None:
            raise place.refusal
        answered = self._containers.answer(place.endpoint.container, content, content_type)
        most = INVOCATION_BYTES if place.endpoint.serverless is None else SERVERLESS_BYTES
        if len(answered.content) > most:
            raise model_error(500, f"the response is larger than {most} bytes")
        return answered

    def _with_model(self, endpoint: Endpoint, target: str | None) -> Place:
        if endpoint.models is None:
            if target is not None:
                raise invalid_invocation(
                    f"Endpoint {endpoint.name} is not a multi-model endpoint: leave TargetModel out."
                )
            return Place(endpoint)
        if target is None:
            raise invalid_invocation(f"TargetModel is required: {endpoint.name} is a multi-model endpoint.")
        if not self._is_there(f"{endpoint.models}{target}"):
            raise invalid_invocation(
                f"Failed to download model data({endpoint.models}{target}). Please ensure that there is an object "
                "located at the URL and that the role passed to CreateModel has permissions to download the model."
            )
        longest = self._control.limit(INVOCATION_SECONDS)
        wait = self._models.ready_in(endpoint.name, target)
        if wait <= longest:
            return Place(endpoint, wait)
        loading = AwsError("ModelNotReadyException", f"Model {target} is not ready for inference yet.", status=429)
        return Place(endpoint, longest, loading)

    def _is_there(self, archive: str) -> bool:
        bucket, key = bucket_and_key(archive) or ("", "")
        return any(found.key == key for found in self._objects.list_objects(bucket, key))
