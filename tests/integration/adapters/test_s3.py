from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config

from docqa.adapters.s3 import S3ObjectStore
from tests.contracts.object_store import ObjectStoreContract
from tests.integration.account import account

BUCKET = "documents"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3ObjectStore]:
    with account(monkeypatch, "us-east-1"):
        client = boto3.client("s3", config=Config(signature_version="s3v4"))
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield S3ObjectStore(client, BUCKET)


class TestS3ObjectStore(ObjectStoreContract):
    pass


def test_a_thousand_objects_and_more_are_deleted(store: S3ObjectStore) -> None:
    for number in range(1_001):
        store.write(f"p/{number}", b"")

    assert store.delete_prefix("p/") == 1_001
    assert list(store.list_objects("p/")) == []


def test_a_prefix_without_its_slash_is_refused(store: S3ObjectStore) -> None:
    with pytest.raises(ValueError, match="slash"):
        store.delete_prefix("tenant/documents/1")


def test_a_view_names_one_version_and_shows_it_in_the_browser(store: S3ObjectStore) -> None:
    query = parse_qs(urlsplit(store.presign_get("a/b.pdf", "v1", 'Übersicht "1".pdf', "application/pdf", 60)).query)

    assert query["versionId"] == ["v1"]
    assert query["X-Amz-Expires"] == ["60"]
    assert query["response-content-type"] == ["application/pdf"]
    assert query["response-content-disposition"] == ["inline; filename*=UTF-8''%C3%9Cbersicht%20%221%22.pdf"]


def test_an_upload_form_fixes_key_size_and_fields(store: S3ObjectStore) -> None:
    """Promise 45: presigned uploads hold to their size, type and key."""
    form = store.presign_post("acme/a.pdf", 1_000, {"Content-Type": "application/pdf"}, 60)

    conditions = json.loads(base64.b64decode(form["fields"]["policy"]))["conditions"]
    assert ["content-length-range", 1, 1_000] in conditions
    assert {"Content-Type": "application/pdf"} in conditions
    assert {"key": "acme/a.pdf"} in conditions
