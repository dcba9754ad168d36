"""boto3 clients of a model server that has only fakes around it; a fresh one for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devstack import control
from tests.integration.devstack.conformance.hosted import Hosted
from tests.integration.devstack.conformance.local_server import LocalServer, client


@pytest.fixture(scope="session")
def port() -> int:
    """The same for every server, so that clients can be made once: SageMaker's takes a while."""
    return control.free_port()


@pytest.fixture
def server(port: int, tmp_path: Path) -> Iterator[LocalServer]:
    """A server that knows nothing yet."""
    running = LocalServer(port, tmp_path)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def sagemaker(port: int) -> Any:
    """SageMaker's control plane."""
    return client("sagemaker", port)


@pytest.fixture(scope="session")
def runtime(port: int) -> Any:
    """SageMaker's runtime."""
    return client("sagemaker-runtime", port)


@pytest.fixture(scope="session")
def bedrock(port: int) -> Any:
    """Bedrock's control plane."""
    return client("bedrock", port)


@pytest.fixture(scope="session")
def bedrock_runtime(port: int) -> Any:
    """Bedrock's runtime."""
    return client("bedrock-runtime", port)


@pytest.fixture
def hosted(server: LocalServer, sagemaker: Any, runtime: Any) -> Hosted:
    """Makes models and endpoints."""
    return Hosted(server, sagemaker, runtime)
