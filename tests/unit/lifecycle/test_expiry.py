"""Documents that stop answering at a stated moment."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa import ids
from docqa.domain.expiry import expires_at, is_past, may_answer
from docqa.domain.readers import CLOSED, access_of
from docqa.models.document import GenerationStatus
from docqa.models.events import DocumentExpired
from docqa.services.receipt import Outcome
from tests.fakes.lifecycle import Lifecycle

KEY = "acme/a.pdf"


def sidecar(**attributes: object) -> bytes:
    return json.dumps({"metadataAttributes": {"groups": ["finance"], **attributes}}).encode()


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


@pytest.fixture
def life() -> Lifecycle:
    return Lifecycle()


def describe(life: Lifecycle, **attributes: object) -> Outcome:
    life.bucket.put(ids.sidecar_key(KEY), sidecar(**attributes))
    return life.receipt.receive(ids.sidecar_key(KEY))


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T17:00", datetime(2027, 1, 31, 17, tzinfo=UTC)),
        ("2027-01-31T17:00:00Z", datetime(2027, 1, 31, 17, tzinfo=UTC)),
        (" 2027-01-31T17:00:00+01:00", datetime(2027, 1, 31, 17, tzinfo=timezone(timedelta(hours=1)))),
    ],
)
def test_a_date_or_a_date_and_time_says_when(stated: str, moment: datetime) -> None:
    assert expires_at({"expires": stated}) == moment.timestamp()


@pytest.mark.parametrize("stated", ["", "soon", "31.01.2027", "2027-02-30", 1_800_000_000, True, ["2027-01-31"]])
def test_a_date_that_cannot_be_read_closes_the_document(stated: object) -> None:
    """Promise 44: in doubt a document is closed; a typing mistake must not keep it open."""
    assert access_of(sidecar(expires=stated), frozenset({"tenant"})) == CLOSED


@given(st.datetimes(timezones=st.timezones()), st.integers(-10, 10))
def test_it_holds_from_the_named_second_on(moment: datetime, shift: int) -> None:
    assert is_past({"expires": moment.isoformat()}, moment.timestamp() + shift) is (shift >= 0)


def test_a_document_is_hidden_from_the_moment_and_removed_by_the_sweep(life: Lifecycle) -> None:
    life.drop(KEY)
    describe(life, expires=iso(life.clock.time + 60))
    reference = life.index(KEY)
    assert may_answer(life.document(KEY), life.clock.time)

    life.clock.time += 60
    assert not may_answer(life.document(KEY), life.clock.time)
    life.sweep_bucket()

    document = life.document(KEY)
    assert (document.status, document.live_generation) == ("EXPIRED", 0)
    assert life.registry.generations[reference.document_id, 1].status is GenerationStatus.SUPERSEDED
    assert life.maintenance_queue.sent[-1] == {"document_id": reference.document_id}
    assert life.bus.published[-1] == DocumentExpired(tenant="acme", document_id=reference.document_id)
    assert life.bucket.exists(KEY), "the file is its owner's"


def test_what_has_expired_before_it_came_is_on_record_and_costs_nothing(life: Lifecycle) -> None:
    describe(life, expires="1970-01-02")
    assert life.drop(KEY).status == "EXPIRED"
    life.dispatcher.dispatch()
    assert life.workflow.started == {}
    assert life.dispatch_queue.sent == []


def test_a_later_date_brings_it_back_as_a_new_version(life: Lifecycle) -> None:
    describe(life, expires="1970-01-02")
    life.drop(KEY)
    assert describe(life, expires=iso(life.clock.time + 60)) is Outcome.ADMITTED
    life.index(KEY)
    document = life.document(KEY)
    assert (document.status, document.live_generation) == ("INDEXED", 2)


def test_a_date_that_is_brought_forward_stops_what_runs(life: Lifecycle) -> None:
    """Promise 16: late results are dropped."""
    life.drop(KEY)
    reference = life.start(KEY)
    describe(life, expires="1970-01-02")
    assert life.registry.generations[reference.document_id, 1].status is GenerationStatus.SUPERSEDED


def test_looking_again_changes_nothing_once_it_is_clean(life: Lifecycle) -> None:
    """Promise 13: the same event twice changes nothing."""
    describe(life, expires="1970-01-02")
    document = life.drop(KEY)
    life.registry.mark_removed(document.document_id, 1)
    told = len(life.bus.published)
    assert life.receipt.receive(KEY) is Outcome.UNCHANGED
    assert len(life.bus.published) == told


def test_a_deleted_file_is_deleted_also_when_it_had_expired(life: Lifecycle) -> None:
    describe(life, expires="1970-01-02")
    life.drop(KEY)
    life.bucket.delete(KEY)
    assert life.receipt.receive(KEY) is Outcome.REMOVED
    assert life.document(KEY).status == "DELETED"
