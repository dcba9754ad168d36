"""What goes wrong between docqa and an AWS service passes by itself, whatever botocore calls it."""

from __future__ import annotations

import botocore.exceptions
import botocore.httpchecksum
import botocore.httpsession
import botocore.response
import botocore.retries.standard
import botocore.retryhandler
import pytest
from botocore.exceptions import BotoCoreError, ParamValidationError

from docqa.adapters.aws_errors import aws_errors
from docqa.adapters.model_errors import model_errors
from docqa.errors import ConfigurationError, ServiceUnavailableError

# Where botocore raises what happened on the way, and where it decides what to send again.
ON_THE_WAY = (
    botocore.httpsession,
    botocore.response,
    botocore.httpchecksum,
    botocore.retries.standard,
    botocore.retryhandler,
)
# Of what these modules name: settings and code that are wrong, which waiting does not mend.
OF_ITS_OWN_MAKING = frozenset(
    {
        botocore.exceptions.InvalidProxiesConfigError,
        botocore.exceptions.AwsChunkedWrapperError,
        botocore.exceptions.MissingDependencyException,
    }
)


def transport_faults() -> list[type[BotoCoreError]]:
    named = {
        value
        for module in ON_THE_WAY
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BotoCoreError)
    } - OF_ITS_OWN_MAKING
    of_the_role = {botocore.exceptions.CredentialRetrievalError, botocore.exceptions.MetadataRetrievalError}
    families = tuple(named | of_the_role)
    known = (value for value in vars(botocore.exceptions).values() if isinstance(value, type))
    return sorted((one for one in known if issubclass(one, families)), key=lambda one: one.__name__)


def raised(kind: type[BotoCoreError]) -> BotoCoreError:
    """One as botocore makes it, with every field that its sentence has."""
    fields = dict.fromkeys(
        ("endpoint_url", "proxy_url", "error", "error_msg", "provider", "checksum_type", "actual_bytes"), "x"
    )
    return kind(**fields, expected_bytes="y", expected_checksum="a", actual_checksum="b")


def test_the_list_is_not_empty_for_a_reason_of_its_own() -> None:
    assert {one.__name__ for one in transport_faults()} >= {
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "EndpointConnectionError",
        "FlexibleChecksumError",
        "IncompleteReadError",
        "ProxyConnectionError",
        "ReadTimeoutError",
        "ResponseStreamingError",
        "SSLError",
    }


@pytest.mark.parametrize("kind", transport_faults())
def test_every_fault_of_the_way_is_a_service_that_is_not_available(kind: type[BotoCoreError]) -> None:
    """Promise 39: a document waits and a question is handed over, instead of failing for a broken connection."""
    with pytest.raises(ServiceUnavailableError, match=kind.__name__), aws_errors("S3"):
        raise raised(kind)
    with pytest.raises(ServiceUnavailableError, match=kind.__name__), model_errors("titan"):
        raise raised(kind)


def test_a_call_that_is_wrong_is_no_fault_of_the_way() -> None:
    with pytest.raises(ParamValidationError), aws_errors("S3"):
        raise ParamValidationError(report="no bucket")
    with pytest.raises(ConfigurationError), model_errors("titan"):
        raise ParamValidationError(report="no model")
