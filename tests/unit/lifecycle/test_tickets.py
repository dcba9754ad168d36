"""Whoever uploads to whatever path, in whatever order the events come: a document stays with its owner."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.upload_tickets import may_follow, stated_readers, ticket_fields
from docqa.errors import ForbiddenError
from docqa.models.access import Principal
from docqa.models.api import ReadersBody, UploadRequest, UploadTicket
from docqa.services.document_changes import DocumentUpload
from tests.fakes.lifecycle import Lifecycle

KEY = "acme/a.pdf"
PEOPLE = [Principal("acme", "ann"), Principal("acme", "ben"), Principal("acme", "root", frozenset({"admins"}))]
GROUP_NAMES = st.from_regex(r"[A-Za-z0-9_.@-]{1,20}", fullmatch=True)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 2)),
        st.tuples(st.just("upload"), st.integers(0, 9)),
        st.tuples(st.just("program"), st.integers(0, 0)),
        st.tuples(st.just("delete"), st.integers(0, 0)),
        st.tuples(st.just("event"), st.integers(0, 0)),
    ),
    max_size=25,
)


def metadata_of(ticket: UploadTicket) -> dict[str, str]:
    prefix = "x-amz-meta-"
    return {name.removeprefix(prefix): value for name, value in ticket.fields.items() if name.startswith(prefix)}


class Path:
    """One path of a tenant, and what its history should come to."""

    def __init__(self) -> None:
        self.life = Lifecycle()
        self.upload = DocumentUpload(self.life.bucket, self.life.registry, 1_000, "admins")
        self.tickets: list[dict[str, str]] = []
        self.owner: str | None = None
        self.body: bytes | None = None
        self.bodies = 0

    def step(self, kind: str, which: int) -> None:
        if kind == "ask":
            self.ask(PEOPLE[which])
        elif kind == "upload" and self.tickets:
            self.put(self.tickets[which % len(self.tickets)])
        elif kind == "program":
            self.put({})
        elif kind == "delete":
            self.life.bucket.delete(KEY)
            self.owner = self.body = None
        elif kind == "event":
            self.life.receipt.receive(KEY)

    def ask(self, person: Principal) -> None:
        try:
            ticket = self.upload.ticket(person, UploadRequest(path="a.pdf", size=10))
        except ForbiddenError:
            return
        self.tickets.append(metadata_of(ticket))

    def put(self, metadata: dict[str, str]) -> None:
        self.bodies += 1
        body = f"body {self.bodies}".encode()
        self.life.bucket.put(KEY, body, metadata)
        if self.owner is None or may_follow(metadata, self.owner):
            # An administrator who replaces a document does not come to own it; a program's document is nobody's.
            self.owner = (self.owner or metadata["owner"]) if metadata else ""
            self.body = body


@given(steps=STEPS)
def test_the_first_upload_owns_a_path_until_it_is_deleted(steps: list[tuple[str, int]]) -> None:
    """Promises 14, 45: late and lost events change nothing about whose a document is."""
    path = Path()
    for kind, which in steps:
        path.step(kind, which)

    path.life.receipt.receive(KEY)

    if path.body is None:
        assert not path.life.bucket.exists(KEY)
    else:
        assert path.life.bucket.read(KEY) == path.body
        assert path.life.document(KEY).owner == path.owner


@given(tenant=st.booleans(), groups=st.lists(GROUP_NAMES, max_size=50))
def test_readers_come_out_of_a_ticket_as_they_went_in(tenant: bool, groups: list[str]) -> None:
    fields = ticket_fields("ann", None, ReadersBody(tenant=tenant, groups=groups))
    metadata = {name.removeprefix("x-amz-meta-"): value for name, value in fields.items()}

    stated = stated_readers(metadata)

    assert stated == ReadersBody(tenant=tenant, groups=sorted(set(groups)))
    assert all(metadata.values()), "S3 drops metadata without a value"


def test_a_ticket_without_readers_states_none() -> None:
    assert stated_readers({"owner": "ann", "replaces": "nothing"}) is None
    assert stated_readers({"readers": "*"}) is None, "not from a ticket"
