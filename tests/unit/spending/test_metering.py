"""Every paid call is in the ledger once, whatever happens around it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from docqa.domain.pricing import extraction_usd, tokens_usd
from docqa.errors import ServiceUnavailableError, ThrottledError
from docqa.models.document import DocumentReference
from docqa.models.question import Question
from docqa.models.spending import Charge, SpendingKind
from docqa.services.generation import Generator
from docqa.services.metering import MOST_OWED
from docqa.services.time_limits import CALL_SECONDS, RECORDING_SECONDS
from tests.fakes.answering import ScriptedChat
from tests.fakes.ledger import InMemoryLedger
from tests.fakes.messages import ManualClock
from tests.fakes.pdfs import joined, scanned_pdf, text_pdf
from tests.fakes.research import answers, in_turn, uses
from tests.unit.answering.desk import QUESTION
from tests.unit.answering.library import ANA, RUNWAY, SECONDS, Library, answers_in_turn, says
from tests.unit.ingestion.pipeline import Pipeline
from tests.unit.research.bench import Bench
from tests.unit.spending.books import costs, metering

CHAT = Charge({SpendingKind.CHAT: 1.0})
MODEL = "amazon.nova-lite-v1:0"
GOOD = "The runway is 640 metres long [1]."


@pytest.fixture
def ledger() -> InMemoryLedger:
    return InMemoryLedger()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def library() -> Library:
    library = Library()
    library.add("handbook", RUNWAY)
    return library


def units(ledger: InMemoryLedger, tenant: str = "acme") -> dict[str, float]:
    found: dict[str, float] = {}
    for day in ledger.account(tenant, "1970-01-01").days:
        found |= {name: found.get(name, 0.0) + count for name, count in day.units.items()}
    return found


class TestTheMeter:
    def test_what_cannot_be_written_now_is_written_with_the_next_charge(
        self, ledger: InMemoryLedger, clock: ManualClock
    ) -> None:
        meter = metering(ledger, clock)
        ledger.fault = ThrottledError("busy")
        meter.charge("acme", CHAT)
        meter.charge("globex", CHAT)
        clock.time += 86_400
        ledger.fault = None

        meter.charge("acme", CHAT)

        assert [tenant for tenant, _ in ledger.charges] == ["acme", "globex", "acme"]
        assert len(ledger.account("acme", "1970-01-01").days) == 2, "each on the day on which it was paid"

    def test_an_answer_that_is_late_already_does_not_wait_for_the_ledger(
        self, ledger: InMemoryLedger, clock: ManualClock
    ) -> None:
        """Promise 39: nothing is begun that may end after the deadline."""
        meter = metering(ledger, clock)

        meter.charge("acme", CHAT, until=clock.now() + CALL_SECONDS - 0.1)
        assert ledger.charges == []
        meter.charge("acme", CHAT, until=clock.now() + CALL_SECONDS)
        assert len(ledger.charges) == 2

    def test_a_payment_that_has_a_name_counts_once_and_others_each(
        self, ledger: InMemoryLedger, clock: ManualClock
    ) -> None:
        meter = metering(ledger, clock)
        for _ in range(3):
            meter.charge("acme", CHAT, key="extraction:job-1")
            meter.charge("acme", CHAT)

        assert len(ledger.charges) == 4

    def test_a_ledger_that_stays_away_fills_no_memory(self, ledger: InMemoryLedger, clock: ManualClock) -> None:
        meter = metering(ledger, clock)
        ledger.fault = ServiceUnavailableError("away")
        for _ in range(MOST_OWED + 10):
            meter.charge("acme", CHAT)
        ledger.fault = None
        meter.charge("acme", CHAT)

        assert len(ledger.charges) == MOST_OWED

    def test_what_costs_and_counts_nothing_is_no_entry(self, ledger: InMemoryLedger, clock: ManualClock) -> None:
        metering(ledger, clock).charge("acme", Charge({SpendingKind.EMBEDDINGS: 0.0}, {"embedded_tokens": 0.0}))

        assert ledger.charges == []


class TestQuestions:
    def ask(self, library: Library, ledger: InMemoryLedger, chat: ScriptedChat | None, samples: int = 1) -> None:
        library.samples = samples
        service = library.answering(chat, costs(ledger, library.clock))
        deadline = library.clock.now() + SECONDS
        service.conclude(service.find_grounds(QUESTION, ANA, "a-1", deadline), deadline)

    def test_embedding_and_every_call_of_the_chat_model_are_charged(
        self, library: Library, ledger: InMemoryLedger
    ) -> None:
        """Promise 55: what is not counted cannot be stopped."""
        self.ask(library, ledger, says(GOOD))

        assert units(ledger) == {"embedded_tokens": len(QUESTION.question), "input_tokens": 100, "output_tokens": 10}
        assert {kind for _, charge in ledger.charges for kind in charge.usd} == {"embeddings", "chat"}

    def test_second_tries_and_samples_are_charged_too(self, library: Library, ledger: InMemoryLedger) -> None:
        library.add("tower", "The runway lights are switched on from the tower.")
        self.ask(library, ledger, answers_in_turn("It is 999 metres long [1].", GOOD))
        assert units(ledger)["input_tokens"] == 200

        self.ask(library, ledger, says(GOOD), samples=3)
        assert units(ledger)["input_tokens"] == 500

    def test_a_question_that_fails_after_it_was_embedded_is_charged(
        self, library: Library, ledger: InMemoryLedger
    ) -> None:
        def fail() -> None:
            raise ServiceUnavailableError("search")

        library.search.before_search = fail
        with pytest.raises(ServiceUnavailableError):
            self.ask(library, ledger, None)

        assert units(ledger) == {"embedded_tokens": len(QUESTION.question)}

    def test_a_call_that_nobody_waited_for_is_charged_when_it_ends(
        self, library: Library, ledger: InMemoryLedger
    ) -> None:
        never, done = threading.Event(), threading.Event()

        def hang(_: str) -> str:
            never.wait(10)
            return GOOD

        meter = metering(ledger, library.clock)
        books = replace(costs(ledger, library.clock), meter=_Watched(meter.charge, done))
        service = library.answering(ScriptedChat(script=hang), books)
        deadline = library.clock.now() + SECONDS
        grounds = service.find_grounds(QUESTION, ANA, "a-1", deadline)
        service.conclude(grounds, library.clock.now() + RECORDING_SECONDS + 0.05)
        assert "input_tokens" not in units(ledger)
        never.set()

        assert done.wait(10)
        assert units(ledger)["input_tokens"] == 100

    @pytest.mark.parametrize("ends_well", [True, False])
    def test_a_research_is_charged_with_its_searches_however_it_ends(
        self, ledger: InMemoryLedger, ends_well: bool
    ) -> None:
        bench = Bench()
        last = answers("Revenue was 80 thousand euros in 2022 [1].") if ends_well else ThrottledError("slow down")
        model = in_turn(uses("search", query="revenue in 2022"), uses("search", query="revenue in 2023"), last)

        question = "How did revenue grow?"
        bench.ask(question, model, books=costs(ledger, bench.library.clock))

        found = units(ledger)
        assert found["embedded_tokens"] == len(question) + 2 * len("revenue in 2022")
        assert found["input_tokens"] == (300 if ends_well else 200)


class _Watched:
    """A meter that says when it has written what came late."""

    def __init__(self, charge: Callable[..., None], done: threading.Event) -> None:
        self._charge, self._done = charge, done

    def charge(self, tenant: str, charge: Charge, *, key: str | None = None, until: float | None = None) -> None:
        self._charge(tenant, charge, key=key, until=until)
        if until is None:
            self._done.set()


class TestDocuments:
    def run(self, ledger: InMemoryLedger) -> tuple[Pipeline, DocumentReference]:
        pipeline = Pipeline(extracted=["words of the scan " * 30], with_tables=frozenset({2}))
        pipeline.use_meter(metering(ledger, pipeline.clock))
        reference = pipeline.drop("acme/mixed.pdf", joined(text_pdf(["A page of text. " * 40]), scanned_pdf(["x"])))
        pipeline.run(reference)
        return pipeline, reference

    def test_the_ledger_and_the_document_tell_the_same_of_its_pages(self, ledger: InMemoryLedger) -> None:
        """Promise 55: pages of Textract are charged by what was asked of it."""
        pipeline, reference = self.run(ledger)

        usage = pipeline.generation(reference).usage
        (day,) = ledger.account("acme", "1970-01-01").days
        assert dict(day.units) == {"textract_pages": 1, "textract_table_pages": 1, "textract_layout_pages": 1}
        assert day.total == pytest.approx(extraction_usd(1, ["text", "tables", "layout"]))
        assert day.total == pytest.approx(usage["usd"])

    def test_a_job_that_several_versions_wait_for_is_charged_once(self, ledger: InMemoryLedger) -> None:
        """Promises 23, 55: the same file twice, while the first is being read, costs the tenant one job."""
        pipeline = Pipeline(extracted=["words of the scan " * 30])
        pipeline.use_meter(metering(ledger, pipeline.clock))
        scan = scanned_pdf(["x"])
        first, second = pipeline.drop("acme/one.pdf", scan), pipeline.drop("acme/two.pdf", scan)
        pipeline.run(first)
        pipeline.run(second)

        assert units(ledger) == {"textract_pages": 1}

    def test_who_finds_what_a_replaced_version_paid_for_is_charged_for_it(self, ledger: InMemoryLedger) -> None:
        """Promise 55: a version that was replaced while its job ran leaves no page uncounted."""
        pipeline = Pipeline(extracted=["words of the scan " * 30])
        pipeline.use_meter(metering(ledger, pipeline.clock))
        scan = scanned_pdf(["x"])
        old = pipeline.drop("acme/one.pdf", scan)
        pipeline.start_extraction(old)
        new = pipeline.drop("acme/one.pdf", scan)
        pipeline.run(new)

        assert len(pipeline.extractor.started) == 1
        assert units(ledger) == {"textract_pages": 1}
        assert "textract_pages" not in pipeline.generation(new).usage, "the version that wanted it first is charged"


def test_a_question_costs_what_its_answer_says(library: Library, ledger: InMemoryLedger) -> None:
    """Promise 55: the ledger and the usage of an answer are the same figures, from the same list of prices."""
    service = library.answering(says(GOOD), costs(ledger, library.clock))
    generator = Generator(says(GOOD), MODEL, library.clock, lambda _: None, samples=2)
    service._generator = lambda: generator
    deadline = library.clock.now() + SECONDS
    asked = Question(question="How long is the grass runway?")
    usage = service.conclude(service.find_grounds(asked, ANA, "a-1", deadline), deadline).answer.usage

    assert units(ledger) == {
        "embedded_tokens": usage.embedded_tokens,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
    }
    assert ledger.spent("acme", library.clock.now()) == pytest.approx(usage.usd)
    assert usage.usd == pytest.approx(tokens_usd(MODEL, 200, 20))
