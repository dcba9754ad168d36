from __future__ import annotations

import pytest

from docqa import ids
from docqa.errors import ConcurrentUpdateError
from docqa.models.access import TENANT_READERS, group_reader
from docqa.models.document import Document
from docqa.models.events import DocumentDeleted, DocumentFailed
from docqa.ports.documents import Receipt
from docqa.services.receipt import Outcome
from tests.fakes.lifecycle import Lifecycle
from tests.fakes.registry import InMemoryDocumentRegistry

KEY = "acme/report.pdf"
SIDECAR = ids.sidecar_key(KEY)


def groups(*names: str) -> bytes:
    quoted = ", ".join(f'"{name}"' for name in names)
    return f'{{"metadataAttributes": {{"groups": [{quoted}]}}}}'.encode()


@pytest.fixture
def life() -> Lifecycle:
    return Lifecycle()


def test_a_new_object_is_admitted_and_dispatched(life: Lifecycle) -> None:
    life.bucket.put(KEY, b"x", {"owner": "sub-1"})
    assert life.receipt.receive(KEY, "0065") is Outcome.ADMITTED
    document = life.document(KEY)
    assert (document.tenant, document.title, document.owner) == ("acme", "report", "sub-1")
    assert life.dispatch_queue.sent == [{"document_id": document.document_id, "generation": 1}]


def test_the_same_event_again_changes_nothing(life: Lifecycle) -> None:
    """Promise 13: the same event any number of times, one version."""
    before = life.drop(KEY)
    assert life.receipt.receive(KEY) is Outcome.UNCHANGED
    assert life.document(KEY) == before
    assert len(life.dispatch_queue.sent) == 1


def test_the_metadata_file_counts_whichever_comes_first(life: Lifecycle) -> None:
    life.bucket.put(SIDECAR, groups("finance"))
    assert life.receipt.receive(SIDECAR) is Outcome.UNCHANGED
    assert life.drop(KEY).readers == {group_reader("finance")}

    life.drop("acme/other.pdf")
    life.bucket.put("acme/other.pdf.metadata.json", groups("*"))
    assert life.receipt.receive("acme/other.pdf.metadata.json") is Outcome.ACCESS_CHANGED
    assert life.document("acme/other.pdf").readers == {TENANT_READERS}


def test_a_changed_metadata_file_extracts_nothing_again(life: Lifecycle) -> None:
    """Promise 43: permissions hold from the next request on."""
    life.drop(KEY)
    life.index(KEY)
    life.dispatch_queue.sent.clear()
    life.maintenance_queue.sent.clear()
    life.bucket.put(SIDECAR, groups("finance"))
    life.receipt.receive(SIDECAR)
    document = life.document(KEY)
    assert (document.latest_generation, document.revision) == (1, 2)
    assert life.dispatch_queue.sent == []
    assert life.maintenance_queue.sent == [{"document_id": document.document_id}]


def test_a_metadata_file_that_is_gone_closes_the_document() -> None:
    """Promise 44: a document is closed unless somebody said otherwise."""
    life = Lifecycle(open_to_tenant=True)
    assert life.drop(KEY).readers == {TENANT_READERS}
    life.bucket.put(SIDECAR, groups("finance"))
    life.receipt.receive(SIDECAR)
    life.bucket.delete(SIDECAR)
    life.receipt.receive(SIDECAR)
    assert life.document(KEY).readers == frozenset()
    life.bucket.put(KEY, b"new bytes")
    life.receipt.receive(KEY)
    assert life.document(KEY).readers == frozenset()


def test_a_deleted_object_hides_the_document_at_once(life: Lifecycle) -> None:
    """Promise 16: a deletion hides the document at once, then removes every trace."""
    life.drop(KEY)
    life.index(KEY)
    life.bucket.delete(KEY)
    assert life.receipt.receive(KEY) is Outcome.REMOVED
    document = life.document(KEY)
    assert not document.answers
    assert life.bus.published == [DocumentDeleted(tenant="acme", document_id=document.document_id)]
    assert life.maintenance_queue.sent[-1] == {"document_id": document.document_id}


def test_a_deletion_that_died_before_it_told_anybody_is_told_by_the_next_event(life: Lifecycle) -> None:
    """Promise 17: a repetition after a crash ends in the same state."""
    document = life.drop(KEY)
    life.bucket.delete(KEY)
    life.registry.mark_deleted(document, 5.0)
    life.receipt.receive(KEY)
    assert life.maintenance_queue.sent == [{"document_id": document.document_id}]
    life.registry.mark_removed(document.document_id, 1)
    assert life.receipt.receive(KEY) is Outcome.UNCHANGED


def test_zero_bytes_are_a_document_and_a_folder_marker_is_none(life: Lifecycle) -> None:
    """Promise 19: every document ends in a stated status."""
    assert life.drop("acme/empty.txt", b"").status == "RECEIVED"
    life.bucket.put("acme/folder/", b"")
    assert life.receipt.receive("acme/folder/") is Outcome.IGNORED


@pytest.mark.parametrize("key", ["report.pdf", "/report.pdf", "acme/folder/", "acme/../b.pdf"])
def test_a_key_that_cannot_name_a_document_is_refused_aloud(life: Lifecycle, key: str) -> None:
    """Promise 18: odd keys work or are refused clearly."""
    life.bucket.put(key, b"content")
    assert life.receipt.receive(key) is Outcome.REFUSED
    (event,) = life.bus.published
    assert isinstance(event, DocumentFailed)
    assert (event.code, event.generation) == ("InvalidKeyError", 0)
    assert life.registry.documents == {}


def test_an_absent_object_or_a_stray_metadata_file_is_no_refusal(life: Lifecycle) -> None:
    assert life.receipt.receive("report.pdf") is Outcome.IGNORED
    life.bucket.put("report.pdf.metadata.json", b"{}")
    assert life.receipt.receive("report.pdf.metadata.json") is Outcome.IGNORED
    assert life.bus.published == []


def test_the_longest_keys_are_received(life: Lifecycle) -> None:
    """Promise 18: odd keys work or are refused clearly."""
    assert life.drop("acme/" + "x" * 1019).readers == frozenset()


class _Contended(InMemoryDocumentRegistry):
    """Another worker admits the same object between the reading and the writing, so many times."""

    contentions = 1

    def admit(self, receipt: Receipt, expected: Document | None, now: float) -> object:  # type: ignore[override]
        if self.contentions:
            self.contentions -= 1
            super().admit(receipt, expected, now)
        return super().admit(receipt, expected, now)


def test_a_receipt_that_lost_a_race_looks_again() -> None:
    """Promise 13: the same event any number of times, one version."""
    registry = _Contended()
    life = Lifecycle(registry=registry)
    life.bucket.put(KEY)
    assert life.receipt.receive(KEY) is Outcome.UNCHANGED
    assert len(registry.generations) == 1


def test_a_storm_of_writers_is_left_to_the_queue() -> None:
    class Storm(InMemoryDocumentRegistry):
        def admit(self, receipt: Receipt, expected: Document | None, now: float) -> object:  # type: ignore[override]
            raise ConcurrentUpdateError("always")

    life = Lifecycle(registry=Storm())
    life.bucket.put(KEY)
    with pytest.raises(ConcurrentUpdateError, match="keeps changing"):
        life.receipt.receive(KEY)
