from __future__ import annotations

import pytest

from docqa.errors import ConflictError, ForbiddenError, InvalidRequestError, NotFoundError
from docqa.models.access import Principal
from docqa.models.document import Failure
from docqa.models.events import DocumentFailed
from docqa.services.documents import DocumentCatalog
from docqa.services.failure import Settled
from docqa.services.reprocessing import Reprocessing
from tests.fakes.lifecycle import Lifecycle

OWNER = Principal("acme", "sub-1")
READER = Principal("acme", "sub-2")
ADMIN = Principal("acme", "sub-3", frozenset({"admins"}))
FOREIGNER = Principal("other", "sub-1", frozenset({"admins"}))
KEY = "acme/a.pdf"
POISON = Failure("MalformedDocumentError", "The file is damaged: save it again.")


class Desk:
    """The documents API over one life of documents that everybody in the tenant may read."""

    def __init__(self) -> None:
        self.life = Lifecycle(open_to_tenant=True)
        self.catalog = DocumentCatalog(self.life.registry, self.life.clock, "admins")
        self.reprocessing = Reprocessing(self.catalog, self.life.receipt, self.life.dispatch_queue, self.life.clock)

    def failed(self, key: str = KEY) -> str:
        """A document whose newest version is in quarantine."""
        document = self.life.drop(key, owner="sub-1")
        reference = self.life.start(key)
        assert self.life.failures.settle(reference, POISON, 1) is Settled.FAILED
        self.life.end(reference)
        self.life.dispatch_queue.sent.clear()
        return document.document_id


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("principal", [OWNER, ADMIN])
def test_a_document_leaves_quarantine_as_a_new_version(desk: Desk, principal: Principal) -> None:
    """Promise 52: once the fault is gone, what failed is completed from what is there."""
    document_id = desk.failed()
    view = desk.reprocessing.reprocess(principal, document_id)
    assert (view.status, view.generation, view.failure) == ("RECEIVED", 2, None)
    assert desk.life.dispatch_queue.sent == [{"document_id": document_id, "generation": 2}]
    desk.life.index(KEY)
    assert (desk.life.document(KEY).status, desk.life.document(KEY).live_generation) == ("INDEXED", 2)
    versions = {one.version_id for one in desk.life.registry.list_generations(document_id)}
    assert len(versions) == 1, "the same bytes"


def test_an_indexed_document_answers_while_it_is_processed_again(desk: Desk) -> None:
    """Promise 28: reprocessing takes nothing away before it has something better."""
    document_id = desk.life.drop(KEY, owner="sub-1").document_id
    desk.life.index(KEY)
    title = desk.life.document(KEY).title
    view = desk.reprocessing.reprocess(OWNER, document_id)
    assert (view.status, view.live_generation, view.title) == ("RECEIVED", 1, title)
    reference = desk.life.start(KEY)
    desk.life.failures.settle(reference, POISON, 1)
    document = desk.life.document(KEY)
    assert (document.status, document.live_generation) == ("FAILED", 1)
    assert isinstance(desk.life.bus.published[-1], DocumentFailed)


def test_what_waits_or_runs_is_not_processed_twice(desk: Desk) -> None:
    """Promise 13: asking again and again starts one execution."""
    document_id = desk.failed()
    desk.reprocessing.reprocess(OWNER, document_id)
    for _ in range(2):
        with pytest.raises(ConflictError, match="already"):
            desk.reprocessing.reprocess(OWNER, document_id)
        desk.life.dispatcher.dispatch()
    assert desk.life.document(KEY).latest_generation == 2


def test_only_its_owner_and_administrators_have_it_processed(desk: Desk) -> None:
    """Promise 42: a foreign document looks like none."""
    document_id = desk.failed()
    with pytest.raises(ForbiddenError):
        desk.reprocessing.reprocess(READER, document_id)
    for principal, asked in ((FOREIGNER, document_id), (OWNER, "0" * 32), (OWNER, "x")):
        with pytest.raises(NotFoundError):
            desk.reprocessing.reprocess(principal, asked)
    assert desk.life.document(KEY).latest_generation == 1


def test_the_bucket_is_the_fact_here_too(desk: Desk) -> None:
    """Promise 14: a lost event is found out by whoever looks next."""
    document_id = desk.failed()
    desk.life.bucket.put(KEY, b"newer", {"owner": "sub-1"})
    assert desk.reprocessing.reprocess(OWNER, document_id).generation == 2
    assert desk.life.document(KEY).version_id == getattr(desk.life.bucket.current(KEY), "version_id", None)
    desk.life.failures.settle(desk.life.start(KEY), POISON, 1)
    desk.life.bucket.delete(KEY)
    with pytest.raises(NotFoundError):
        desk.reprocessing.reprocess(OWNER, document_id)
    assert desk.life.document(KEY).status == "DELETED"


def test_the_list_shows_what_is_in_quarantine(desk: Desk) -> None:
    failed = desk.failed("acme/broken.pdf")
    desk.life.drop("acme/fine.pdf", owner="sub-1")
    desk.life.index("acme/fine.pdf")
    page = desk.catalog.list(OWNER, status="FAILED")
    assert [one.document_id for one in page.documents] == [failed]
    assert page.documents[0].failure is not None
    with pytest.raises(InvalidRequestError, match="RECEIVED"):
        desk.catalog.list(OWNER, status="failed")


def test_a_waiting_document_says_its_place(desk: Desk) -> None:
    """Promise 20: whoever waits is told where."""
    documents = []
    for n in range(3):
        desk.life.clock.time += 1
        documents.append(desk.life.drop(f"acme/{n}.pdf", owner="sub-1").document_id)
    assert [desk.catalog.show(OWNER, one).place for one in documents] == [1, 2, 3]
    desk.life.start("acme/2.pdf")
    assert desk.catalog.show(OWNER, documents[2]).place is None
