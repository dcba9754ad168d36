from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.readers import (
    CLOSED,
    access_of,
    access_without_sidecar,
    may_see,
    may_write,
    readers_body,
    sidecar_with,
)
from docqa.models.access import TENANT_READERS, Principal, group_reader
from docqa.models.api import ReadersBody
from docqa.models.document import Document, DocumentStatus

TENANT = frozenset({TENANT_READERS})
GROUPS = st.sampled_from(["finance", "legal", "ops@acme", "*"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def sidecar(**attributes: object) -> bytes:
    return json.dumps({"metadataAttributes": attributes}).encode()


def document(**changes: object) -> Document:
    values: dict[str, object] = {
        "document_id": "0" * 32,
        "tenant": "acme",
        "bucket": "documents",
        "key": "acme/a.pdf",
        "title": "a",
        "status": DocumentStatus.INDEXED,
        "latest_generation": 1,
        "live_generation": 1,
        "version_id": "v1",
        "readers": frozenset(),
        "revision": 1,
        "lock": 1,
        "received_at": 1.0,
        "updated_at": 1.0,
        **changes,
    }
    return Document(**values)  # type: ignore[arg-type]


def test_a_document_without_a_metadata_file_is_as_the_stack_decides() -> None:
    """Promise 44: a document is closed unless somebody said otherwise."""
    assert access_without_sidecar(described=False, default=frozenset()).readers == frozenset()
    assert access_without_sidecar(described=False, default=TENANT).readers == TENANT
    assert access_without_sidecar(described=True, default=TENANT) == CLOSED


def test_the_metadata_file_names_the_readers() -> None:
    access = access_of(sidecar(groups=["finance", "*"], year=2026, draft=True, tags=["a"]), frozenset())
    assert access.readers == {group_reader("finance"), TENANT_READERS}
    assert access.attributes == {"year": 2026.0, "draft": True, "tags": ["a"]}
    assert access_of(sidecar(year=2026), TENANT).readers == TENANT
    assert access_of(sidecar(groups=[]), TENANT).readers == frozenset()


def test_the_longer_form_of_bedrock_is_read_too() -> None:
    long = {"value": {"type": "STRING_LIST", "stringListValue": ["finance"]}, "includeForEmbedding": True}
    assert access_of(sidecar(groups=long), TENANT).readers == {group_reader("finance")}


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"metadataAttributes": []}',
        b'{"metadataAttributes": {"groups": "finance"}}',
        b'{"metadataAttributes": {"groups": [1]}}',
        b'{"metadataAttributes": {"groups": ["a b"]}}',
        b'{"metadataAttributes": {"groups": null}}',
        b'{"metadataAttributes": {"n": NaN}}',
        b'{"metadataAttributes": {"n": 1e400}}',
        b'{"metadataAttributes": {"n": 1e200}}',
        b'{"metadataAttributes": {"": 1}}',
        b'{"metadataAttributes": {"nested": {"a": {"b": 1}}}}',
        b'{"metadataAttributes": {"groups": ["*"]}, "pad": "' + b"x" * 20_000 + b'"}',
        b"[" * 9_000,
        sidecar(groups=[f"g{n}" for n in range(60)]),
    ],
)
def test_a_broken_metadata_file_closes_the_document(broken: bytes) -> None:
    """Promise 44: a document is closed unless somebody said otherwise."""
    assert access_of(broken, TENANT) == CLOSED


@given(content=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_a_metadata_file_holds_it_opens_nothing_by_accident(content: bytes) -> None:
    """Promise 44: only a sound file with `groups`, or one that leaves them out, opens anything."""
    access = access_of(content, frozenset())
    assert access.described
    assert not access.readers or b"groups" in content


@given(groups=st.lists(GROUPS.filter(lambda group: group != "*"), max_size=5), tenant=st.booleans())
def test_readers_that_are_set_are_the_readers_that_are_read(groups: list[str], tenant: bool) -> None:
    written = sidecar_with(sidecar(year=2026, groups=["old"]), ReadersBody(tenant=tenant, groups=groups))
    access = access_of(written, frozenset())
    shown = readers_body(access.readers)
    assert (shown.tenant, shown.groups) == (tenant, sorted(set(groups)))
    assert access.attributes == {"year": 2026.0}


def test_setting_readers_replaces_a_broken_metadata_file() -> None:
    written = sidecar_with(b"{", ReadersBody(groups=["finance"]))
    assert json.loads(written) == {"metadataAttributes": {"groups": ["finance"]}}


def test_owners_and_administrators_of_the_tenant_may_write() -> None:
    """Promise 45: size, prefix and tenant of an upload hold."""
    owner = Principal("acme", "sub-1")
    admin = Principal("acme", "sub-2", frozenset({"admins"}))
    assert may_write(owner, "acme", "sub-1", "admins")
    assert may_write(admin, "acme", "sub-1", "admins")
    assert not may_write(Principal("acme", "sub-3"), "acme", "sub-1", "admins")
    assert not may_write(Principal("other", "sub-1", frozenset({"admins"})), "acme", "sub-1", "admins")
    assert not may_write(Principal("acme", ""), "acme", "", "")
    assert not may_write(Principal("acme", "x", frozenset({""})), "acme", "", "")


@given(
    readers=st.frozensets(st.sampled_from([TENANT_READERS, group_reader("finance"), group_reader("legal")])),
    groups=st.frozensets(st.sampled_from(["finance", "legal", "admins", "tenant"])),
    tenant=st.sampled_from(["acme", "other"]),
    subject=st.sampled_from(["sub-1", "sub-2"]),
    deleted=st.booleans(),
)
def test_a_document_is_seen_by_its_readers_its_owner_and_administrators_only(
    readers: frozenset[str], groups: frozenset[str], tenant: str, subject: str, deleted: bool
) -> None:
    """Promise 42: nobody sees what they may not read."""
    status = DocumentStatus.DELETED if deleted else DocumentStatus.INDEXED
    shown = may_see(
        Principal(tenant, subject, groups), document(readers=readers, owner="sub-1", status=status), "admins", 5.0
    )
    granted = (
        TENANT_READERS in readers
        or any(group_reader(group) in readers for group in groups)
        or subject == "sub-1"
        or "admins" in groups
    )
    assert shown == (tenant == "acme" and not deleted and granted)
