from __future__ import annotations

from dataclasses import replace

import pytest

from docqa.errors import (
    ConcurrentUpdateError,
    ForbiddenError,
    IdempotencyMismatchError,
    InvalidRequestError,
    NotFoundError,
    ServiceUnavailableError,
)
from docqa.models.access import Principal
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.api import PendingAnswer
from docqa.models.document import DocumentStatus
from docqa.models.events import AnswerReady
from docqa.services.recorded_answers import WITHHELD
from tests.unit.answering.desk import BEN, OTHER_QUESTION, QUESTION, REPLIES, Desk
from tests.unit.answering.library import ANA, TENANT


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestIdempotency:
    """Promise 35: one key, one question, one answer, one model call."""

    def test_the_same_key_and_body_is_the_same_answer(self, desk: Desk) -> None:
        first, second = desk.ask(), desk.ask()

        assert first == second
        assert len(desk.chat.prompts) == 1

    def test_another_body_with_the_same_key_is_refused(self, desk: Desk) -> None:
        desk.ask()

        with pytest.raises(IdempotencyMismatchError):
            desk.ask(OTHER_QUESTION)

    def test_another_principal_with_the_same_key_asks_a_question_of_their_own(self, desk: Desk) -> None:
        mine, theirs = desk.ask(), desk.ask(principal=BEN)

        assert mine.answer_id != theirs.answer_id
        assert len(desk.chat.prompts) == 2

    def test_without_a_key_every_question_is_a_new_one(self, desk: Desk) -> None:
        assert desk.ask(key=None).answer_id != desk.ask(key=None).answer_id

    def test_while_it_is_being_worked_on_the_second_is_told_where_the_answer_will_be(self, desk: Desk) -> None:
        during: list[Answer | PendingAnswer] = []

        def ask_again() -> None:
            desk.library.search.before_search = lambda: None
            during.append(desk.questions.ask(QUESTION, ANA, desk.deadline, "key"))

        desk.library.search.before_search = ask_again
        answer = desk.ask()

        assert during == [PendingAnswer(answer_id=answer.answer_id, location=f"/answers/{answer.answer_id}")]
        assert len(desk.chat.prompts) == 1

    def test_after_a_failure_the_same_key_may_be_tried_again_at_once(self, desk: Desk) -> None:
        def fail() -> None:
            desk.library.search.before_search = lambda: None
            raise ServiceUnavailableError("search")

        desk.library.search.before_search = fail
        desk.questions.ask(QUESTION, ANA, desk.deadline, "key")

        assert desk.ask().status is AnswerStatus.ANSWERED

    def test_a_dead_workers_question_is_taken_over_when_its_lease_has_run_out(self, desk: Desk) -> None:
        """Promise 41: a worker that was killed loses no answer."""
        answer_id = desk.ask().answer_id
        desk.store.records[answer_id] = replace(desk.store.records[answer_id], answer=None)

        pending = desk.questions.ask(QUESTION, ANA, desk.deadline, "key")
        desk.library.clock.time += 60
        taken_over = desk.ask()

        assert isinstance(pending, PendingAnswer)
        assert taken_over.status is AnswerStatus.ANSWERED


class TestHandOver:
    def test_who_asks_for_it_is_answered_later(self, desk: Desk) -> None:
        pending = desk.questions.ask(QUESTION, ANA, desk.deadline, respond_async=True)

        assert isinstance(pending, PendingAnswer)
        assert desk.handover.sent == [{"answer_id": pending.answer_id}]
        assert desk.reader.show(pending.answer_id, ANA) == pending

        desk.worker.resume(pending.answer_id, desk.attempt())

        shown = desk.reader.show(pending.answer_id, ANA)
        assert isinstance(shown, Answer)
        assert shown.text == "The runway is 640 metres long. [1]"

    def test_when_time_runs_short_the_worker_generates(self, desk: Desk) -> None:
        def take_long() -> None:
            desk.library.clock.time += 18

        desk.library.search.before_search = take_long
        pending = desk.questions.ask(QUESTION, ANA, desk.deadline, "key")

        assert isinstance(pending, PendingAnswer)
        assert desk.chat.prompts == []
        desk.library.search.before_search = lambda: None
        desk.worker.resume(pending.answer_id, desk.attempt())
        assert desk.ask().model == "scripted"

    def test_a_service_that_is_away_is_left_to_the_worker(self, desk: Desk) -> None:
        """Promise 39: nobody waits for what is down; the worker tries again."""

        def fail() -> None:
            raise ServiceUnavailableError("search")

        desk.library.search.before_search = fail
        pending = desk.questions.ask(QUESTION, ANA, desk.deadline)

        assert isinstance(pending, PendingAnswer)
        assert desk.handover.sent == [{"answer_id": pending.answer_id}]
        desk.library.search.before_search = lambda: None
        desk.worker.resume(pending.answer_id, desk.attempt())
        assert isinstance(desk.reader.show(pending.answer_id, ANA), Answer)

    def test_a_worker_whose_clock_is_behind_may_begin_at_once(self, desk: Desk) -> None:
        pending = desk.questions.ask(QUESTION, ANA, desk.deadline, respond_async=True)
        desk.library.clock.time -= 30

        desk.worker.resume(pending.answer_id, desk.attempt())

        assert isinstance(desk.reader.show(pending.answer_id, ANA), Answer)

    def test_who_listens_to_the_bus_learns_that_the_answer_is_there(self, desk: Desk) -> None:
        """Promise 41: also when the worker was killed before it could say so."""
        pending = desk.questions.ask(QUESTION, ANA, desk.deadline, respond_async=True)
        for _ in range(2):
            desk.worker.resume(pending.answer_id, desk.attempt())

        assert desk.bus.published == [AnswerReady(tenant=TENANT, answer_id=pending.answer_id, status="answered")] * 2

    def test_a_message_that_comes_twice_calls_the_model_once(self, desk: Desk) -> None:
        """Promise 41: one recorded answer, whatever is delivered again."""
        pending = desk.questions.ask(QUESTION, ANA, desk.deadline, respond_async=True)
        for _ in range(2):
            desk.worker.resume(pending.answer_id, desk.attempt())

        assert len(desk.chat.prompts) == 1

    def test_two_workers_do_not_work_on_one_question(self, desk: Desk) -> None:
        pending = desk.questions.ask(QUESTION, ANA, desk.deadline, respond_async=True)
        record = desk.store.records[pending.answer_id]
        desk.store.begin(replace(record, lease_until=desk.deadline), desk.library.clock.now())

        with pytest.raises(ConcurrentUpdateError):
            desk.worker.resume(pending.answer_id, desk.attempt())

    def test_it_is_answered_as_the_one_who_asked(self, desk: Desk) -> None:
        """Promise 42: the identity comes from the record."""
        desk.library.change(desk.handbook, readers=frozenset({"group:board"}))
        pending = desk.questions.ask(QUESTION, ANA, desk.deadline, respond_async=True)
        desk.worker.resume(pending.answer_id, desk.attempt())

        shown = desk.reader.show(pending.answer_id, ANA)
        assert isinstance(shown, Answer)
        assert shown.status is AnswerStatus.ABSTAINED

    def test_a_question_that_is_no_longer_kept_is_dropped(self, desk: Desk) -> None:
        desk.worker.resume("forgotten", desk.attempt())

        assert desk.store.records == {}


class TestStoredAnswers:
    """Promise 43: what was revoked or deleted holds for stored answers, too."""

    def test_who_asked_reads_it_again(self, desk: Desk) -> None:
        answer = desk.ask()

        assert desk.reader.show(answer.answer_id, ANA) == answer

    @pytest.mark.parametrize("stranger", [BEN, Principal("other", "ana", frozenset({"staff"}))])
    def test_to_anybody_else_it_does_not_exist(self, desk: Desk, stranger: Principal) -> None:
        """Promise 35: another principal never sees it."""
        answer = desk.ask()

        with pytest.raises(NotFoundError):
            desk.reader.show(answer.answer_id, stranger)
        with pytest.raises(NotFoundError):
            desk.reader.show("absent", stranger)

    @pytest.mark.parametrize(
        "change",
        [
            {"readers": frozenset({"group:board"})},
            {"readers": frozenset()},
            {"status": DocumentStatus.DELETED, "live_generation": 0},
            {"live_generation": 2},  # replaced: the old version may have said what was to be taken out
        ],
    )
    def test_without_its_documents_an_answer_is_withheld(self, desk: Desk, change: dict[str, object]) -> None:
        answer = desk.ask()
        desk.library.change(desk.handbook, **change)

        for again in (desk.reader.show(answer.answer_id, ANA), desk.ask()):
            assert isinstance(again, Answer)
            assert (again.text, again.citations, again.reason) == ("", (), WITHHELD)

    def test_a_permission_that_the_caller_lost_counts_as_well(self, desk: Desk) -> None:
        desk.library.change(desk.handbook, readers=frozenset({"group:staff"}))
        search = desk.library.search
        search.chunks[0] = replace(search.chunks[0], readers=frozenset({"group:staff"}))
        answer = desk.ask()

        again = desk.reader.show(answer.answer_id, Principal(TENANT, "ana", frozenset()))

        assert answer.text
        assert isinstance(again, Answer)
        assert again.text == ""


class TestQueue:
    def test_the_answer_goes_to_the_tenants_destination_with_the_askers_id(self, desk: Desk) -> None:
        answer = desk.receive('{"question": "How long is the grass runway?", "id": "q-7"}')

        assert desk.sender.sent == [(REPLIES, answer)]
        assert (answer.id, answer.status) == ("q-7", AnswerStatus.ANSWERED)
        ready = AnswerReady(tenant=TENANT, answer_id=answer.answer_id, status="answered", id="q-7")
        assert desk.bus.published == [ready]

    def test_a_message_that_comes_twice_is_answered_twice_alike_from_one_model_call(self, desk: Desk) -> None:
        """Promises 38, 41: delivery may repeat with the same id."""
        body = '{"question": "How long is the grass runway?"}'
        first, second = desk.receive(body), desk.receive(body)

        assert first == second
        assert len(desk.sender.sent) == 2
        assert len(desk.chat.prompts) == 1

    def test_equal_questions_in_two_messages_are_two_questions(self, desk: Desk) -> None:
        body = '{"question": "How long is the grass runway?"}'

        assert desk.receive(body, "m-1").answer_id != desk.receive(body, "m-2").answer_id

    def test_a_queue_that_nobody_registered_is_refused(self, desk: Desk) -> None:
        """Promise 42: no registration, no identity, no answer."""
        with pytest.raises(ForbiddenError):
            desk.queued.principal_of("arn:aws:sqs:eu-central-1:1:stray")

        assert desk.sender.sent == []

    @pytest.mark.parametrize(
        "body",
        [
            "not json",
            "{}",
            '{"question": ""}',
            '{"question": "Why?", "tenant": "globex"}',
            '{"question": "Why?", "groups": ["board"]}',
            '{"question": "Why?", "reply_to": "nowhere"}',
            '{"question": "Why?", "reply_to": "https://evil.test/"}',
        ],
    )
    def test_a_message_that_is_no_question_fails_before_anything_is_paid(self, desk: Desk, body: str) -> None:
        """Promise 38: a poison message costs nothing and says nothing about itself."""
        with pytest.raises(InvalidRequestError) as refused:
            desk.receive(body)

        assert "evil" not in str(refused.value)
        assert refused.value.__cause__ is None
        assert desk.library.embeddings.embedded_tokens == 0

    def test_a_recorded_answer_is_withheld_from_a_channel_that_lost_its_document(self, desk: Desk) -> None:
        """Promise 43: redelivery re-checks, too."""
        body = '{"question": "How long is the grass runway?"}'
        desk.receive(body)
        desk.library.change(desk.handbook, readers=frozenset())

        assert desk.receive(body).text == ""
