"""How batches come, what is refused, and what is the same batch."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from docqa.domain.batch_deadlines import STARTING_SECONDS, UPLOADING_SECONDS
from docqa.domain.batch_lines import LONGEST_LINE_BYTES
from docqa.errors import (
    BatchError,
    ForbiddenError,
    IdempotencyMismatchError,
    InvalidRequestError,
    TooManyBatchesError,
)
from docqa.models.batch import BatchStatus
from docqa.models.batch_api import QUESTIONS_IN_BODY, BatchRequest
from docqa.models.events import BatchCompleted
from docqa.services.batches.launching import LONGEST_EXECUTION_SECONDS
from docqa.services.batches.receipt import WAIT_SECONDS, Receipt
from tests.unit.answering.desk import BEN
from tests.unit.answering.library import ANA
from tests.unit.batches import plant as plants
from tests.unit.batches.plant import FIELDS, MOST_BYTES, MOST_OPEN, PREFIX, BatchPlant, as_jsonl, runway_of

GOOD = {"question": runway_of("Ashford")}


def published(plant: BatchPlant) -> list[BatchCompleted]:
    return [one for one in plant.bus.published if isinstance(one, BatchCompleted)]


@pytest.fixture
def plant() -> BatchPlant:
    made = BatchPlant()
    made.register()
    return made


class TestLines:
    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (b"not json", "not one JSON object"),
            (b'"How long?"', "line"),
            (b'["How long?"]', "line"),
            (b"\xff\xfe\x00", "line"),
            (b"[" * 40_000, "line"),
            (b'{"question": ""}', "question must not be empty"),
            (b'{"questions": "How long?"}', "question is missing, questions is no field here"),
            (b'{"question": "How long?", "groups": ["staff"]}', "groups"),
            (b'{"question": "How long?", "top_k": 99}', "top_k"),
            (b'{"question": "How long?", "mode": "research"}', "research"),
            (b'{"question": "How long?", "reply_to": "answers"}', "reply_to"),
            (b'{"question": "' + b"x" * LONGEST_LINE_BYTES + b'"}', "65,536 bytes"),
        ],
        ids=lambda value: value[:24] if isinstance(value, bytes) else "",
    )
    def test_a_line_that_is_no_question_fails_alone_and_says_why(
        self, plant: BatchPlant, line: bytes, said: str
    ) -> None:
        """Promise 36: nothing that a file holds is more than a failed line."""
        batch_id = plant.drop(as_jsonl([GOOD, line, GOOD]))
        plant.run(batch_id)
        first, bad, last = plant.lines(batch_id)
        assert (first["status"], last["status"]) == ("answered", "answered")
        assert (bad["status"], bad["line"], bad["question"]) == ("failed", 2, "")
        assert said in bad["reason"]
        assert plant.faults == []

    def test_lines_keep_their_numbers_whatever_stands_between_them(self, plant: BatchPlant) -> None:
        good = json.dumps(GOOD).encode()
        batch_id = plant.drop(b"\xef\xbb\xbf" + good + b"\r\n\r\n   \n" + good + b"\n" + good)
        plant.run(batch_id)
        assert [(one["line"], one["status"]) for one in plant.lines(batch_id)] == [
            (1, "answered"),
            (4, "answered"),
            (5, "answered"),
        ]

    def test_the_id_of_a_bad_line_is_echoed_if_it_is_one(self, plant: BatchPlant) -> None:
        batch_id = plant.drop(as_jsonl([{"id": "q-1", "tenant": "x"}, {"id": "no id \u0000"}, {"id": 7}]))
        plant.run(batch_id)
        assert [one["id"] for one in plant.lines(batch_id)] == ["q-1", None, None]

    @pytest.mark.parametrize(
        ("body", "said"),
        [(b"", "no question"), (b"\n \n", "no question"), (as_jsonl([GOOD] * 12), "at most 10 questions")],
    )
    def test_a_file_that_cannot_be_worked_on_fails_as_a_whole_with_a_sentence(
        self, plant: BatchPlant, body: bytes, said: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(plants, "MOST_QUESTIONS", 10)
        plant = BatchPlant()
        plant.register()
        batch_id = plant.drop(body)
        with pytest.raises(BatchError, match=said) as caught:
            plant.split.run(batch_id)
        cause = json.dumps({"errorType": "BatchError", "errorMessage": str(caught.value)})
        plant.ending.fail(batch_id, f"{batch_id}-1", "BatchError", cause)
        batch = plant.batch(batch_id)
        assert batch.failure is not None
        assert said in batch.failure.message
        assert plant.registry.places("acme") == frozenset()

    def test_a_file_that_is_too_large_or_gone_is_not_read(self, plant: BatchPlant) -> None:
        large = plant.drop(b"x" * (MOST_BYTES + 1), "large.jsonl")
        with pytest.raises(BatchError, match="at most 10,000,000 bytes"):
            plant.split.run(large)
        gone = plant.drop(as_jsonl([GOOD]), "gone.jsonl")
        plant.inbox.versions_of.clear()
        with pytest.raises(BatchError, match="removed"):
            plant.split.run(gone)

    def test_a_question_that_stumbles_inside_fails_alone_and_the_log_hears_of_it(self, plant: BatchPlant) -> None:
        search = plant.library.search.search

        def stumbles(query: Any, limit: int) -> Any:
            if "Birchwood" in query.text:
                raise RuntimeError("a fault of our own")
            return search(query, limit)

        plant.library.search.search = stumbles  # type: ignore[method-assign]
        batch_id = plant.submit([runway_of(name) for name in FIELDS[:3]]).batch_id
        plant.run(batch_id)
        assert [one["status"] for one in plant.lines(batch_id)] == ["answered", "failed", "answered"]
        assert [type(one) for one in plant.faults] == [RuntimeError]
        assert "fault of our own" not in plant.lines(batch_id)[1]["reason"]


class TestOverHttp:
    def test_questions_in_the_body_are_begun_at_once(self, plant: BatchPlant) -> None:
        shown = plant.submit([GOOD["question"]])
        assert (shown.status, shown.upload) == (BatchStatus.RUNNING, None)
        assert plant.executions.started == {f"{shown.batch_id}-1": shown.batch_id}

    def test_a_file_is_uploaded_through_a_form_for_one_key(self, plant: BatchPlant) -> None:
        """Promise 45: of the stated size, below nobody's prefix."""
        ticket = plant.submission.submit(ANA, BatchRequest(size=50))
        assert ticket.upload is not None
        assert ticket.upload.fields["key"] == f"uploads/{ticket.batch_id}.jsonl"
        assert "size<=50" in ticket.upload.fields["policy"]
        assert (ticket.status, plant.executions.started) == (BatchStatus.UPLOADING, {})
        assert plant.registry.places("acme") == frozenset(), "its file may never come"

        batch_id = plant.upload(as_jsonl([GOOD]))
        plant.run(batch_id)
        assert [one["status"] for one in plant.lines(batch_id)] == ["answered"]

    def test_a_file_that_never_came_is_said_to_be_missing_and_one_that_comes_later_counts(
        self, plant: BatchPlant
    ) -> None:
        """Promise 19: never in limbo."""
        batch_id = plant.submission.submit(ANA, BatchRequest(size=50), "k").batch_id
        plant.clock.time += UPLOADING_SECONDS - 1
        assert plant.show(batch_id).status is BatchStatus.UPLOADING
        plant.clock.time += 1
        shown = plant.show(batch_id)
        assert (shown.status, shown.failure and shown.failure.code) == (BatchStatus.FAILED, "FileNeverCame")
        assert plant.registry.places("acme") == frozenset()

        again = plant.submission.submit(ANA, BatchRequest(size=50), "k")
        assert (again.batch_id, again.status) == (batch_id, BatchStatus.UPLOADING)
        plant.inbox.put(f"uploads/{batch_id}.jsonl", as_jsonl([GOOD]))
        plant.receipt.receive(f"uploads/{batch_id}.jsonl")
        plant.run(batch_id)
        assert [one["status"] for one in plant.lines(batch_id)] == ["answered"]

    def test_a_file_whose_event_was_lost_is_begun_by_whoever_asks(self, plant: BatchPlant) -> None:
        """Promise 19: as many are under way as may be: it waits, and is begun afterwards."""
        batch_id = plant.submission.submit(ANA, BatchRequest(size=50)).batch_id
        plant.inbox.put(f"uploads/{batch_id}.jsonl", as_jsonl([GOOD]))
        plant.clock.time += UPLOADING_SECONDS
        others = [plant.submit([GOOD["question"]]).batch_id for _ in range(MOST_OPEN)]
        assert plant.show(batch_id).status is BatchStatus.UPLOADING
        plant.run(others[0])
        assert [plant.show(batch_id).status for _ in range(2)] == [BatchStatus.RUNNING] * 2
        assert list(plant.executions.started.values()).count(batch_id) == 1
        plant.run(batch_id)
        assert [one["status"] for one in plant.lines(batch_id)] == ["answered"]

    def test_the_first_file_of_a_form_counts(self, plant: BatchPlant) -> None:
        batch_id = plant.upload(as_jsonl([GOOD]))
        plant.inbox.put(f"uploads/{batch_id}.jsonl", as_jsonl([GOOD] * 5))
        assert plant.receipt.receive(f"uploads/{batch_id}.jsonl") is Receipt.BEGUN
        assert plant.split.run(batch_id).parts == [0]
        assert plant.batch(batch_id).questions == 1
        assert len(plant.executions.started) == 1

    def test_a_file_that_no_form_was_made_for_is_nobodys(self, plant: BatchPlant) -> None:
        for key in (f"uploads/{'0' * 32}.jsonl", "uploads/x.jsonl", "uploads/../acme.jsonl"):
            plant.inbox.put(key, as_jsonl([GOOD]))
            assert plant.receipt.receive(key) is Receipt.NOT_A_BATCH

    def test_the_same_key_and_body_are_one_batch(self, plant: BatchPlant) -> None:
        """Promise 35: another caller's key is another batch, and another body is refused."""
        first = plant.submit([GOOD["question"]], key="k")
        again = plant.submit([GOOD["question"]], key="k")
        other = plant.submit([GOOD["question"]], principal=BEN, key="k")
        assert first.batch_id == again.batch_id != other.batch_id
        assert len(plant.executions.started) == 2
        with pytest.raises(IdempotencyMismatchError):
            plant.submit([runway_of("Denholm")], key="k")

    def test_another_body_with_the_key_at_the_same_time_changes_no_question(self, plant: BatchPlant) -> None:
        """Promise 35: it had looked before the first one was on record."""
        batch_id = plant.submit([GOOD["question"]], key="k").batch_id
        plant.registry.get = lambda _: None  # type: ignore[method-assign]
        with pytest.raises(IdempotencyMismatchError):
            plant.submit([runway_of("Denholm")], key="k")
        del plant.registry.get

        plant.run(batch_id)
        assert [one["question"] for one in plant.lines(batch_id)] == [GOOD["question"]]

    def test_the_same_key_after_the_batch_is_done_begins_nothing(self, plant: BatchPlant) -> None:
        batch_id = plant.submit([GOOD["question"]], key="k").batch_id
        plant.run(batch_id)
        assert plant.submit([GOOD["question"]], key="k").status is BatchStatus.DONE
        assert len(plant.executions.started) == 1
        assert plant.registry.places("acme") == frozenset()

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"questions": []},
            {"questions": [GOOD], "size": 5},
            {"questions": [GOOD] * (QUESTIONS_IN_BODY + 1)},
            {"questions": [{"question": "x", "tenant": "umbrella"}]},
            {"questions": [{"question": "x", "mode": "research"}]},
            {"questions": [{"question": "x", "reply_to": "answers"}]},
            {"questions": [GOOD], "within_seconds": 5},
            {"size": 0},
        ],
    )
    def test_a_body_of_another_form_is_refused(self, body: dict[str, Any]) -> None:
        """Promise 36: whatever the body is, it is a batch or a refusal."""
        with pytest.raises(ValidationError):
            BatchRequest.model_validate(body)

    def test_a_file_that_would_be_too_large_is_refused(self, plant: BatchPlant) -> None:
        with pytest.raises(InvalidRequestError, match="10,000,000 bytes"):
            plant.submission.submit(ANA, BatchRequest(size=MOST_BYTES + 1))


class TestHowMany:
    def test_over_the_limit_a_batch_is_refused_and_nothing_of_it_is_kept(self, plant: BatchPlant) -> None:
        """Promise 37: 429, nothing paid."""
        taken = [plant.submit([GOOD["question"]]).batch_id for _ in range(MOST_OPEN)]
        before = dict(plant.work.objects())
        for request in ({"questions": [GOOD]}, {"size": 10}):
            with pytest.raises(TooManyBatchesError) as caught:
                plant.submission.submit(ANA, BatchRequest.model_validate(request))
            assert (caught.value.status, caught.value.retry_after) == (429, 60)
        assert plant.work.objects() == before
        assert set(plant.registry.batches) == set(taken)

        plant.run(taken[0])
        assert plant.submit([GOOD["question"]]).status is BatchStatus.RUNNING

    def test_a_channels_file_waits_for_its_turn(self, plant: BatchPlant) -> None:
        taken = [plant.submit([GOOD["question"]]).batch_id for _ in range(MOST_OPEN)]
        plant.inbox.put(PREFIX + "a.jsonl", as_jsonl([GOOD]))
        assert plant.receipt.receive(PREFIX + "a.jsonl") is Receipt.WAITS
        (message,) = plant.inbox_queue.sent
        assert message["detail"]["object"]["key"] == PREFIX + "a.jsonl"
        assert WAIT_SECONDS <= 900, "the most that SQS holds a message back"

        plant.run(taken[0])
        assert plant.receipt.receive(message["detail"]["object"]["key"]) is Receipt.BEGUN

    def test_batches_that_ended_unheard_of_or_never_began_hold_no_place(self, plant: BatchPlant) -> None:
        lost = plant.submit([GOOD["question"]]).batch_id
        for other in ("f" * 32, "e" * 32):
            assert plant.registry.take_place("acme", other, MOST_OPEN)
        plant.submit([GOOD["question"]])
        assert plant.registry.places("acme") >= {lost}

        plant.clock.time += LONGEST_EXECUTION_SECONDS + 1.0
        for _ in range(MOST_OPEN):
            plant.submit([GOOD["question"]])
        assert lost not in plant.registry.places("acme")
        assert plant.show(lost).status is BatchStatus.FAILED

    def test_a_batch_whose_start_nobody_lived_to_see_holds_its_place_for_hours_and_not_for_weeks(
        self, plant: BatchPlant
    ) -> None:
        lost = [plant.submit([GOOD["question"]], key=str(number)).batch_id for number in range(MOST_OPEN)]
        plant.executions.started.clear()
        with pytest.raises(TooManyBatchesError):
            plant.submit([GOOD["question"]])

        plant.clock.time += STARTING_SECONDS
        assert plant.submit([GOOD["question"]]).status is BatchStatus.RUNNING
        assert plant.show(lost[0]).status is BatchStatus.FAILED
        plant.submit([GOOD["question"]], key="0")
        assert f"{lost[0]}-2" in plant.executions.started, "under the old name an execution may have ended"
        assert plant.run(lost[0]).status is BatchStatus.DONE

    def test_one_whose_end_nobody_told_is_begun_under_another_name(self, plant: BatchPlant) -> None:
        """A name that an execution had is refused for 90 days."""
        lost = plant.submit([GOOD["question"]], key="k").batch_id
        plant.prepare(lost)
        plant.clock.time += LONGEST_EXECUTION_SECONDS
        plant.submit([GOOD["question"]], key="k")
        assert list(plant.executions.started) == [f"{lost}-1", f"{lost}-2"]
        assert plant.run(lost).status is BatchStatus.DONE

    def test_a_last_step_that_comes_after_the_batch_has_failed_takes_nothing_away(self, plant: BatchPlant) -> None:
        batch_id = plant.submit([GOOD["question"]], key="k").batch_id
        plant.prepare(batch_id)
        plant.request(batch_id)
        plant.answer(batch_id)
        plant.ending.fail(batch_id, f"{batch_id}-1", "States.Timeout", "")
        assert plant.ending.finish(batch_id).status is BatchStatus.FAILED

        plant.submit([GOOD["question"]], key="k")
        assert plant.run(batch_id).status is BatchStatus.DONE
        assert plant.chat is not None
        assert len(plant.chat.prompts) == 1


class TestFiles:
    def test_the_same_bytes_at_the_same_place_are_one_batch_however_often_they_come(self, plant: BatchPlant) -> None:
        first = plant.drop(as_jsonl([GOOD]))
        for _ in range(3):
            plant.receipt.receive(PREFIX + "monday.jsonl")
        assert plant.drop(as_jsonl([GOOD])) == first
        assert plant.executions.started == {f"{first}-1": first}
        assert plant.drop(as_jsonl([GOOD, GOOD])) != first
        assert plant.drop(as_jsonl([GOOD]), "tuesday.jsonl") != first

    def test_a_batch_that_failed_is_begun_again_by_the_same_file_and_keeps_its_answers(self, plant: BatchPlant) -> None:
        batch_id = plant.drop(as_jsonl([{"question": runway_of(name)} for name in FIELDS]))
        plant.prepare(batch_id)
        plant.request(batch_id)
        plant.answer(batch_id)
        plant.ending.fail(batch_id, f"{batch_id}-1", "States.Timeout", "")
        assert plant.batch(batch_id).status is BatchStatus.FAILED
        assert plant.chat is not None
        asked = len(plant.chat.prompts)

        assert plant.drop(as_jsonl([{"question": runway_of(name)} for name in FIELDS])) == batch_id
        assert f"{batch_id}-2" in plant.executions.started
        plant.run(batch_id)

        assert len(plant.chat.prompts) == asked, "nothing is paid twice"
        assert [event.status for event in plant.bus.published] == ["FAILED", "DONE"]  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        "now", [{"tenant": "beta"}, {"groups": ("staff", "board")}, {"groups": ()}, {"threshold": 0.9}], ids=str
    )
    def test_a_file_of_a_place_that_is_registered_anew_is_another_batch(
        self, plant: BatchPlant, now: dict[str, Any]
    ) -> None:
        """Promise 42: a batch that failed is not begun again with rights that its place has no more."""
        plant.register(PREFIX, "staff")
        before = plant.drop(as_jsonl([GOOD]))
        plant.ending.fail(before, f"{before}-1", "States.Timeout", "")

        plant.register(PREFIX, *now.pop("groups", ("staff",)), **now)
        plant.inbox.put(PREFIX + "monday.jsonl", as_jsonl([GOOD]))
        plant.receipt.receive(PREFIX + "monday.jsonl")

        *_, batch = plant.registry.batches.values()
        assert batch.batch_id != before
        assert batch.principal == plant.inboxes.channels[PREFIX].principal
        assert plant.batch(before).attempt == 1

    def test_a_late_word_of_an_earlier_attempt_fails_nothing(self, plant: BatchPlant) -> None:
        batch_id = plant.drop(as_jsonl([GOOD]))
        plant.ending.fail(batch_id, f"{batch_id}-1", "States.Timeout", "")
        plant.drop(as_jsonl([GOOD]))
        plant.ending.fail(batch_id, f"{batch_id}-1", "States.Timeout", "")
        assert plant.batch(batch_id).status is BatchStatus.RUNNING

    def test_a_word_of_an_earlier_attempt_that_is_overtaken_fails_nothing_and_frees_no_place(
        self, plant: BatchPlant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It had read the attempt before, when that failed otherwise and was sent again."""
        batch_id = plant.drop(as_jsonl([GOOD]))
        end = plant.registry.end

        def overtaken(*arguments: Any) -> bool:
            monkeypatch.undo()
            plant.ending.fail(batch_id, f"{batch_id}-1", "ServiceUnavailableError", "")
            plant.drop(as_jsonl([GOOD]))
            return end(*arguments)

        monkeypatch.setattr(plant.registry, "end", overtaken)
        plant.ending.fail(batch_id, f"{batch_id}-1", "States.Timeout", "")

        assert (plant.batch(batch_id).status, plant.batch(batch_id).attempt) == (BatchStatus.RUNNING, 2)
        assert plant.registry.places("acme") == {batch_id}
        assert len(plant.bus.published) == 1

    def test_a_failure_is_published_once_however_often_it_is_told(self, plant: BatchPlant) -> None:
        """Every failed batch is told of by step and event, and the step may be retried after its word was lost."""
        batch_id = plant.drop(as_jsonl([GOOD]))
        for _ in range(3):
            plant.ending.fail(batch_id, f"{batch_id}-1", "BatchError", "")
        assert [(one.batch_id, one.status) for one in published(plant)] == [(batch_id, "FAILED")]
        assert plant.registry.places("acme") == frozenset()

    def test_each_attempt_that_fails_is_published(self, plant: BatchPlant) -> None:
        batch_id = plant.drop(as_jsonl([GOOD]))
        plant.ending.fail(batch_id, f"{batch_id}-1", "BatchError", "")
        plant.drop(as_jsonl([GOOD]))
        plant.ending.fail(batch_id, f"{batch_id}-2", "BatchError", "")
        assert len(published(plant)) == 2

    def test_who_died_before_it_told_has_the_next_one_tell(
        self, plant: BatchPlant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch_id = plant.drop(as_jsonl([GOOD]))
        with monkeypatch.context() as dying:
            dying.setattr(plant.bus, "publish", lambda event: (_ for _ in ()).throw(RuntimeError("killed")))
            with pytest.raises(RuntimeError, match="killed"):
                plant.ending.fail(batch_id, f"{batch_id}-1", "BatchError", "")
        assert plant.batch(batch_id).status is BatchStatus.FAILED

        plant.ending.fail(batch_id, f"{batch_id}-1", "BatchError", "")

        assert len(published(plant)) == 1

    def test_the_end_of_a_batch_is_published_once_though_its_last_step_is_retried(self, plant: BatchPlant) -> None:
        batch_id = plant.drop(as_jsonl([GOOD]))
        plant.run(batch_id)
        plant.ending.finish(batch_id)
        assert [one.status for one in published(plant)] == ["DONE"]

    def test_a_last_step_after_a_failure_publishes_nothing(self, plant: BatchPlant) -> None:
        batch_id = plant.drop(as_jsonl([GOOD]))
        plant.prepare(batch_id)
        plant.request(batch_id)
        plant.answer(batch_id)
        plant.ending.fail(batch_id, f"{batch_id}-1", "ExecutionAborted", "")
        assert plant.ending.finish(batch_id).status is BatchStatus.FAILED
        assert len(plant.bus.published) == 1

    def test_a_place_that_nobody_registered_is_closed(self, plant: BatchPlant) -> None:
        """Promise 42: nothing is read for a file that lies elsewhere."""
        plant.inbox.put("acme/other/a.jsonl", as_jsonl([GOOD]))
        with pytest.raises(ForbiddenError):
            plant.receipt.receive("acme/other/a.jsonl")
        assert plant.registry.batches == {}

    def test_results_beside_the_files_are_not_read_as_questions(self, plant: BatchPlant) -> None:
        batch_id = plant.drop(as_jsonl([GOOD]))
        plant.run(batch_id)
        written = [key for key in plant.inbox.objects() if key != PREFIX + "monday.jsonl"]
        assert {key.rpartition("/")[2] for key in written} == {"results.jsonl", "results.csv", "report.html"}
        assert [plant.receipt.receive(key) for key in written] == [Receipt.NOT_A_BATCH] * 3

    def test_a_file_may_say_how_long_its_batch_may_take(self, plant: BatchPlant) -> None:
        stated = {"a": "600", "b": "5", "c": "soon", "d": "9" * 400, "e": "-60"}
        for name, seconds in stated.items():
            plant.drop(as_jsonl([GOOD]), name, {"within-seconds": seconds})
            plant.registry.open.clear()
        found = [one.within_seconds for one in plant.registry.batches.values()]
        assert found == [600.0, *[plants.WITHIN] * 4]

    def test_a_file_that_is_gone_already_is_no_batch(self, plant: BatchPlant) -> None:
        assert plant.receipt.receive(PREFIX + "never.jsonl") is Receipt.GONE
