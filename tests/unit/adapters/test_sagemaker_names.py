"""How endpoints, and models behind those of several, are named."""

import pytest

from docqa.adapters.sagemaker_names import EndpointModel
from docqa.errors import ConfigurationError


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("docqa-embedding", {"EndpointName": "docqa-embedding"}),
        ("docqa-models/en.tar.gz", {"EndpointName": "docqa-models", "TargetModel": "en.tar.gz"}),
        ("docqa-models/small/en.tar.gz", {"EndpointName": "docqa-models", "TargetModel": "small/en.tar.gz"}),
    ],
)
def test_a_name_says_endpoint_and_archive(name: str, members: dict[str, str]) -> None:
    assert EndpointModel.of(name).members == members


@pytest.mark.parametrize("name", ["", "/en.tar.gz", "docqa-models/"])
def test_half_a_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="ENDPOINT/ARCHIVE"):
        EndpointModel.of(name)
