"""Where requests go, that they are signed, and what failed ones mean."""

import pytest
from botocore.credentials import Credentials
from opensearchpy.exceptions import (
    AuthorizationException,
    ConnectionTimeout,
    NotFoundError,
    RequestError,
    TransportError,
)

from docqa.adapters.opensearch_client import opensearch_client, opensearch_errors
from docqa.errors import ConfigurationError, ServiceUnavailableError, ThrottledError

CREDENTIALS = Credentials("AKIDEXAMPLE", "secret", "session")


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("https://search.eu-west-1.es.amazonaws.com", "https://search.eu-west-1.es.amazonaws.com:443"),
        ("search.eu-west-1.es.amazonaws.com", "https://search.eu-west-1.es.amazonaws.com:443"),
        ("http://127.0.0.1:9200", "http://127.0.0.1:9200"),
        ("http://127.0.0.1:9201/", "http://127.0.0.1:9201"),
    ],
)
def test_the_endpoint_says_where_and_how(endpoint: str, address: str) -> None:
    client = opensearch_client(endpoint, CREDENTIALS, "eu-west-1", 5)

    (connection,) = client.transport.connection_pool.connections
    assert connection.host == address


def test_requests_are_signed_for_the_domain() -> None:
    client = opensearch_client("https://search.example", CREDENTIALS, "eu-west-1", 5)

    (connection,) = client.transport.connection_pool.connections
    headers = connection.http_auth("POST", "https://search.example:443/_bulk?require_alias=true", b"{}")

    assert "/eu-west-1/es/aws4_request" in headers["Authorization"]
    assert headers["X-Amz-Security-Token"] == "session"
    assert "X-Amz-Content-SHA256" in headers


def test_an_endpoint_without_a_host_names_its_setting() -> None:
    with pytest.raises(ConfigurationError, match="OPENSEARCH_ENDPOINT"):
        opensearch_client("https://", CREDENTIALS, "eu-west-1", 5)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (ConnectionTimeout("TIMEOUT", "slow", Exception()), ServiceUnavailableError),
        (TransportError(429, "too_many_requests"), ThrottledError),
        (TransportError(503, "unavailable"), ServiceUnavailableError),
        (AuthorizationException(403, "no"), ConfigurationError),
        (NotFoundError(404, "index_not_found_exception"), ServiceUnavailableError),
        (RequestError(400, "parsing_exception"), RequestError),
    ],
)
def test_failures_say_whether_waiting_helps(failure: Exception, error: type[Exception]) -> None:
    with pytest.raises(error), opensearch_errors():
        raise failure
