import io
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from cli.api import Api
from cli.stack import Stack
from devstack.demo.drop import drop, follow
from devstack.demo.material import DemoDocument, documents
from docqa.ids import document_id
from tests.fakes.http_api import BASE_URL, TOKEN, FakeHttpApi, document_view

BUCKET = "documents"
STACK = Stack(name="local", region="us-east-1", outputs={"DocumentsBucketName": BUCKET})


class FakeBucket:
    """One bucket in memory, with the ETags that S3 would give."""

    def __init__(self) -> None:
        self.etags: dict[str, str] = {}
        self.puts: list[str] = []

    def head_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == BUCKET
        if Key not in self.etags:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")
        return {"ETag": f'"{self.etags[Key]}"'}

    def put_object(self, Bucket: str, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        assert Bucket == BUCKET
        self.puts.append(Key)
        headers = {"x-amz-version-id": f"v{len(self.puts)}", "date": "Fri, 27 Nov 2026 10:00:00 GMT"}
        return {"ResponseMetadata": {"HTTPHeaders": headers}}


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> FakeBucket:
    fake = FakeBucket()
    monkeypatch.setattr(Stack, "client", lambda *_: fake)
    return fake


@pytest.fixture
def service() -> FakeHttpApi:
    return FakeHttpApi()


@pytest.fixture
def api(service: FakeHttpApi) -> Iterator[Api]:
    with Api(BASE_URL, TOKEN, transport=service.transport()) as client:
        yield client


def indexed(bucket: FakeBucket, service: FakeHttpApi, document: DemoDocument, status: str = "INDEXED") -> None:
    """The document is in the bucket and known to the service."""
    bucket.etags[document.key] = document.etag
    identifier = document_id(BUCKET, document.key)
    service.documents[identifier] = [document_view(identifier, key=document.key, status=status)]


def test_the_first_run_drops_everything_with_its_sidecar_first(
    bucket: FakeBucket, service: FakeHttpApi, api: Api
) -> None:
    """Promise 44: a document that is put into the bucket states its readers before it arrives."""
    dropped = drop(STACK, api, documents())

    by_bucket = [one.key for one in documents() if not one.over_http]
    assert bucket.puts == [key for one in by_bucket for key in (f"{one}.metadata.json", one)]
    assert sorted(service.stored) == sorted(one.key.replace("demo/", "acme/") for one in documents() if one.over_http)
    assert all(one.at for one in dropped)
    assert {one["readers"]["groups"][0] for one in service.sent("POST", "/documents")} == {"staff"}


def test_the_second_run_drops_nothing(bucket: FakeBucket, service: FakeHttpApi, api: Api) -> None:
    for document in documents():
        indexed(bucket, service, document)

    dropped = drop(STACK, api, documents())

    assert (bucket.puts, service.stored) == ([], {})
    assert not any(one.at for one in dropped)


@pytest.mark.parametrize("trouble", ["changed", "failed", "never received"])
def test_what_is_stale_is_dropped_again(bucket: FakeBucket, service: FakeHttpApi, api: Api, trouble: str) -> None:
    document = next(one for one in documents() if not one.over_http)
    indexed(bucket, service, document, status="FAILED" if trouble == "failed" else "INDEXED")
    if trouble == "changed":
        bucket.etags[document.key] = "other bytes"
    if trouble == "never received":
        service.documents.clear()

    drop(STACK, api, [document])

    assert document.key in bucket.puts


def test_without_a_terminal_each_document_that_ended_is_a_line(
    bucket: FakeBucket, service: FakeHttpApi, api: Api
) -> None:
    document = documents()[0]
    indexed(bucket, service, document)
    console = Console(file=io.StringIO(), width=120)

    views = follow(api, drop(STACK, api, [document]), console)

    assert [view.status for view in views.values()] == ["INDEXED"]
    (line,) = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert line.endswith("passages, in an earlier run"), "the seconds of another run are not of this one"


def test_a_document_of_this_run_has_its_seconds(bucket: FakeBucket, service: FakeHttpApi, api: Api) -> None:
    document = next(one for one in documents() if not one.over_http)
    console = Console(file=io.StringIO(), width=120)
    (dropped,) = drop(STACK, api, [document])
    ended = document_view(dropped.document_id, key=document.key, version_id="v2", updated_at=(dropped.at or 0) + 7.25)
    service.documents[dropped.document_id] = [ended]

    follow(api, [dropped], console)

    assert console.file.getvalue().splitlines()[0].endswith("passages, 7.2 s")  # type: ignore[attr-defined]
