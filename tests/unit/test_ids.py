"""Names that several parts must compute alike."""

from hypothesis import given
from hypothesis import strategies as st

from docqa import ids

texts = st.text(max_size=30)


@given(texts, texts, texts, texts)
def test_different_parts_give_different_ids(a: str, b: str, c: str, d: str) -> None:
    """Promise 18: no two keys share a document id, whatever characters they hold."""
    assert (ids.content_id(a, b) == ids.content_id(c, d)) == ((a, b) == (c, d))


def test_a_document_id_is_stable() -> None:
    assert ids.document_id("bucket", "tenant/a b+c.pdf") == ids.document_id("bucket", "tenant/a b+c.pdf")
    assert len(ids.document_id("bucket", "k")) == 32


def test_a_sidecar_names_its_document() -> None:
    key = "acme/reports/q3.pdf"
    assert ids.is_sidecar(ids.sidecar_key(key))
    assert ids.described_key(ids.sidecar_key(key)) == key
    assert not ids.is_sidecar(key)
