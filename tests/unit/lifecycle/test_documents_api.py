from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa import ids
from docqa.errors import ConflictError, ForbiddenError, InvalidRequestError, NotFoundError
from docqa.models.access import TENANT_READERS, Principal, group_reader
from docqa.models.api import ReadersBody, UploadRequest, UploadTicket
from docqa.models.events import DocumentFailed
from docqa.services.document_changes import DocumentDeletion, DocumentSharing, DocumentUpload
from docqa.services.documents import DocumentCatalog, DocumentContent
from docqa.services.metadata_files import MetadataFiles
from tests.fakes.bucket import VersionedBucket
from tests.fakes.lifecycle import Lifecycle

OWNER = Principal("acme", "sub-1")
READER = Principal("acme", "sub-2", frozenset({"finance"}))
ADMIN = Principal("acme", "sub-3", frozenset({"admins"}))
STRANGER = Principal("acme", "sub-4", frozenset({"legal"}))
FOREIGNER = Principal("other", "sub-1", frozenset({"finance", "admins"}))
KEY = "acme/a.pdf"
SIDECAR = b'{"metadataAttributes": {"groups": ["finance"], "year": 2026}}'


class Desk:
    """The documents API over one life of documents."""

    def __init__(self) -> None:
        self.life = Lifecycle()
        life = self.life
        self.catalog = DocumentCatalog(life.registry, life.clock, "admins")
        self.content = DocumentContent(DocumentCatalog(life.registry, life.clock), life.bucket, VersionedBucket("work"))
        self.upload = DocumentUpload(life.bucket, life.registry, 1_000, "admins")
        self.deletion = DocumentDeletion(self.catalog, life.bucket, life.removal)
        self.sharing = DocumentSharing(self.catalog, MetadataFiles(life.bucket), life.receipt)

    def send(self, ticket: UploadTicket, body: bytes = b"text") -> None:
        """Upload with a ticket, as S3 takes it; its event has not come yet."""
        prefix = "x-amz-meta-"
        metadata = {k.removeprefix(prefix): v for k, v in ticket.fields.items() if k.startswith(prefix)}
        self.life.bucket.put(ticket.fields["key"], body, metadata)

    def share(self, key: str = KEY) -> str:
        """A document of OWNER that READER may read; its id."""
        self.life.bucket.put(ids.sidecar_key(key), SIDECAR)
        return self.life.drop(key, owner="sub-1").document_id


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestSeeing:
    def test_readers_owner_and_administrators_see_its_status(self, desk: Desk) -> None:
        document_id = desk.share()
        for principal in (OWNER, READER, ADMIN):
            view = desk.catalog.show(principal, document_id)
            assert (view.key, view.status, view.readers.groups) == (KEY, "RECEIVED", ["finance"])

    @pytest.mark.parametrize("principal", [STRANGER, FOREIGNER])
    def test_everybody_else_finds_nothing(self, desk: Desk, principal: Principal) -> None:
        """Promise 42: a foreign id looks exactly like an absent one."""
        document_id = desk.share()
        calls = (
            lambda name: desk.catalog.show(principal, name),
            lambda name: desk.content.address(principal, name),
            lambda name: desk.deletion.delete(principal, name),
            lambda name: desk.sharing.set_readers(principal, name, ReadersBody(tenant=True)),
        )
        for call in calls:
            with pytest.raises(NotFoundError) as foreign:
                call(document_id)
            with pytest.raises(NotFoundError) as absent:
                call("0" * 32)
            assert str(foreign.value) == str(absent.value)
        assert desk.catalog.list(principal).documents == []

    @pytest.mark.parametrize("name", ["", "x", "artifact#acme/embeddings/", "A" * 32, "0" * 3000])
    def test_what_is_no_id_is_not_found(self, desk: Desk, name: str) -> None:
        """Promise 36: what is outside the limits is a 4xx."""
        with pytest.raises(NotFoundError):
            desk.catalog.show(OWNER, name)

    def test_the_status_tells_of_the_newest_version_and_of_the_one_that_answers(self, desk: Desk) -> None:
        document_id = desk.share()
        desk.life.index(KEY)
        desk.life.drop(KEY, b"newer", owner="sub-1")
        view = desk.catalog.show(OWNER, document_id)
        assert (view.status, view.generation, view.live_generation, view.chunks) == ("RECEIVED", 2, 1, None)

    def test_a_list_goes_on_behind_documents_that_are_passed_over(self, desk: Desk) -> None:
        for n in range(7):
            desk.life.clock.time += 1
            desk.life.drop(f"acme/hidden-{n}.pdf")
            desk.life.clock.time += 1
            desk.share(f"acme/{n}.pdf")
        first = desk.catalog.list(READER, limit=4)
        second = desk.catalog.list(READER, limit=4, cursor=first.cursor)
        keys = [one.key for one in [*first.documents, *second.documents]]
        assert keys == [f"acme/{n}.pdf" for n in range(6, -1, -1)]

    @pytest.mark.parametrize("limit", [0, -1, 101])
    def test_a_limit_has_limits(self, desk: Desk, limit: int) -> None:
        """Promise 36: what is outside the limits is a 4xx."""
        with pytest.raises(InvalidRequestError):
            desk.catalog.list(OWNER, limit)


class TestOpening:
    def test_the_version_that_answers_is_opened(self, desk: Desk) -> None:
        document_id = desk.share()
        desk.life.index(KEY)
        live = desk.life.document(KEY).version_id
        desk.life.drop(KEY, b"newer", owner="sub-1")
        address = desk.content.address(READER, document_id)
        assert f"versionId={live}&type=text/plain; charset=utf-8&inline=a.pdf" in address

    @pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/octet-stream", ""])
    def test_what_a_browser_would_run_is_downloaded(self, desk: Desk, media_type: str) -> None:
        """Promise 50: what comes out is inert."""
        document_id = desk.share()
        reference = desk.life.start(KEY)
        desk.life.registry.record_inspection(reference, media_type, "c", "s", "")
        desk.life.registry.publish(reference, 1, 5.0)
        assert "type=application/octet-stream&attachment=a.pdf" in desk.content.address(READER, document_id)

    def test_a_permission_that_is_taken_away_closes_the_content_at_once(self, desk: Desk) -> None:
        """Promise 43: permissions hold from the next request on."""
        document_id = desk.share()
        desk.life.index(KEY)
        desk.sharing.set_readers(OWNER, document_id, ReadersBody())
        with pytest.raises(NotFoundError):
            desk.content.address(READER, document_id)

    def test_an_expired_document_is_closed_before_any_sweep(self, desk: Desk) -> None:
        """Promise 43: what a document's time is over for is its readers, not its owner."""
        document_id = desk.share()
        desk.life.bucket.put(
            ids.sidecar_key(KEY), b'{"metadataAttributes": {"groups": ["finance"], "expires": "1970-02-01"}}'
        )
        desk.life.receipt.receive(ids.sidecar_key(KEY))
        desk.life.index(KEY)
        assert desk.content.address(READER, document_id)
        desk.life.clock.time = 31 * 86_400.0
        with pytest.raises(NotFoundError):
            desk.content.address(READER, document_id)
        assert desk.catalog.list(READER).documents == []
        assert desk.catalog.show(OWNER, document_id).status == "INDEXED"

    def test_before_any_version_answers_there_is_nothing_to_open(self, desk: Desk) -> None:
        with pytest.raises(ConflictError):
            desk.content.address(READER, desk.share())


class TestUploading:
    def test_a_ticket_is_for_one_key_under_the_callers_tenant(self, desk: Desk) -> None:
        """Promise 45: size, prefix and tenant of an upload hold."""
        ticket = desk.upload.ticket(OWNER, UploadRequest(path="reports/q3.pdf", size=10))
        assert ticket.fields["key"] == "acme/reports/q3.pdf"
        assert ticket.fields["x-amz-meta-owner"] == "sub-1"
        assert "size<=10" in ticket.fields["policy"]
        assert ticket.document_id == ids.document_id("documents", "acme/reports/q3.pdf")

    def test_readers_are_written_when_the_document_is_received(self, desk: Desk) -> None:
        """Promise 45: a ticket that is never used says nothing about anybody's document."""
        request = UploadRequest(path="a.pdf", size=10, readers=ReadersBody(tenant=True, groups=["finance"]))
        ticket = desk.upload.ticket(OWNER, request)
        assert not desk.life.bucket.exists(ids.sidecar_key(KEY))
        desk.send(ticket)
        desk.life.receipt.receive(KEY)
        assert desk.life.document(KEY).readers == {TENANT_READERS, group_reader("finance")}
        assert desk.life.bucket.exists(ids.sidecar_key(KEY))

    def test_attributes_of_an_upload_replace_those_of_the_metadata_file(self, desk: Desk) -> None:
        """Promise 43: readers that are not named stay as they are."""
        desk.share()
        attributes = {"expires": "2999-01-31", "note": 'größer als $5, "sagt" man'}
        desk.send(desk.upload.ticket(OWNER, UploadRequest(path="a.pdf", size=10, attributes=attributes)))
        desk.life.receipt.receive(KEY)
        assert desk.life.document(KEY).attributes == attributes
        assert desk.life.document(KEY).readers == {group_reader("finance")}

    def test_attributes_alone_open_nothing_that_a_broken_metadata_file_closed(self, desk: Desk) -> None:
        """Promise 44: neither do they where everybody may read what says nothing."""
        desk.life = Lifecycle(open_to_tenant=True)
        desk.upload = DocumentUpload(desk.life.bucket, desk.life.registry, 1_000, "admins")
        desk.life.bucket.put(ids.sidecar_key(KEY), b"{")
        desk.send(desk.upload.ticket(OWNER, UploadRequest(path="a.pdf", size=10, attributes={"year": 2026})))
        desk.life.receipt.receive(KEY)
        assert desk.life.document(KEY).readers == frozenset()
        assert desk.life.document(KEY).attributes == {"year": 2026}

    @pytest.mark.parametrize(
        ("attributes", "words"),
        [
            ({"groups": ["finance"]}, "by readers"),
            ({"year": None}, "an attribute is a string"),
            ({"expires": "soon"}, "expires is a date"),
            ({"note": "x" * 1_200}, "say less"),
        ],
    )
    def test_attributes_that_cannot_be_are_refused_before_the_upload(
        self, desk: Desk, attributes: dict[str, Any], words: str
    ) -> None:
        with pytest.raises(InvalidRequestError, match=words):
            desk.upload.ticket(OWNER, UploadRequest(path="a.pdf", size=10, attributes=attributes))

    def test_readers_set_after_an_upload_outlast_its_event_and_a_lost_registry(self, desk: Desk) -> None:
        """Promise 43: what was said last holds, however often the upload is looked at."""
        desk.send(desk.upload.ticket(OWNER, UploadRequest(path="a.pdf", size=10, readers=ReadersBody(tenant=True))))
        desk.life.receipt.receive(KEY)
        desk.sharing.set_readers(OWNER, desk.life.document(KEY).document_id, ReadersBody(groups=["legal"]))
        desk.life.registry.documents.clear()
        desk.life.registry.generations.clear()
        desk.life.receipt.receive(KEY)
        assert desk.life.document(KEY).readers == {group_reader("legal")}

    def test_an_upload_for_nobody_closes_the_document(self, desk: Desk) -> None:
        """Promise 44: stated readers hold, also when there are none."""
        desk.share()
        desk.send(desk.upload.ticket(OWNER, UploadRequest(path="a.pdf", size=10, readers=ReadersBody())))
        desk.life.receipt.receive(KEY)
        assert desk.life.document(KEY).readers == frozenset()

    def test_more_readers_than_an_upload_can_carry_are_refused_clearly(self, desk: Desk) -> None:
        many = ReadersBody(groups=[f"{n:02d}" + "x" * 100 for n in range(50)])
        with pytest.raises(InvalidRequestError, match="then set the readers"):
            desk.upload.ticket(OWNER, UploadRequest(path="a.pdf", size=10, readers=many))

    @pytest.mark.parametrize("told", [True, False])
    def test_of_two_tickets_for_a_new_path_the_first_upload_owns_the_document(self, desk: Desk, told: bool) -> None:
        """Promise 45: the later upload takes nothing over, in whatever order the events come."""
        request = UploadRequest(path="a.pdf", size=10, readers=ReadersBody(tenant=True))
        first, second = desk.upload.ticket(OWNER, request), desk.upload.ticket(STRANGER, request)
        desk.send(first, b"mine")
        if told:
            desk.life.receipt.receive(KEY)
        desk.send(second, b"theirs")
        desk.life.receipt.receive(KEY)
        document = desk.life.document(KEY)
        assert document.owner == "sub-1"
        assert desk.life.bucket.read(KEY) == b"mine"
        stored = desk.life.bucket.head(KEY)
        assert stored is not None
        assert document.version_id == stored.version_id
        assert [event.code for event in desk.life.bus.published if isinstance(event, DocumentFailed)] == [
            "ForbiddenError"
        ]

    def test_an_owner_uploads_twice_and_an_administrator_replaces(self, desk: Desk) -> None:
        request = UploadRequest(path="a.pdf", size=10)
        tickets = [desk.upload.ticket(OWNER, request) for _ in range(2)]
        for ticket in tickets:
            desk.send(ticket)
            desk.life.receipt.receive(KEY)
        desk.send(desk.upload.ticket(ADMIN, request))
        desk.life.receipt.receive(KEY)
        assert desk.life.document(KEY).latest_generation == 3

    def test_a_document_stays_its_owners_when_an_administrator_replaces_it(self, desk: Desk) -> None:
        """Promise 45: helping somebody takes nothing away from them, also when the registry is made again."""
        request = UploadRequest(path="a.pdf", size=10)
        desk.send(desk.upload.ticket(OWNER, request))
        desk.life.receipt.receive(KEY)
        desk.send(desk.upload.ticket(ADMIN, request))
        desk.life.receipt.receive(KEY)
        assert desk.life.document(KEY).owner == "sub-1"
        desk.send(desk.upload.ticket(OWNER, request))
        desk.life.receipt.receive(KEY)
        document = desk.life.document(KEY)
        assert (document.latest_generation, document.owner) == (3, "sub-1")
        rebuilt = Lifecycle(bucket=desk.life.bucket)
        desk.send(desk.upload.ticket(ADMIN, request))
        rebuilt.receipt.receive(KEY)
        assert rebuilt.document(KEY).owner == "sub-1"
        desk.deletion.delete(OWNER, document.document_id)
        assert not desk.life.bucket.exists(KEY)

    def test_a_ticket_of_an_earlier_release_that_an_administrator_holds_takes_no_document_over(
        self, desk: Desk
    ) -> None:
        desk.life.drop(KEY, owner="sub-1")
        desk.life.bucket.put(KEY, b"x", {"owner": "sub-3", "replaces": "of:sub-1"})
        desk.life.receipt.receive(KEY)
        document = desk.life.document(KEY)
        assert (document.latest_generation, document.owner) == (2, "sub-1")

    def test_a_program_with_rights_of_its_own_says_whose_its_document_is(self, desk: Desk) -> None:
        request = UploadRequest(path="a.pdf", size=10)
        desk.life.drop(KEY, owner="sub-1")
        desk.life.drop(KEY, b"program's", owner="sub-4")
        assert desk.life.document(KEY).owner == "sub-4"
        assert desk.upload.ticket(STRANGER, request).url
        desk.life.drop(KEY, b"program's own")
        assert desk.life.document(KEY).owner == ""
        with pytest.raises(ForbiddenError):
            desk.upload.ticket(STRANGER, request)

    def test_a_document_of_nobody_becomes_the_administrators_who_replaces_it(self, desk: Desk) -> None:
        desk.life.drop(KEY)
        desk.send(desk.upload.ticket(ADMIN, UploadRequest(path="a.pdf", size=10)))
        desk.life.receipt.receive(KEY)
        assert desk.life.document(KEY).owner == "sub-3"

    def test_a_ticket_from_before_a_program_wrote_the_document_is_void(self, desk: Desk) -> None:
        """Promise 45: a ticket for a new path replaces nothing."""
        ticket = desk.upload.ticket(OWNER, UploadRequest(path="a.pdf", size=10))
        desk.life.drop(KEY, b"program's")
        desk.send(ticket)
        desk.life.receipt.receive(KEY)
        assert desk.life.bucket.read(KEY) == b"program's"

    def test_after_a_deletion_an_older_ticket_makes_a_new_document(self, desk: Desk) -> None:
        ticket = desk.upload.ticket(STRANGER, UploadRequest(path="a.pdf", size=10))
        desk.life.drop(KEY, owner="sub-1")
        desk.life.bucket.delete(KEY)
        desk.send(ticket)
        desk.life.receipt.receive(KEY)
        assert desk.life.document(KEY).owner == "sub-4"

    @pytest.mark.parametrize("path", ["../other/a.pdf", "/a.pdf", "a.pdf.metadata.json", "a/${filename}", "a\nb"])
    def test_a_path_that_leaves_the_tenant_or_names_no_document_is_refused(self, desk: Desk, path: str) -> None:
        """Promise 45: size, prefix and tenant of an upload hold."""
        with pytest.raises(InvalidRequestError):
            desk.upload.ticket(OWNER, UploadRequest(path=path, size=10))

    def test_a_file_above_the_limit_is_refused(self, desk: Desk) -> None:
        """Promise 45: size, prefix and tenant of an upload hold."""
        with pytest.raises(InvalidRequestError, match="1000 bytes"):
            desk.upload.ticket(OWNER, UploadRequest(path="a.pdf", size=1_001))

    @pytest.mark.parametrize("received", [True, False])
    def test_only_those_who_may_write_a_document_replace_it(self, desk: Desk, received: bool) -> None:
        """Promise 45: size, prefix and tenant of an upload hold."""
        desk.life.bucket.put(KEY, b"x", {"owner": "sub-1"})
        if received:
            desk.life.receipt.receive(KEY)
        request = UploadRequest(path="a.pdf", size=10, readers=ReadersBody(tenant=True))
        for principal in (READER, STRANGER):
            with pytest.raises(ForbiddenError):
                desk.upload.ticket(principal, request)
        assert not desk.life.bucket.exists(ids.sidecar_key(KEY))
        for principal in (OWNER, ADMIN):
            assert desk.upload.ticket(principal, request).url

    def test_a_deleted_document_frees_its_path(self, desk: Desk) -> None:
        desk.deletion.delete(OWNER, desk.share())
        assert desk.upload.ticket(STRANGER, UploadRequest(path="a.pdf", size=10)).url


class TestChanging:
    def test_a_deleted_document_is_gone_before_any_event_arrives(self, desk: Desk) -> None:
        """Promise 43: permissions hold from the next request on."""
        document_id = desk.share()
        desk.life.index(KEY)
        desk.deletion.delete(OWNER, document_id)
        assert not desk.life.document(KEY).answers
        assert not desk.life.bucket.exists(KEY)
        for principal in (OWNER, READER, ADMIN):
            with pytest.raises(NotFoundError):
                desk.catalog.show(principal, document_id)

    def test_a_reader_may_neither_delete_nor_share(self, desk: Desk) -> None:
        """Promise 45: size, prefix and tenant of an upload hold."""
        document_id = desk.share()
        with pytest.raises(ForbiddenError):
            desk.deletion.delete(READER, document_id)
        with pytest.raises(ForbiddenError):
            desk.sharing.set_readers(READER, document_id, ReadersBody(tenant=True))

    def test_readers_hold_at_once_and_are_what_the_bucket_says(self, desk: Desk) -> None:
        """Promise 43: permissions hold from the next request on."""
        document_id = desk.share()
        desk.life.index(KEY)
        view = desk.sharing.set_readers(ADMIN, document_id, ReadersBody(tenant=True, groups=["legal"]))
        assert (view.readers.tenant, view.readers.groups) == (True, ["legal"])
        assert desk.life.document(KEY).readers == {TENANT_READERS, group_reader("legal")}
        assert desk.life.document(KEY).attributes == {"year": 2026.0}
        before = desk.life.document(KEY)
        desk.life.receipt.receive(ids.sidecar_key(KEY))
        assert desk.life.document(KEY) == before
        assert desk.life.maintenance_queue.sent[-1] == {"document_id": document_id}

    def test_of_two_changes_at_once_the_one_in_the_bucket_holds(self, desk: Desk) -> None:
        """Promise 43: the change that was written first does not come back over the later one."""
        document_id = desk.share()

        class Overtaken(MetadataFiles):
            """Another change is written and applied between this one's write and its look at the bucket."""

            def write_readers(self, key: str, body: ReadersBody) -> None:
                super().write_readers(key, body)
                desk.sharing.set_readers(ADMIN, document_id, ReadersBody())

        slow = DocumentSharing(desk.catalog, Overtaken(desk.life.bucket), desk.life.receipt)
        view = slow.set_readers(OWNER, document_id, ReadersBody(tenant=True))
        assert (view.readers.tenant, view.readers.groups) == (False, [])
        assert desk.life.document(KEY).readers == frozenset()

    def test_a_key_without_room_for_a_metadata_file_cannot_be_shared(self, desk: Desk) -> None:
        """Promise 18: odd keys work or are refused clearly."""
        document = desk.life.drop("acme/" + "x" * 1015, owner="sub-1")
        with pytest.raises(InvalidRequestError, match="too long"):
            desk.sharing.set_readers(OWNER, document.document_id, ReadersBody(tenant=True))


TOKENS = st.sampled_from([TENANT_READERS, group_reader("finance"), group_reader("legal")])
PEOPLE = st.builds(
    Principal,
    st.sampled_from(["acme", "other"]),
    st.sampled_from(["sub-1", "sub-2"]),
    st.frozensets(st.sampled_from(["finance", "legal", "admins", "group:finance"])),
)


@given(
    documents=st.lists(
        st.tuples(
            st.sampled_from(["acme", "other"]), st.frozensets(TOKENS), st.sampled_from(["", "sub-1"]), st.booleans()
        ),
        max_size=8,
    ),
    principal=PEOPLE,
    limit=st.integers(1, 5),
)
def test_whoever_asks_is_shown_only_what_they_may_see(
    documents: list[tuple[str, frozenset[str], str, bool]], principal: Principal, limit: int
) -> None:
    """Promise 42: lists and single documents agree, and neither shows a foreign or a closed one."""
    desk = Desk()
    allowed = set()
    for number, (tenant, readers, owner, deleted) in enumerate(documents):
        key = f"{tenant}/{number}.pdf"
        document = desk.life.drop(key, owner=owner)
        desk.life.registry.change_access(document, readers, {}, False, 5.0)
        mine = principal.tenant == tenant and (
            principal.may_read(tenant, readers) or (owner == principal.subject) or "admins" in principal.groups
        )
        if deleted:
            desk.life.bucket.delete(key)
            desk.life.receipt.receive(key)
        elif mine:
            allowed.add(document.document_id)
    listed: list[str] = []
    cursor = None
    while True:
        page = desk.catalog.list(principal, limit, cursor)
        listed += [one.document_id for one in page.documents]
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(listed) == sorted(allowed)
    for document_id in desk.life.registry.documents:
        if document_id not in allowed:
            with pytest.raises(NotFoundError):
                desk.catalog.show(principal, document_id)
