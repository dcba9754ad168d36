"""The connection to the search domain, and its indexes as they are made, written and kept whole."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from docqa.bootstrap.clients import client
from docqa.bootstrap.clock import SystemClock
from docqa.bootstrap.stores import registry
from docqa.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from opensearchpy import OpenSearch

    from docqa.ports.search import ChunkIndex
    from docqa.services.index_keeping import KeepIndex
    from docqa.services.index_setup import Indexes, IndexSetup, PrepareIndex

# A bulk request of 200 passages takes tens of milliseconds, a refresh of a busy index a few seconds.
WRITE_TIMEOUT_SECONDS = 30.0


@cache
def connection(endpoint: str, timeout_seconds: float) -> OpenSearch:
    """A signing client with this function's own credentials."""
    import boto3

    from docqa.adapters.opensearch_client import opensearch_client

    session = boto3.Session()
    credentials = session.get_credentials()
    if credentials is None or session.region_name is None:
        raise ConfigurationError("AWS credentials or AWS_REGION are missing: requests to OpenSearch cannot be signed")
    return opensearch_client(endpoint, credentials, session.region_name, timeout_seconds)


def chunk_indexes(endpoint: str) -> Callable[[str], ChunkIndex]:
    """Indexes by name, written to."""
    import random
    import time

    from docqa.adapters.opensearch_index import OpenSearchChunkIndex

    client = connection(endpoint, WRITE_TIMEOUT_SECONDS)
    return lambda index: OpenSearchChunkIndex(client, index, time.sleep, random.random)


def index_setup(endpoint: str) -> IndexSetup:
    """Makes indexes, and ends them."""
    from docqa.adapters.opensearch_setup import OpenSearchIndexSetup

    return OpenSearchIndexSetup(connection(endpoint, WRITE_TIMEOUT_SECONDS))


def prepare_index(table: str, endpoint: str) -> PrepareIndex:
    """What a deployment does to the indexes."""
    from docqa.services.index_setup import PrepareIndex

    return PrepareIndex(registry(table), _indexes(table, endpoint))


def keep_index(table: str, endpoint: str, maintenance_queue: str) -> KeepIndex:
    """Keeps the index whole."""
    import time

    from docqa.adapters.sqs import SQSWorkQueue
    from docqa.services.index_keeping import KeepIndex

    maintenance = SQSWorkQueue(client("sqs"), maintenance_queue)
    indexes, clock = _indexes(table, endpoint), SystemClock()
    return KeepIndex(registry(table), indexes, chunk_indexes(endpoint), maintenance, clock, time.sleep)


def _indexes(table: str, endpoint: str) -> Indexes:
    import uuid

    from docqa.services.index_setup import Indexes

    return Indexes(registry(table), index_setup(endpoint), lambda: uuid.uuid4().hex[:8], SystemClock())
