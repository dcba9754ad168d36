"""The connection to the search index, shared by those who write it and those who ask it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from docqa.errors import ConfigurationError

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

    from docqa.ports.search import ChunkIndex

# A bulk request of 100 passages takes tens of milliseconds, a refresh of a busy index a few seconds.
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


@cache
def chunk_index(endpoint: str) -> ChunkIndex:
    """The index, written to."""
    import random
    import time

    from docqa.adapters.opensearch_index import OpenSearchChunkIndex

    return OpenSearchChunkIndex(connection(endpoint, WRITE_TIMEOUT_SECONDS), time.sleep, random.random)
