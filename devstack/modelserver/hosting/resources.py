"""SageMaker's models, endpoint configurations and endpoints: created, described, deleted; kept over a restart."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from devstack.modelserver.arns import arn
from devstack.modelserver.hosting.errors import invalid
from devstack.modelserver.hosting.resource_checks import check_config, check_model
from devstack.modelserver.shelf import Shelf

Request = dict[str, Any]
NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


class Hosting:
    """The operations, from parsed request to response body, and what they made.

    Args:
        folder: where it is kept.
        instances: how many instances an endpoint has now, of as many as its configuration began with.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        folder: Path,
        instances: Callable[[str, int], int] = lambda _, initial: initial,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._models = Shelf(folder / "models")
        self._configs = Shelf(folder / "endpoint-configs")
        self._endpoints = Shelf(folder / "endpoints")
        self._instances = instances
        self._clock = clock
        self.operations: dict[str, Callable[[Request], dict[str, Any]]] = {
            "CreateModel": self.create_model,
            "DescribeModel": lambda request: self.model(request["ModelName"]),
            "DeleteModel": lambda request: self._delete(self._models, "model", request["ModelName"]),
            "CreateEndpointConfig": self.create_config,
            "DescribeEndpointConfig": lambda request: self.config(request["EndpointConfigName"]),
            "DeleteEndpointConfig": lambda request: self._delete(
                self._configs, "endpoint configuration", request["EndpointConfigName"]
            ),
            "CreateEndpoint": self.create_endpoint,
            "UpdateEndpoint": self.update_endpoint,
            "DescribeEndpoint": self.describe_endpoint,
            "DeleteEndpoint": lambda request: self._delete(self._endpoints, "endpoint", request["EndpointName"]),
        }

    def create_model(self, request: Request) -> dict[str, Any]:
        """CreateModel."""
        check_model(request)
        return self._create(self._models, "model", "Model", request)

    def create_config(self, request: Request) -> dict[str, Any]:
        """CreateEndpointConfig."""
        variant = check_config(request)
        check_config(request, self.model(variant["ModelName"]))
        return self._create(self._configs, "endpoint configuration", "EndpointConfig", request)

    def create_endpoint(self, request: Request) -> dict[str, Any]:
        """CreateEndpoint: it is in service at once."""
        self.config(request["EndpointConfigName"])
        return self._create(self._endpoints, "endpoint", "Endpoint", request)

    def update_endpoint(self, request: Request) -> dict[str, Any]:
        """UpdateEndpoint: its next request meets the new configuration."""
        endpoint = self.endpoint(request["EndpointName"])
        self.config(request["EndpointConfigName"])
        changed = {"EndpointConfigName": request["EndpointConfigName"], "LastModifiedTime": self._clock()}
        self._endpoints.put(request["EndpointName"], endpoint | changed)
        return {"EndpointArn": endpoint["EndpointArn"]}

    def describe_endpoint(self, request: Request) -> dict[str, Any]:
        """DescribeEndpoint, with the number of instances."""
        endpoint = self.endpoint(request["EndpointName"])
        config = self.config(endpoint["EndpointConfigName"])
        (variant,) = config["ProductionVariants"]
        shown: dict[str, Any] = {"VariantName": variant["VariantName"], "CurrentWeight": 1.0, "DesiredWeight": 1.0}
        if "ServerlessConfig" in variant:
            shown["CurrentServerlessConfig"] = variant["ServerlessConfig"]
        else:
            initial = variant["InitialInstanceCount"]
            shown["CurrentInstanceCount"] = self._instances(endpoint["EndpointName"], initial)
            shown["DesiredInstanceCount"] = initial
        asynchronous = {name: config[name] for name in ("AsyncInferenceConfig",) if name in config}
        return {**endpoint, "EndpointStatus": "InService", "ProductionVariants": [shown], **asynchronous}

    def model(self, name: str) -> dict[str, Any]:
        """The model as CreateModel made it.

        Raises:
            AwsError: there is none of this name; so in what follows.
        """
        return _found(self._models, "model", name)

    def config(self, name: str) -> dict[str, Any]:
        """The endpoint configuration as CreateEndpointConfig made it."""
        return _found(self._configs, "endpoint configuration", name)

    def endpoint(self, name: str) -> dict[str, Any]:
        """The endpoint as it was made or updated last."""
        return _found(self._endpoints, "endpoint", name)

    def has_endpoint(self, name: str) -> bool:
        """Whether an endpoint of this name was created."""
        return self._endpoints.find(name) is not None

    def has_model(self, name: str) -> bool:
        """Whether a model of this name was created."""
        return self._models.find(name) is not None

    def _create(self, shelf: Shelf, what: str, member: str, request: Request) -> dict[str, Any]:
        name = str(request.get(f"{member}Name"))
        if not NAME.fullmatch(name):
            raise invalid(f"Value '{name}' at '{member}Name' failed to satisfy constraint: {NAME.pattern}")
        its_arn, now = _arn(what, name), self._clock()
        record = {**request, f"{member}Arn": its_arn, "CreationTime": now, "LastModifiedTime": now}
        shelf.add(name, record, invalid(f'Cannot create already existing {what} "{its_arn}".'))
        return {f"{member}Arn": its_arn}

    def _delete(self, shelf: Shelf, what: str, name: str) -> dict[str, Any]:
        _found(shelf, what, name)
        shelf.remove(name)
        return {}


def _found(shelf: Shelf, what: str, name: str) -> dict[str, Any]:
    record = shelf.find(name)
    if record is None:
        raise invalid(f'Could not find {what} "{_arn(what, name)}".')
    return record


def _arn(what: str, name: str) -> str:
    return arn("sagemaker", f"{what.replace('configuration', 'config').replace(' ', '-')}/{name}")
