"""What is behind the name of an endpoint or of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from devstack.modelserver.arns import ACCOUNT
from devstack.modelserver.hosting.containers import NAMES, container_kind, kind_by_name
from devstack.modelserver.hosting.errors import invalid_invocation
from devstack.modelserver.hosting.resources import Hosting


@dataclass(frozen=True)
class Serverless:
    """How many invocations at once a serverless endpoint takes, and for how many it is always warm."""

    most: int
    warm: int


@dataclass(frozen=True)
class AsyncOutput:
    """Where an asynchronous endpoint writes answers and failures, and whom it tells; empty: nowhere, nobody."""

    answers: str
    failures: str
    success_topic: str
    error_topic: str


@dataclass(frozen=True)
class Endpoint:
    """An endpoint as its configuration wants it.

    Attributes:
        container: kind of container.
        models: where the models of a multi-model endpoint lie, as an S3 prefix; None: it has one model.
        instances: how many it began with; 0 for a serverless one.
    """

    name: str
    container: str
    models: str | None = None
    instances: int = 1
    serverless: Serverless | None = None
    output: AsyncOutput | None = None


class Endpoints:
    """Endpoints by name: those that were created, and real-time ones whose name ends in that of a container.

    Args:
        hosting: what was created.
    """

    def __init__(self, hosting: Hosting) -> None:
        self._hosting = hosting

    def find(self, name: str) -> Endpoint:
        """The endpoint.

        Raises:
            AwsError: there is none.
        """
        if self._hosting.has_endpoint(name):
            return self._created(name)
        container = kind_by_name(name)
        if container is None:
            endings = ", ".join(f"-{kind}" for kind in NAMES)
            raise invalid_invocation(
                f"Endpoint {name} of account {ACCOUNT} not found. (Here it is created, or its name ends in {endings}.)"
            )
        return Endpoint(name, container)

    def container_of(self, model: str) -> str:
        """The kind of container that a model runs in.

        Raises:
            AwsError: there is no such model.
        """
        by_name = None if self._hosting.has_model(model) else kind_by_name(model)
        return by_name or _container(self._hosting.model(model))

    def _created(self, name: str) -> Endpoint:
        config = self._hosting.config(self._hosting.endpoint(name)["EndpointConfigName"])
        (variant,) = config["ProductionVariants"]
        model = self._hosting.model(variant["ModelName"])
        container = model["PrimaryContainer"]
        return Endpoint(
            name,
            kind_by_name(name) or _container(model),
            models=container["ModelDataUrl"] if container.get("Mode") == "MultiModel" else None,
            instances=variant.get("InitialInstanceCount", 0),
            serverless=_serverless(variant.get("ServerlessConfig")),
            output=_output(config.get("AsyncInferenceConfig")),
        )


def _container(model: dict[str, Any]) -> str:
    container = model["PrimaryContainer"]
    return container_kind(model["ModelName"], container["Image"], container.get("Environment") or {})


def _serverless(config: dict[str, Any] | None) -> Serverless | None:
    return None if config is None else Serverless(config["MaxConcurrency"], config.get("ProvisionedConcurrency", 0))


def _output(config: dict[str, Any] | None) -> AsyncOutput | None:
    if config is None:
        return None
    output = config["OutputConfig"]
    topics = output.get("NotificationConfig") or {}
    return AsyncOutput(
        output["S3OutputPath"].rstrip("/"),
        output.get("S3FailurePath", "").rstrip("/"),
        topics.get("SuccessTopic", ""),
        topics.get("ErrorTopic", ""),
    )
