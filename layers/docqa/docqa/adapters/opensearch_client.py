"""The connection to OpenSearch, and the meaning of its errors; both sides of the index use them.

Requests are signed with the role's own credentials (SigV4, service `es`). A node without access control, as on one
machine, ignores the signature: the product does not ask where it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth
from opensearchpy.exceptions import ConnectionError as ConnectionFailed
from opensearchpy.exceptions import TransportError

from docqa.errors import ConfigurationError, ServiceUnavailableError, ThrottledError

if TYPE_CHECKING:
    from botocore.credentials import Credentials

_TOO_MANY_REQUESTS = 429
_SERVER_FAULT = 500
_REFUSED = (401, 403)
_ABSENT = 404


def written_alias(index: str) -> str:
    """The name under which an index is written.

    A write to the alias of an index that is gone is refused (`require_alias`), where a write to the index's own name
    would make a new one with guessed types.
    """
    return f"{index}-written"


def missing_index() -> ServiceUnavailableError:
    """An index is not there: its domain is new, or it was removed when another took its place."""
    return ServiceUnavailableError("the search index is not there; a lost one is made and filled again within minutes")


def opensearch_client(endpoint: str, credentials: Credentials, region: str, timeout_seconds: float) -> OpenSearch:
    """A client that keeps its connections; make one a process.

    Args:
        endpoint: `https://host` or `http://127.0.0.1:9200`; a bare host name means https.
        credentials: Of the role that calls; they may renew themselves.
        region: Of the domain.
        timeout_seconds: Longest wait for one answer.
    """
    address = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    secure = address.scheme == "https"
    if not address.hostname:
        raise ConfigurationError(f"OPENSEARCH_ENDPOINT: {endpoint!r} names no host; write https://<host>")
    return OpenSearch(
        hosts=[{"host": address.hostname, "port": address.port or (443 if secure else 9200)}],
        http_auth=Urllib3AWSV4SignerAuth(credentials, region, "es"),
        use_ssl=secure,
        verify_certs=secure,
        # A vector is ten bytes of digits a float: gzip halves what travels to the domain.
        http_compress=secure,
        timeout=timeout_seconds,
        # Once more at once, for a kept connection that the other side has closed; patience is the caller's.
        max_retries=1,
        retry_on_timeout=False,
        pool_maxsize=4,
    )


@contextmanager
def opensearch_errors() -> Iterator[None]:
    """Raise what goes wrong with a whole request as docqa's errors.

    Raises:
        ThrottledError: 429.
        ServiceUnavailableError: no answer, a 5xx, or an index that is not there: a lost one is made again by itself.
        ConfigurationError: the domain refuses the role.
    """
    try:
        yield
    except ConnectionFailed as error:
        raise ServiceUnavailableError(f"OpenSearch does not answer: {type(error).__name__}") from error
    except TransportError as error:
        status = error.status_code if isinstance(error.status_code, int) else _SERVER_FAULT
        if status == _TOO_MANY_REQUESTS:
            raise ThrottledError("OpenSearch has too much to do at the moment") from error
        if status >= _SERVER_FAULT:
            raise ServiceUnavailableError(f"OpenSearch answered {status}") from error
        if status in _REFUSED:
            raise ConfigurationError(
                f"OpenSearch refuses this function's role ({status}): see the domain's access policy"
            ) from error
        if status == _ABSENT:
            raise missing_index() from error
        raise
