"""What tests of several folders run against."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import botocore.session
import pytest
from botocore.loaders import create_loader
from opensearchpy import OpenSearch

from devstack import control
from devstack.settings import DevstackSettings, Endpoints


@pytest.fixture(scope="session", autouse=True)
def one_loader() -> Iterator[None]:
    """All sessions share what one read of the services: botocore's descriptions are megabytes of JSON."""
    loader = create_loader()
    with patch.object(botocore.session, "create_loader", lambda _: loader):
        yield


@pytest.fixture(scope="session")
def opensearch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevstackSettings]:
    """A real OpenSearch node, started for the first who asks: a start is ten seconds of both cores."""
    settings = DevstackSettings(state_dir=tmp_path_factory.mktemp("devstack"), opensearch_port=control.free_port())
    control.up(settings, only=("opensearch",))
    yield settings
    control.down(settings)


@pytest.fixture(scope="module")
def client(opensearch: DevstackSettings) -> Iterator[OpenSearch]:
    """A client of that node; what a module made there goes with the module."""
    client = OpenSearch(Endpoints.of(opensearch).opensearch_url, timeout=30)
    yield client
    for name in client.indices.get_alias():
        client.indices.delete(index=name)
    client.close()
