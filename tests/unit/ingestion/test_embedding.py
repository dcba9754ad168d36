"""Vectors: refused before the index when they are none, kept exactly as they came."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.errors import ConfigurationError
from docqa.models.search_index import IndexConfiguration
from docqa.models.work import ChunkWork
from docqa.services.ingestion.vectors import check_vectors, pack, unpack
from tests.fakes.pdfs import text_pdf
from tests.unit.ingestion.pipeline import DIMENSIONS, Pipeline

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    "vector", [[1.0] * 15, [1.0] * 17, [float("nan")] * 16, [float("inf")] + [1.0] * 15, [0.0] * 16, []]
)
def test_what_is_no_vector_of_the_index_is_refused(vector: list[float]) -> None:
    """Promise 29: wrong dimension, NaN or no direction is refused before the index."""
    with pytest.raises(ConfigurationError):
        check_vectors([[1.0] * 16, vector], 2, 16)


def test_a_missing_vector_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="1 vectors for 2 texts"):
        check_vectors([[1.0] * 16], 2, 16)


@pytest.mark.parametrize(("model", "dimensions"), [("another-model", DIMENSIONS), ("hashed-words", 32)])
def test_another_model_than_the_index_holds_is_refused(model: str, dimensions: int) -> None:
    """Promise 29: a mix of embedding models is refused before the index, and before it is paid for."""
    pipeline = Pipeline()
    reference = pipeline.drop("acme/a.pdf", text_pdf(["Words of a page. " * 20]))
    pipeline.through_pages(reference)
    (span,) = pipeline.chunk.run(reference).spans
    pipeline.registry.configuration = IndexConfiguration("docqa-chunks", model, dimensions)

    with pytest.raises(ConfigurationError, match="needs a re-embedding"):
        pipeline.embed.run(ChunkWork(reference=reference, span=span))

    assert pipeline.embeddings.embedded == []


@given(st.lists(st.lists(FLOATS, min_size=3, max_size=3), max_size=5))
def test_vectors_come_back_as_they_were_written(vectors: list[list[float]]) -> None:
    packed = pack(vectors)

    assert unpack(packed, 3) == [tuple(vector) for vector in vectors]
    assert packed == b"".join(struct.pack("<3f", *vector) for vector in vectors)


def test_the_title_stands_in_front_of_what_is_embedded() -> None:
    pipeline = Pipeline()

    pipeline.run(pipeline.drop("acme/opening hours.md", b"# Shop\n\n## Saturday\n\nNine to five."))

    assert pipeline.embeddings.embedded == ["Shop\nShop > Saturday\n\n# Shop\n\n## Saturday\n\nNine to five."]
