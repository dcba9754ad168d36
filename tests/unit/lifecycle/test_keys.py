from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa import ids
from docqa.domain.keys import KEY_MAX_BYTES, has_room_for_sidecar, tenant_of, upload_key
from docqa.errors import InvalidKeyError

PARTS = st.text(
    st.characters(exclude_characters="/", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40
).filter(lambda part: part not in {".", ".."} and not ids.is_sidecar(part))
KEYS = st.lists(PARTS, min_size=2, max_size=6).map("/".join)


@given(KEYS)
def test_keys_with_spaces_signs_and_unicode_name_documents(key: str) -> None:
    """Promise 18: odd keys work or are refused clearly."""
    assert tenant_of(key) == key.split("/", maxsplit=1)[0]


@pytest.mark.parametrize("key", ["acme/a b+c%20d.pdf", "acme/ümlaut/文書.pdf", "acme/a//b", "acme/" + "x" * 1019])
def test_odd_keys_work(key: str) -> None:
    """Promise 18: odd keys work or are refused clearly."""
    assert tenant_of(key) == "acme"


@pytest.mark.parametrize(
    "key",
    [
        *("", "a.pdf", "/a.pdf", "acme/", "acme/x/", "acme/../b", "acme/./b", "../acme/b", "acme/a\nb", "acme/a\x7f"),
        *("acme/a.pdf.metadata.json", "acme/.metadata.json", "t" * 129 + "/a"),
    ],
)
def test_keys_that_cannot_name_a_document_are_refused(key: str) -> None:
    """Promise 18: odd keys work or are refused clearly."""
    with pytest.raises(InvalidKeyError):
        tenant_of(key)


@pytest.mark.parametrize(
    "path",
    ["/a", "a//b", "a/", "../b", "a/../../b", "a/${filename}", "x.metadata.json", "a\0b", "\ud800", "x" * 1006, ""],
)
def test_paths_that_an_upload_may_not_have_are_refused(path: str) -> None:
    """Promise 45: size, prefix and tenant of an upload hold."""
    with pytest.raises(InvalidKeyError):
        upload_key("acme", path)


@given(st.text(string.printable + "üß文/.$ {}", max_size=60))
def test_an_upload_never_leaves_its_tenant(path: str) -> None:
    """Promise 45: tenant A cannot write under B."""
    try:
        key = upload_key("acme", path)
    except InvalidKeyError:
        return
    assert tenant_of(key) == "acme"
    assert "${filename}" not in key
    assert has_room_for_sidecar(key)


def test_the_longest_path_leaves_room_for_the_metadata_file() -> None:
    """Promise 18: odd keys work or are refused clearly."""
    key = upload_key("acme", "x" * (KEY_MAX_BYTES - len("acme/.metadata.json")))
    assert len(ids.sidecar_key(key)) == KEY_MAX_BYTES


def test_a_tenant_that_is_no_prefix_is_refused() -> None:
    """Promise 45: size, prefix and tenant of an upload hold."""
    with pytest.raises(InvalidKeyError, match="administrator"):
        upload_key("acme/b", "x.pdf")
