from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from docqa.adapters.dynamodb_documents import DocumentsTable, DynamoDBDocumentRegistry
from docqa.adapters.dynamodb_documents.items import line_of
from docqa.models.document import Generation, PageCounts
from docqa.services.dispatch import DispatchService
from tests.contracts.registry import RegistryContract, admitted, claimed, receipt
from tests.fakes.messages import ManualClock, RecordingQueue, RecordingWorkflow
from tests.integration.account import account
from tests.integration.documents_table import DOCUMENTS_TABLE, create_documents_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-central-1"


SHARED = "acme/extractions/h/"


def artifact_item() -> dict[str, Any]:
    key: Any = {"document_id": {"S": f"artifact#{SHARED}"}, "item": {"S": "artifact"}}
    found = boto3.client("dynamodb", region_name="eu-central-1").get_item(TableName=DOCUMENTS_TABLE, Key=key)
    return dict(found.get("Item", {}))


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDBDocumentRegistry]:
    with account(monkeypatch, REGION):
        client = boto3.client("dynamodb")
        create_documents_table(client)
        yield DynamoDBDocumentRegistry(DocumentsTable(client, DOCUMENTS_TABLE))


class TestDynamoDBDocumentRegistry(RegistryContract):
    def test_items_stay_small_at_three_thousand_pages(self, registry: DynamoDBDocumentRegistry) -> None:
        """Promise 24: every second page unreadable, every step counted, is a fraction of the 400 KB of an item."""
        reference = claimed(registry, admitted(registry))
        unreadable = tuple((page, page) for page in range(1, 3001, 2))
        registry.record_pages(reference, PageCounts(total=3000, text_layer=1500, unreadable=unreadable))
        for span in range(200):
            registry.add_usage(reference, f"index:{span * 100}", {"embedded_texts": 100}, {"index": 0.125})
        found = registry.get_generation(reference.document_id, 1)
        assert found is not None
        assert found.pages.unreadable == unreadable
        item = boto3.client("dynamodb").get_item(
            TableName=DOCUMENTS_TABLE,
            Key={"document_id": {"S": reference.document_id}, "item": {"S": "generation#000001"}},
        )["Item"]
        assert len(json.dumps(item)) < 20_000

    def test_an_artefact_has_room_for_any_number_of_owners(self, registry: DynamoDBDocumentRegistry) -> None:
        """Promise 34: thousands of equal files share an extraction; its item does not grow with them."""
        sizes = []
        for number in range(12):
            reference = claimed(registry, admitted(registry, receipt(f"acme/{number}.pdf")))
            registry.claim_artifact(SHARED, f"{reference.document_id}:1")
            sizes.append(len(json.dumps(artifact_item())))
        assert max(sizes) - min(sizes) <= 1, "a count has more digits"

    def test_owners_on_record_from_an_earlier_release_are_owners(self, registry: DynamoDBDocumentRegistry) -> None:
        """Promise 54: an artefact that was claimed before a deployment is not removed while it is used."""
        before, after = (claimed(registry, admitted(registry, receipt(f"acme/{n}.pdf"))) for n in (1, 2))
        old, new = f"{before.document_id}:1", f"{after.document_id}:1"
        boto3.client("dynamodb", region_name="eu-central-1").put_item(
            TableName=DOCUMENTS_TABLE,
            Item={"document_id": {"S": f"artifact#{SHARED}"}, "item": {"S": "artifact"}, "owners": {"SS": [old]}},
        )
        registry.claim_artifact(SHARED, new)
        assert not registry.release_artifact(SHARED, new)
        registry.claim_artifact(SHARED, new)
        assert not registry.release_artifact(SHARED, old)
        assert not registry.release_artifact(SHARED, old)
        assert registry.release_artifact(SHARED, new)
        registry.forget_artifact(SHARED)
        assert artifact_item() == {}

    def test_a_tenant_with_hundreds_of_waiting_documents_costs_a_dispatch_no_more_than_a_page(
        self, registry: DynamoDBDocumentRegistry
    ) -> None:
        """Promise 34: what a dispatch reads grows with the tenants that wait, not with their documents."""
        client = boto3.client("dynamodb")
        first = admitted(registry, receipt("many/00000.pdf"), now=1000.0)
        _put_copies(client, first, 300)
        few = admitted(registry, receipt("few/only.pdf"), now=99_999.0)
        for n in range(18):
            claimed(registry, admitted(registry, receipt(f"many/r{n}.pdf"), now=0.5))
        reads = _Reads(registry)
        workflow = RecordingWorkflow()
        clock = ManualClock(200_000.0)
        # Of 22 places 20 are for a tenant of which something runs.
        dispatcher = DispatchService(registry, workflow, RecordingQueue(), clock, 22, 600.0)

        assert dispatcher.dispatch() == 2
        assert [one.tenant for one in workflow.started.values()] == ["few", "many"]
        assert few.document_id in {one.document_id for one in workflow.started.values()}
        assert reads.calls <= 12, reads
        assert reads.items <= 250, reads


class _Reads:
    """Counts what the registry asks of DynamoDB, and how many items come back."""

    def __init__(self, registry: DynamoDBDocumentRegistry) -> None:
        self.calls = self.items = 0
        events = registry._table._client.meta.events
        for name in ("GetItem", "Query", "BatchGetItem"):
            events.register(f"after-call.dynamodb.{name}", self._count)

    def __repr__(self) -> str:
        return f"{self.calls} calls, {self.items} items"

    def _count(self, parsed: dict[str, Any], **_: object) -> None:
        self.calls += 1
        answered = sum(len(items) for items in parsed.get("Responses", {}).values())
        self.items += len(parsed.get("Items", ())) + answered + ("Item" in parsed)


def _put_copies(client: DynamoDBClient, first: Generation, count: int) -> None:
    """Versions that wait like the first one, each a little longer."""
    key = {"document_id": {"S": first.document_id}, "item": {"S": "generation#000001"}}
    item = client.get_item(TableName=DOCUMENTS_TABLE, Key=key)["Item"]
    for start in range(0, count, 25):
        copies = [
            item | {"document_id": {"S": f"{n:032x}"}, "work_order": {"S": line_of("many", 1000.0 + n)}}
            for n in range(start + 1, start + 26)
        ]
        requests: Any = [{"PutRequest": {"Item": copy}} for copy in copies]
        client.batch_write_item(RequestItems={DOCUMENTS_TABLE: requests})
