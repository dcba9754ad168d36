from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from docqa.adapters.dynamodb_backfills import DynamoDbBackfillRegistry
from docqa.adapters.s3_source import S3SourceBucket
from docqa.errors import ConflictError, NotFoundError
from docqa.models.backfill import Backfill, BackfillStatus, PartProgress
from docqa.services.backfill import STRIDE, FeedBackfill, ListBackfill
from tests.fakes.bucket import VersionedBucket
from tests.fakes.messages import ManualClock
from tests.fakes.registry import InMemoryDocumentRegistry
from tests.fakes.source_bucket import InMemorySource

BACKFILL = Backfill("b1", "theirs", "reports/", "acme", "old/", BackfillStatus.LISTING, 100.0)


@dataclass
class Line(InMemoryDocumentRegistry):
    """A registry with so many documents waiting."""

    waits: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def waiting_of(self, tenant: str, now: float, limit: int) -> int:
        assert tenant == "acme"
        return min(self.waits, limit)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        dynamodb = boto3.client("dynamodb")
        dynamodb.create_table(
            TableName="jobs",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "job_id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "job_id", "KeyType": "HASH"}],
        )
        yield dynamodb


class Plant:
    """A backfill of a source, with everything but the table in memory."""

    def __init__(self, client: Any, content: dict[str, bytes]) -> None:
        self.registry = DynamoDbBackfillRegistry(client, "jobs")
        self.source, self.documents = InMemorySource(content), Line()
        self.work, self.clock = VersionedBucket("work"), ManualClock()
        self.lister = ListBackfill(self.registry, self.source, self.work, self.clock, 1e9)
        self.feeder = FeedBackfill(self.registry, self.documents, self.source, self.work, self.clock, 100, 1e9)
        self.registry.create(BACKFILL)

    def shown(self) -> Backfill:
        found = self.registry.get("b1")
        assert found is not None
        return found


def test_every_object_below_the_prefix_becomes_a_document_once(client: Any) -> None:
    content = {f"reports/{n:04d}.txt": str(n).encode() for n in range(1_203)} | {"other/x.txt": b"x"}
    plant = Plant(client, content)

    listing = plant.lister.run("b1")
    assert listing.parts == [0, 1]
    for part in listing.parts:
        assert plant.feeder.run("b1", part) == PartProgress(done=True)

    assert plant.source.taken == {f"acme/old/{n:04d}.txt": str(n).encode() for n in range(1_203)}
    shown = plant.shown()
    assert (shown.status, shown.listed, shown.copied, shown.parts_done) == (BackfillStatus.DONE, 1_203, 1_203, 2)
    assert shown.ended_at == plant.clock.now()


def test_a_second_run_takes_in_only_what_is_new_or_has_changed(client: Any) -> None:
    plant = Plant(client, {"reports/a.txt": b"a", "reports/b.txt": b"b"})
    plant.lister.run("b1")
    plant.feeder.run("b1", 0)
    plant.source.content |= {"reports/b.txt": b"B", "reports/c.txt": b"c"}
    again = Backfill("b2", "theirs", "reports/", "acme", "old/", BackfillStatus.LISTING, 200.0)
    plant.registry.create(again)
    plant.lister.run("b2")
    plant.feeder.run("b2", 0)

    shown = plant.registry.get("b2")
    assert shown is not None
    assert (shown.copied, shown.unchanged) == (2, 1)
    assert plant.source.copies == 4


def test_it_waits_while_enough_documents_wait_and_while_it_is_paused(client: Any) -> None:
    plant = Plant(client, {f"reports/{n:03d}.txt": b"x" for n in range(60)})
    plant.lister.run("b1")
    plant.documents.waits = 100
    assert plant.feeder.run("b1", 0) == PartProgress(done=False, wait=True)
    assert plant.source.copies == 0

    plant.documents.waits = 99
    assert plant.registry.set_status("b1", BackfillStatus.PAUSED, BackfillStatus.RUNNING)
    assert plant.feeder.run("b1", 0) == PartProgress(done=False, wait=True)
    assert plant.registry.set_status("b1", BackfillStatus.RUNNING, BackfillStatus.PAUSED)
    assert plant.feeder.run("b1", 0).done
    assert plant.source.copies == 60


def test_killed_between_copies_and_started_again_it_counts_every_object_once(client: Any) -> None:
    plant = Plant(client, {f"reports/{n:03d}.txt": b"x" for n in range(STRIDE + 5)})
    plant.lister.run("b1")
    plant.lister.run("b1")  # a step that died after it listed is run again
    take_over, seen = plant.source.take_over, []

    def dies(bucket: str, source: Any, key: str) -> bool:
        seen.append(key)
        if len(seen) == STRIDE + 3:
            raise KeyboardInterrupt
        return take_over(bucket, source, key)

    plant.source.take_over = dies  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        plant.feeder.run("b1", 0)
    plant.feeder.run("b1", 0)

    shown = plant.shown()
    assert (shown.listed, shown.copied + shown.unchanged) == (STRIDE + 5, STRIDE + 5)
    assert (shown.parts, shown.parts_done, shown.status) == (1, 1, BackfillStatus.DONE)
    assert plant.source.copies == STRIDE + 5


def test_an_object_that_cannot_be_a_document_is_refused_alone(client: Any) -> None:
    plant = Plant(client, {"reports/": b"", "reports/" + "n" * 1_100: b"x", "reports/fine.txt": b"y"})
    plant.lister.run("b1")
    plant.feeder.run("b1", 0)
    assert (plant.shown().copied, plant.shown().refused) == (1, 2)


def test_metadata_files_come_with_their_documents(client: Any) -> None:
    plant = Plant(client, {"reports/a.txt": b"a", "reports/a.txt.metadata.json": b"{}"})
    plant.lister.run("b1")
    plant.feeder.run("b1", 0)
    assert set(plant.source.taken) == {"acme/old/a.txt", "acme/old/a.txt.metadata.json"}


def test_an_empty_source_is_done_at_once(client: Any) -> None:
    plant = Plant(client, {"other/x.txt": b"x"})
    assert plant.lister.run("b1").parts == []
    assert plant.shown().status is BackfillStatus.DONE


def test_an_id_is_given_once_and_an_unknown_one_is_said_to_be_unknown(client: Any) -> None:
    plant = Plant(client, {})
    with pytest.raises(ConflictError):
        plant.registry.create(BACKFILL)
    with pytest.raises(NotFoundError, match="no backfill b9"):
        plant.lister.run("b9")


def test_s3_copies_an_object_once_for_the_same_bytes(client: Any) -> None:
    s3 = boto3.client("s3")
    for bucket in ("theirs", "documents"):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket="documents", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="theirs", Key="r/ä +1.txt", Body=b"one")
    source = S3SourceBucket(s3, "documents")
    (found,) = source.objects("theirs", "r/", "")

    assert source.take_over("theirs", found, "acme/ä +1.txt")
    assert not source.take_over("theirs", found, "acme/ä +1.txt")
    s3.put_object(Bucket="theirs", Key="r/ä +1.txt", Body=b"two")
    (changed,) = source.objects("theirs", "r/", "")
    assert source.take_over("theirs", changed, "acme/ä +1.txt")

    assert s3.get_object(Bucket="documents", Key="acme/ä +1.txt")["Body"].read() == b"two"
    assert len(s3.list_object_versions(Bucket="documents")["Versions"]) == 2
    with pytest.raises(NotFoundError, match="absent"):
        list(source.objects("absent", "", ""))
