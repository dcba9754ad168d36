"""Preparing the index at deployment."""

import pytest

from docqa.errors import ConfigurationError
from docqa.models.chunk import IndexConfiguration
from docqa.services.index_setup import PrepareIndex
from tests.fakes.registry import InMemoryDocumentRegistry


class NamedByDimensions:
    def create(self, dimensions: int) -> str:
        return f"docqa-chunks-v1-{dimensions}"


def test_deploying_twice_changes_nothing() -> None:
    registry = InMemoryDocumentRegistry()
    prepare = PrepareIndex(registry, NamedByDimensions())

    names = [prepare.run("titan", 1024) for _ in range(2)]

    assert names == ["docqa-chunks-v1-1024"] * 2
    assert registry.index_configuration() == IndexConfiguration("docqa-chunks-v1-1024", "titan", 1024)


@pytest.mark.parametrize(("model", "dimensions"), [("cohere", 1024), ("titan", 512)])
def test_another_model_under_indexed_documents_is_refused(model: str, dimensions: int) -> None:
    """Promise 29: a mix of embedding models is refused when it is deployed."""
    registry = InMemoryDocumentRegistry()
    PrepareIndex(registry, NamedByDimensions()).run("titan", 1024)

    with pytest.raises(ConfigurationError, match="needs a re-embedding"):
        PrepareIndex(registry, NamedByDimensions()).run(model, dimensions)

    assert registry.index_configuration() == IndexConfiguration("docqa-chunks-v1-1024", "titan", 1024)
