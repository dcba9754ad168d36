"""Results hold what their reader may read, when they are made and when they are fetched."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser

import pytest

from docqa.errors import NotFoundError
from docqa.models.access import Principal
from docqa.models.document import DocumentStatus
from docqa.services.recorded_answers import WITHHELD
from tests.unit.answering.desk import BEN
from tests.unit.answering.library import ANA, TENANT
from tests.unit.batches.plant import (
    ADMINS,
    FIELDS,
    NOWHERE,
    PREFIX,
    BatchPlant,
    as_jsonl,
    by_job,
    fact,
    runway_of,
)

STAFF_ONLY = frozenset({"group:staff"})
BOSS = Principal(TENANT, "boss", frozenset({ADMINS}))
EVE = Principal("umbrella", "ana", frozenset({"staff", ADMINS}))
ASKED = [runway_of("Ashford"), runway_of("Ivychurch"), NOWHERE]


@pytest.fixture
def plant() -> BatchPlant:
    return with_ivychurch(BatchPlant())


@pytest.fixture
def quoting() -> BatchPlant:
    """Without a chat model an answer rests on its quotes alone, and not on all that was in a prompt."""
    return with_ivychurch(BatchPlant(chat=None))


def with_ivychurch(made: BatchPlant) -> BatchPlant:
    made.documents["Ivychurch"] = made.library.add("Ivychurch", fact("Ivychurch", 1_111), STAFF_ONLY)
    made.register()
    return made


def statuses(plant: BatchPlant, batch_id: str, reader: Principal = ANA) -> list[str]:
    return [one["status"] for one in plant.lines(batch_id, reader)]


def test_a_batch_asks_as_whoever_sent_it(plant: BatchPlant) -> None:
    """Promise 42: over HTTP as the person, from the inbox as its channel, whatever a line says."""
    of_ana = plant.submit(ASKED).batch_id
    of_channel = plant.drop(as_jsonl([{"question": one} for one in ASKED]))
    plant.run(of_ana)
    plant.run(of_channel)
    assert statuses(plant, of_ana) == ["answered", "answered", "abstained"]
    channel = plant.batch(of_channel).principal
    assert statuses(plant, of_channel, channel) == ["answered", "abstained", "abstained"]
    handed_over = plant.inbox.objects()[f"{PREFIX}results/monday.jsonl/results.jsonl"].decode()
    assert "1111" not in handed_over


def delivered(plant: BatchPlant) -> dict[str, bytes]:
    return {key: body for key, body in plant.inbox.objects().items() if "results/" in key}


@pytest.mark.parametrize(("tenant", "said"), [("umbrella", "another tenant"), (None, "not registered any more")])
def test_results_do_not_come_to_a_place_that_is_somebody_elses_by_now(
    plant: BatchPlant, tenant: str | None, said: str
) -> None:
    """Promise 42: read again when they are put there; who sent them, and the tenant's administrators, have them."""
    plant.register(PREFIX, "staff")
    batch_id = plant.drop(as_jsonl([{"question": one} for one in ASKED]))
    sent_by = plant.inboxes.channels.pop(PREFIX).principal
    if tenant is not None:
        plant.register(PREFIX, "staff", tenant=tenant)

    plant.run(batch_id)

    assert delivered(plant) == {}
    (reason,) = plant.undelivered
    assert said in reason
    assert plant.show(batch_id, sent_by).links is not None
    assert plant.show(batch_id, BOSS).links is not None
    assert statuses(plant, batch_id, sent_by) == ["answered", "answered", "abstained"]


def test_results_do_not_come_to_another_system_of_the_same_tenant(plant: BatchPlant) -> None:
    """An inner prefix that was registered meanwhile is another system's as well."""
    batch_id = plant.drop(as_jsonl([{"question": one} for one in ASKED]))
    plant.register(f"{PREFIX}results/")
    plant.run(batch_id)
    assert delivered(plant) == {}
    assert len(plant.undelivered) == 1


def test_a_channel_that_may_read_less_by_now_is_given_less(quoting: BatchPlant) -> None:
    """Promise 43: its rights are read again with its registration."""
    quoting.register(PREFIX, "staff")
    batch_id = quoting.drop(as_jsonl([{"question": one} for one in ASKED]))
    quoting.register(PREFIX)
    quoting.run(batch_id)
    assert quoting.undelivered == []
    assert len(delivered(quoting)) == 3
    assert all(b"1111" not in body for body in delivered(quoting).values())
    assert statuses(quoting, batch_id, quoting.batch(batch_id).principal) == ["answered", "answered", "abstained"]


def test_only_who_sent_it_and_administrators_see_a_batch(plant: BatchPlant) -> None:
    """Promise 42: a foreign id looks like an absent one."""
    batch_id = plant.submit(ASKED).batch_id
    plant.run(batch_id)
    assert plant.show(batch_id).links is not None
    assert plant.show(batch_id, BOSS).links is not None
    for stranger in (BEN, EVE):
        with pytest.raises(NotFoundError, match="no such batch"):
            plant.show(batch_id, stranger)
    for absent in ("0" * 32, "x", f"{batch_id}#000000", ""):
        with pytest.raises(NotFoundError, match="no such batch"):
            plant.show(absent)


def test_an_administrator_gets_of_the_results_what_they_may_read_themselves(quoting: BatchPlant) -> None:
    batch_id = quoting.submit(ASKED).batch_id
    quoting.run(batch_id)
    assert statuses(quoting, batch_id, BOSS) == ["answered", "abstained", "abstained"]
    assert quoting.lines(batch_id, BOSS)[1]["reason"] == WITHHELD
    assert statuses(quoting, batch_id) == ["answered", "answered", "abstained"], "and who asked gets theirs"


@pytest.mark.parametrize("change", ["revoked", "deleted", "replaced"])
def test_what_is_taken_away_is_withheld_the_next_time_results_are_fetched(plant: BatchPlant, change: str) -> None:
    """Promise 43: also for stored answers."""
    batch_id = plant.submit(ASKED).batch_id
    plant.run(batch_id)
    before = plant.show(batch_id).links
    changes: dict[str, dict[str, object]] = {
        "revoked": {"readers": frozenset()},
        "deleted": {"status": DocumentStatus.DELETED, "live_generation": 0},
        "replaced": {"live_generation": 2},
    }
    plant.library.change(plant.documents["Ivychurch"], **changes[change])

    after = plant.show(batch_id).links
    assert before is not None
    assert after is not None
    assert before.results.partition("?")[0] != after.results.partition("?")[0]
    prefix = plant.results.prefix_for(plant.batch(batch_id), ANA)
    for name in ("results.jsonl", "results.csv", "report.html"):
        assert b"1111" not in plant.work.read(prefix + name)
    assert plant.lines(batch_id)[1]["reason"] == WITHHELD


def test_what_is_taken_away_while_the_batch_runs_is_not_in_its_results() -> None:
    """Promise 43: the replies of a job were made from it."""
    plant = BatchPlant(routes=[by_job()])
    plant.documents["Ivychurch"] = plant.library.add("Ivychurch", fact("Ivychurch", 1_111), STAFF_ONLY)
    batch_id = plant.submit([runway_of("Ivychurch")] * 25).batch_id
    plant.prepare(batch_id)
    plant.request(batch_id)
    plant.library.change(plant.documents["Ivychurch"], readers=frozenset())
    plant.answer(batch_id)
    plant.ending.finish(batch_id)
    assert set(statuses(plant, batch_id)) == {"abstained"}
    kept = b"".join(body for key, body in plant.work.objects().items())
    assert b"1111" not in kept


def test_addresses_are_short_lived_and_name_the_files(plant: BatchPlant) -> None:
    batch_id = plant.submit(ASKED).batch_id
    assert plant.show(batch_id).links is None
    plant.run(batch_id)
    links = plant.show(batch_id).links
    assert links is not None
    assert links.expires_in <= 300
    assert "attachment" in links.results
    assert "attachment" in links.table
    assert "inline" in links.report


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


HOSTILE = (
    '<script src="https://evil.test/x.js"></script><img src=x onerror=alert(1)> How long is the runway of Ashford?'
)


def test_report_and_table_are_inert(plant: BatchPlant) -> None:
    """Promise 50: whatever a question or a document says, it is text."""
    asked = [HOSTILE, runway_of("Ashford"), '=HYPERLINK("https://evil.test")', "+1+1 how long is it?", "@SUM(A1)"]
    batch_id = plant.submit([{"question": text, "metadata": {"a": "</td><a href=x>"}} for text in asked]).batch_id
    plant.run(batch_id)
    prefix = plant.results.prefix_for(plant.batch(batch_id), ANA)

    page = _Elements()
    page.feed(plant.work.read(f"{prefix}report.html").decode())
    rows = list(csv.DictReader(io.StringIO(plant.work.read(f"{prefix}results.csv").decode("utf-8-sig"))))

    assert not {"script", "img", "a", "iframe", "link", "form", "svg"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in {"href", "src", "srcset"}]
    assert HOSTILE in page.text
    assert [row["line"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert [row["question"] for row in rows[2:]] == [f"'{text}" for text in asked[2:]]
    assert "page 1" in rows[1]["sources"]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]


def test_the_report_counts_what_its_reader_sees(quoting: BatchPlant) -> None:
    batch_id = quoting.submit(ASKED).batch_id
    quoting.run(batch_id)
    prefix = quoting.results.prefix_for(quoting.batch(batch_id), BOSS)
    page = _Elements()
    page.feed(quoting.work.read(f"{prefix}report.html").decode())
    assert "answered1" in page.text
    assert "abstained2" in page.text
    assert WITHHELD in page.text
    assert FIELDS[0] in page.text
