"""A tenant's budget of the day, from the first cent over it until midnight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import pytest

from docqa.domain.budgets import seconds_of_day_left
from docqa.errors import BudgetUsedUpError, StaleVersionError, ThrottledError
from docqa.models.access import Principal
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.api import PendingAnswer
from docqa.models.document import Document, DocumentReference, Generation
from docqa.models.question import Mode, Question
from docqa.models.spending import BudgetOverride, Charge, SpendingKind
from docqa.ports.clock import Clock
from docqa.services import outcomes
from docqa.services.budgets import STANDING_SECONDS, DailyBudgets
from docqa.services.documents import DocumentCatalog
from docqa.services.question_costs import QuestionCosts
from tests.fakes.ledger import InMemoryLedger
from tests.fakes.lifecycle import Lifecycle
from tests.fakes.messages import ManualClock
from tests.fakes.research import answers, in_turn, uses
from tests.unit.answering.desk import BODY, QUESTION, REPLIES, Desk
from tests.unit.answering.library import ANA, TENANT, says
from tests.unit.lifecycle.simulation import Script, World
from tests.unit.research.bench import Bench
from tests.unit.spending.books import costs

LIMIT = 5.0
DAY = 86_400.0
SENTENCE = "the daily budget of 5.00 USD is used up until 00:00 UTC"
EMBEDDING = "amazon.titan-embed-text-v2:0"


@pytest.fixture
def ledger() -> InMemoryLedger:
    return InMemoryLedger()


def spend(ledger: InMemoryLedger, usd: float, now: float, tenant: str = "acme") -> None:
    ledger.add(tenant, f"{len(ledger.charges)}", Charge({SpendingKind.CHAT: usd}), now)


class TestDocuments:
    @pytest.fixture
    def life(self, ledger: InMemoryLedger) -> Lifecycle:
        return Lifecycle(capacity=2, budgets=lambda clock: DailyBudgets(ledger, LIMIT, clock))

    def started(self, life: Lifecycle) -> list[str]:
        return [reference.key for reference in life.workflow.started.values()]

    def test_documents_wait_until_midnight_and_others_are_not_held_up(
        self, life: Lifecycle, ledger: InMemoryLedger
    ) -> None:
        """Promise 55: they wait with a clear status, and start by themselves with the new day."""
        spend(ledger, LIMIT, life.clock.now())
        for n in range(4):
            life.clock.time += 1
            life.drop(f"acme/{n}.pdf")
        life.clock.time += 1
        other = life.drop("globex/0.pdf")

        life.dispatcher.dispatch((other.document_id, 1))
        assert self.started(life) == ["globex/0.pdf"]
        assert {life.document(f"acme/{n}.pdf").status for n in range(4)} == {"RECEIVED"}
        catalog = DocumentCatalog(life.registry, life.clock, "admins", life.budgets)
        admin = Principal("acme", "ana", frozenset({"admins"}))
        shown = catalog.show(admin, life.document("acme/3.pdf").document_id)
        assert (shown.status, shown.place, shown.waiting) == ("RECEIVED", 4, SENTENCE)

        life.clock.time += seconds_of_day_left(life.clock.now()) - 1
        life.dispatcher.dispatch()
        assert self.started(life) == ["globex/0.pdf"]
        life.clock.time += 1
        life.dispatcher.dispatch()
        assert self.started(life) == ["globex/0.pdf", "acme/0.pdf"]
        assert catalog.show(admin, shown.document_id).waiting is None

    def test_what_runs_when_the_budget_ends_is_finished(self, life: Lifecycle, ledger: InMemoryLedger) -> None:
        """Promise 55: the budget is exceeded by what was in flight, and by nothing else."""
        for n in range(3):
            life.clock.time += 1
            life.drop(f"acme/{n}.pdf")
        first = life.start("acme/0.pdf")
        spend(ledger, LIMIT + 20, life.clock.now())
        life.clock.time += STANDING_SECONDS + 1
        life.registry.publish(first, 1, life.clock.now())
        life.end(first)

        assert life.document("acme/0.pdf").status == "INDEXED"
        assert self.started(life) == ["acme/0.pdf", "acme/1.pdf"]

    def test_a_version_that_was_just_received_waits_too(self, life: Lifecycle, ledger: InMemoryLedger) -> None:
        spend(ledger, LIMIT, life.clock.now())
        document = life.drop("acme/0.pdf")

        assert life.dispatcher.dispatch((document.document_id, 1)) == 0

    def test_a_ledger_that_cannot_be_read_lets_nothing_start_unseen(
        self, life: Lifecycle, ledger: InMemoryLedger
    ) -> None:
        ledger.fault = ThrottledError("busy")
        life.drop("acme/0.pdf")
        with pytest.raises(ThrottledError):
            life.dispatcher.dispatch()
        assert self.started(life) == []
        catalog = DocumentCatalog(life.registry, life.clock, "admins", life.budgets)
        shown = catalog.show(Principal("acme", "ana", frozenset({"admins"})), life.document("acme/0.pdf").document_id)
        assert (shown.status, shown.waiting) == ("RECEIVED", None), "a status can be had all the same"
        ledger.fault = None
        assert life.dispatcher.dispatch() == 1

    def test_only_the_tenants_whose_turn_it_is_are_looked_up(self, life: Lifecycle, ledger: InMemoryLedger) -> None:
        """Promises 34, 55: a dispatch costs by its places and by those it passes over, not by all who wait."""
        for number in range(50):
            life.clock.time += 1
            life.drop(f"tenant-{number:02d}/0.pdf")
        for number in range(3):
            spend(ledger, LIMIT, life.clock.now(), tenant=f"tenant-{number:02d}")

        assert life.dispatcher.dispatch() == 2
        assert self.started(life) == ["tenant-03/0.pdf", "tenant-04/0.pdf"]
        assert ledger.reads <= 6

    def test_a_list_of_versions_that_are_gone_opens_no_way_around_the_budget(
        self, life: Lifecycle, ledger: InMemoryLedger
    ) -> None:
        """Promise 55: whoever comes up because others are void is looked up, too."""
        for key in ("globex/0.pdf", "globex/1.pdf", "acme/0.pdf"):
            life.clock.time += 1
            life.drop(key)
        spend(ledger, LIMIT, life.clock.now())
        gone = {life.document(f"globex/{n}.pdf").document_id for n in range(2)}
        claim = life.registry.claim_slot

        def refuse(generation: Generation, *rest: float) -> DocumentReference | None:
            if generation.document_id in gone:
                raise StaleVersionError("deleted meanwhile")
            return claim(generation, *rest)  # type: ignore[arg-type]

        life.registry.claim_slot = refuse  # type: ignore[assignment,method-assign]
        assert life.dispatcher.dispatch() == 0
        assert life.document("acme/0.pdf").status == "RECEIVED"

    def test_retries_of_a_tenant_that_must_wait_take_nobodys_place(
        self, life: Lifecycle, ledger: InMemoryLedger
    ) -> None:
        """Promises 21, 55: the places of retries go to those who may start."""
        for key in ("acme/0.pdf", "globex/0.pdf"):
            life.drop(key)
        life.dispatcher.dispatch()
        for reference in list(life.workflow.started.values()):
            life.registry.requeue(reference, tries=1, due=life.clock.now())
            life.registry.release_slot(reference.execution)
        life.workflow.started.clear()
        spend(ledger, LIMIT, life.clock.now() + STANDING_SECONDS + 1)
        life.clock.time += STANDING_SECONDS + 1

        assert life.dispatcher.dispatch() == 1
        assert self.started(life) == ["globex/0.pdf"]


def test_over_days_a_backfill_spends_its_budget_a_day_and_no_more_than_one_document_on_top(
    ledger: InMemoryLedger,
) -> None:
    """Promise 55: 100 documents of 1 USD with 10 USD a day, one after the other: ten days, and never 11 USD."""

    def script(reference: DocumentReference) -> Script:
        yield 20.0
        if reference.tenant == "acme":
            spend(ledger, 1.0, world.now)

    world = World(1, script)
    world.life.dispatcher = replace(world.life.dispatcher, budgets=DailyBudgets(ledger, 10.0, world.life.clock))
    for n in range(100):
        world.life.drop(f"acme/{n:03d}.pdf")
    world.every(60.0, world.dispatch)
    start = world.now
    world.run(start + 2 * DAY)
    world.life.drop("globex/urgent.pdf")
    world.dispatch()
    waited = world.now
    world.run(waited + 60.0)
    assert world.finished["globex/urgent.pdf"] - waited <= 45.0, "it waits for one document at most"
    world.run(start + 12 * DAY)

    totals = Counter(day.total for day in ledger.account("acme", "1970-01-01").days)
    assert totals == {10.0: 10}
    assert {document.status for document in world.life.registry.documents.values()} == {"INDEXED"}
    assert {reference.attempt for _, reference in world.executions.starts} == {1}, "waiting is no failed try"


class TestQuestions:
    @pytest.fixture
    def desk(self, ledger: InMemoryLedger) -> Desk:
        return self.with_limit(ledger, LIMIT)

    def with_limit(self, ledger: InMemoryLedger, limit: float | None) -> Desk:
        def books(clock: Clock) -> QuestionCosts:
            return costs(ledger, clock, limit)

        desk = Desk(costs=books)
        desk.library.embeddings.model = EMBEDDING
        assert desk.library.registry.configuration is not None
        desk.library.registry.configuration = replace(desk.library.registry.configuration, embedding_model=EMBEDDING)
        return desk

    def test_within_the_budget_answers_are_written(self, desk: Desk, ledger: InMemoryLedger) -> None:
        spend(ledger, LIMIT - 0.01, desk.library.clock.now())

        assert desk.ask().model == "scripted"

    def test_over_the_budget_the_evidence_is_quoted_and_no_chat_model_is_asked(
        self, desk: Desk, ledger: InMemoryLedger
    ) -> None:
        """Promise 55: the answer says why it is a quote."""
        spend(ledger, LIMIT, desk.library.clock.now())

        answer = desk.ask()

        assert (answer.status, answer.model, answer.reason) == ("answered", None, outcomes.QUOTED_BUDGET_USED_UP)
        assert desk.chat.prompts == []
        assert desk.library.is_verbatim(answer)

    def test_quoting_has_a_small_part_of_the_budget_and_then_questions_are_refused_until_midnight(
        self, desk: Desk, ledger: InMemoryLedger
    ) -> None:
        """Promise 55: no question makes the budget be exceeded by more than a hundredth, however many there are."""
        clock = desk.library.clock
        spend(ledger, LIMIT, clock.now())
        price = 0.02e-6 * len(QUESTION.question)
        spend_quoting(ledger, 0.01 * LIMIT - 2 * price, clock.now())
        for number in range(2):
            clock.time += STANDING_SECONDS + 1
            assert desk.ask(key=f"key-{number}").reason == outcomes.QUOTED_BUDGET_USED_UP
        clock.time += STANDING_SECONDS + 1
        with pytest.raises(BudgetUsedUpError) as refusal:
            desk.ask(key="key-2")

        assert refusal.value.status == 429
        assert refusal.value.retry_after == seconds_of_day_left(clock.now())
        assert SENTENCE in str(refusal.value)
        embedded = desk.library.embeddings.embedded_tokens
        with pytest.raises(BudgetUsedUpError):
            desk.ask(key="another")
        assert desk.library.embeddings.embedded_tokens == embedded, "nothing is paid for a refusal"
        assert ledger.spent("acme", clock.now()) <= 1.01 * LIMIT + price

        clock.time += seconds_of_day_left(clock.now())
        assert desk.ask(key="key-0b").model == "scripted"

    def test_a_budget_of_nothing_stops_everything_at_once(self, ledger: InMemoryLedger) -> None:
        desk = self.with_limit(ledger, 0.0)

        with pytest.raises(BudgetUsedUpError):
            desk.ask()
        assert ledger.charges == []

    def test_who_asks_again_after_a_refusal_with_the_same_key_is_answered(
        self, desk: Desk, ledger: InMemoryLedger
    ) -> None:
        """Promises 35, 55: a refusal is no answer."""
        ledger.set_budget("acme", BudgetOverride(0.0))
        with pytest.raises(BudgetUsedUpError):
            desk.ask()
        ledger.set_budget("acme", None)
        desk.library.clock.time += STANDING_SECONDS + 1

        assert desk.ask().model == "scripted"

    def test_a_tenant_s_own_budget_goes_before_the_stack_s(self, desk: Desk, ledger: InMemoryLedger) -> None:
        clock = desk.library.clock
        spend(ledger, 2 * LIMIT, clock.now())
        ledger.set_budget("acme", BudgetOverride(None))
        assert desk.ask().model == "scripted"

        ledger.set_budget("acme", BudgetOverride(3 * LIMIT))
        clock.time += STANDING_SECONDS + 1
        assert desk.ask(key="2").model == "scripted"
        ledger.set_budget("acme", BudgetOverride(LIMIT))
        clock.time += STANDING_SECONDS + 1
        assert desk.ask(key="3").reason == outcomes.QUOTED_BUDGET_USED_UP

    def test_another_tenant_s_spending_is_no_reason(self, desk: Desk, ledger: InMemoryLedger) -> None:
        spend(ledger, 10 * LIMIT, desk.library.clock.now(), tenant="globex")

        assert desk.ask().model == "scripted"

    def test_queued_questions_are_quoted_too(self, desk: Desk, ledger: InMemoryLedger) -> None:
        spend(ledger, LIMIT, desk.library.clock.now())

        assert desk.receive(BODY).reason == outcomes.QUOTED_BUDGET_USED_UP
        ((destination, answer),) = desk.sender.sent
        assert (destination, answer.status) == (REPLIES, AnswerStatus.ANSWERED)

    @pytest.mark.parametrize("number", [1, 3])
    def test_a_queued_question_that_may_cost_nothing_ends_at_once_with_a_clear_result(
        self, ledger: InMemoryLedger, number: int
    ) -> None:
        """Promise 55: it is told to the asker, and the message is done: no loop, and no dead letter."""
        desk = self.with_limit(ledger, 0.0)

        answer = desk.receive(BODY, number=number)

        assert (answer.status, answer.reason) == (AnswerStatus.FAILED, outcomes.FAILED_BUDGET_USED_UP)
        assert [(to, sent.id) for to, sent in desk.sender.sent] == [(REPLIES, "q-7")]
        assert desk.handover.sent == []
        again = desk.receive(BODY, number=number)
        assert again.answer_id == answer.answer_id

    def test_a_question_left_to_the_worker_is_shown_as_failed_and_answered_when_it_is_asked_again(
        self, ledger: InMemoryLedger
    ) -> None:
        desk = self.with_limit(ledger, 0.0)
        pending = desk.questions.ask(QUESTION, ANA, desk.deadline, "key", respond_async=True)
        assert isinstance(pending, PendingAnswer)

        assert desk.worker.resume(pending.answer_id, desk.attempt()) == TENANT

        shown = desk.reader.show(pending.answer_id, ANA)
        assert isinstance(shown, Answer)
        assert (shown.status, shown.reason) == (AnswerStatus.FAILED, outcomes.FAILED_BUDGET_USED_UP)
        ledger.set_budget(TENANT, BudgetOverride(None))
        desk.library.clock.time += STANDING_SECONDS + 100
        assert desk.worker.resume(pending.answer_id, desk.attempt()) == TENANT
        shown = desk.reader.show(pending.answer_id, ANA)
        assert isinstance(shown, Answer)
        assert shown.status is AnswerStatus.ANSWERED

    def test_quotes_need_no_time_for_a_model(self, desk: Desk, ledger: InMemoryLedger) -> None:
        """Promise 55: over the budget a late question is quoted here and now instead of being handed over."""
        spend(ledger, LIMIT, desk.library.clock.now())
        deadline, get_many = desk.deadline, desk.library.registry.get_many

        def take_long(ids: Iterable[str], _before_call: object = None) -> dict[str, Document]:
            desk.library.clock.time = deadline - 2.0
            return get_many(ids)

        desk.library.registry.get_many = take_long  # type: ignore[method-assign]
        assert isinstance(desk.questions.ask(QUESTION, ANA, deadline, "key"), Answer)
        assert desk.handover.sent == []


class TestResearch:
    def test_over_the_budget_nothing_is_researched(self, ledger: InMemoryLedger) -> None:
        """Promise 55: the same quotes as for any question."""
        bench = Bench()
        books = costs(ledger, bench.library.clock, LIMIT)
        spend(ledger, LIMIT, bench.library.clock.now())
        said = "Revenue was 80 thousand euros in 2022 [1]."
        model, ordinary = in_turn(answers(said)), says(said)

        answer = bench.ask("What was the revenue of the club in 2022?", model, ordinary=ordinary, books=books)

        assert (model.seen, ordinary.prompts) == ([], [])
        assert answer.reason == outcomes.QUOTED_BUDGET_USED_UP

    def test_a_research_that_meets_the_end_of_the_budget_ends_with_quotes_and_is_charged(
        self, ledger: InMemoryLedger
    ) -> None:
        bench = Bench()
        clock = bench.library.clock
        books = costs(ledger, clock, LIMIT)

        def run_out() -> None:
            if model.seen:
                clock.time += STANDING_SECONDS + 1
                ledger.set_budget("acme", BudgetOverride(0.0))

        bench.library.search.before_search = run_out
        model = in_turn(
            uses("search", query="revenue in 2022"), uses("search", query="revenue in 2023"), answers("It grew [1].")
        )

        question, ordinary = "What was the revenue of the club in 2022?", says("It was 80 thousand euros [1].")
        answer = bench.ask(question, model, ordinary=ordinary, books=books)

        assert ordinary.prompts == []
        assert (answer.status, answer.reason) == (AnswerStatus.ANSWERED, outcomes.QUOTED_BUDGET_USED_UP)
        assert answer.usage.input_tokens == 200
        charged = [charge.units["input_tokens"] for _, charge in ledger.charges if "input_tokens" in charge.units]
        assert charged == [200]


class TestTheStanding:
    def test_the_ledger_is_asked_every_few_seconds_and_anew_at_midnight(self, ledger: InMemoryLedger) -> None:
        clock = ManualClock()
        budgets = DailyBudgets(ledger, LIMIT, clock)
        clock.time += seconds_of_day_left(clock.now()) - 1
        spend(ledger, LIMIT, clock.now())
        assert [budgets.standing("acme").used_up for _ in range(5)] == [True] * 5
        assert ledger.reads == 1

        clock.time += 1
        assert not budgets.standing("acme").used_up
        assert ledger.reads == 2
        spend(ledger, LIMIT, clock.now())
        clock.time += STANDING_SECONDS
        assert not budgets.standing("acme").used_up, "for some seconds the budget can be exceeded"
        clock.time += 0.1
        assert budgets.standing("acme").used_up

    def test_without_a_budget_nothing_is_ever_used_up(self, ledger: InMemoryLedger) -> None:
        clock = ManualClock()
        spend(ledger, 1e6, clock.now())
        standing = DailyBudgets(ledger, None, clock).standing("acme")

        assert (standing.used_up, standing.closed, standing.left, standing.sentence) == (False, False, None, None)


def spend_quoting(ledger: InMemoryLedger, usd: float, now: float) -> None:
    ledger.add("acme", "quoting", Charge({SpendingKind.QUOTING: usd}), now)


def test_research_over_http_is_left_to_the_researcher_whatever_was_spent(ledger: InMemoryLedger) -> None:
    desk = Desk(costs=lambda clock: costs(ledger, clock, 0.0))
    asked = Question(question="How long is the runway?", mode=Mode.RESEARCH)

    assert isinstance(desk.questions.ask(asked, ANA, desk.deadline, "key"), PendingAnswer)
