"""What every question store does, the real one and the one in memory."""

from __future__ import annotations

from dataclasses import replace

from docqa.models.access import Principal
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.trace import AnswerTrace
from docqa.ports.questions import QuestionRecord, QuestionStore

NOW = 1_000_000.0
RECORD = QuestionRecord(
    answer_id="a-1",
    tenant="acme",
    subject="ana",
    groups=frozenset({"staff"}),
    body_hash="hash",
    body={"question": "Why?", "top_k": 8},
    lease_until=NOW + 30.5,
)
ANSWER = Answer(answer_id="a-1", question="Why?", status=AnswerStatus.ABSTAINED, confidence=0.25)

TRACE = AnswerTrace(found=3, confidence=0.25, features={"coverage": 0.5})
FAILED = Answer(answer_id="a-1", question="Why?", status=AnswerStatus.FAILED, reason="Ask again.")


class QuestionStoreContract:
    """Derive from it and provide the fixture `store`: an empty store."""

    def test_the_first_owns_the_question(self, store: QuestionStore) -> None:
        assert store.get("a-1") is None
        assert store.begin(RECORD, NOW) is None
        assert store.get("a-1") == RECORD

    def test_a_caller_without_groups_is_kept_as_such(self, store: QuestionStore) -> None:
        record = replace(RECORD, groups=frozenset())
        store.begin(record, NOW)

        assert store.get("a-1") == record

    def test_the_threshold_of_a_channel_is_kept(self, store: QuestionStore) -> None:
        record = replace(RECORD, threshold=0.9)
        store.begin(record, NOW)

        kept = store.get("a-1")
        assert kept == record
        assert kept is not None
        assert kept.principal == Principal("acme", "ana", frozenset({"staff"}), 0.9)

    def test_the_second_learns_of_the_first(self, store: QuestionStore) -> None:
        """Promise 35: one question is worked on once."""
        store.begin(RECORD, NOW)

        assert store.begin(RECORD, NOW + 1) == RECORD

    def test_when_the_lease_has_run_out_the_same_question_is_taken_over(self, store: QuestionStore) -> None:
        """Promise 41: a killed worker's question is not lost."""
        store.begin(RECORD, NOW)
        later = replace(RECORD, lease_until=NOW + 100)

        assert store.begin(later, NOW + 31) is None
        assert store.get("a-1") == later

    def test_another_question_never_takes_over(self, store: QuestionStore) -> None:
        store.begin(RECORD, NOW)

        assert store.begin(replace(RECORD, body_hash="other"), NOW + 31) == RECORD

    def test_a_released_question_may_be_taken_at_once(self, store: QuestionStore) -> None:
        store.begin(RECORD, NOW)
        store.release("a-1")

        assert store.begin(RECORD, NOW + 1) is None

    def test_the_first_answer_stays(self, store: QuestionStore) -> None:
        """Promise 41: one recorded answer per question."""
        store.begin(RECORD, NOW)
        first = store.complete("a-1", ANSWER, ["d-1", "d-2"])
        second = store.complete("a-1", ANSWER.model_copy(update={"text": "late"}), [])

        assert first == second == ANSWER
        assert store.get("a-1") == replace(RECORD, answer=ANSWER, sources=("d-1", "d-2"))

    def test_how_it_came_about_is_kept_with_the_answer_it_belongs_to(self, store: QuestionStore) -> None:
        store.begin(RECORD, NOW)
        assert store.trace("a-1") is None
        assert store.trace("absent") is None
        store.complete("a-1", ANSWER, ["d-1"], TRACE)
        store.complete("a-1", ANSWER, ["d-1"], TRACE.model_copy(update={"found": 0}))

        assert store.trace("a-1") == TRACE

    def test_an_answered_question_is_neither_released_nor_taken_over(self, store: QuestionStore) -> None:
        store.begin(RECORD, NOW)
        store.complete("a-1", ANSWER, [])
        store.release("a-1")
        known = store.begin(RECORD, NOW + 10_000)

        assert known is not None
        assert known.answer == ANSWER

    def test_releasing_what_is_not_there_is_fine(self, store: QuestionStore) -> None:
        store.release("absent")

        assert store.get("absent") is None

    def test_a_question_that_failed_may_be_tried_again(self, store: QuestionStore) -> None:
        """Promise 52: brought back from the dead letters, it is answered."""
        store.begin(RECORD, NOW)
        store.complete("a-1", FAILED, [])
        store.release("a-1")

        assert store.begin(RECORD, NOW + 10) is not None
        assert store.begin(replace(RECORD, lease_until=NOW + 100), NOW + 31) is None
        assert store.complete("a-1", ANSWER, ["d-1"]) == ANSWER
        assert store.complete("a-1", FAILED, []) == ANSWER

    def test_an_answer_that_is_not_final_makes_room_for_a_better_one(self, store: QuestionStore) -> None:
        """Promise 35: the same key, the same answer, but for one that says to ask again."""
        store.begin(RECORD, NOW)
        store.complete("a-1", ANSWER, [], final=False)

        assert store.get("a-1") == replace(RECORD, answer=ANSWER, final=False)
        assert store.begin(RECORD, NOW + 1) == replace(RECORD, answer=ANSWER, final=False)
        assert store.begin(RECORD, NOW + 31) is None
        better = ANSWER.model_copy(update={"status": AnswerStatus.ANSWERED, "text": "Because."})
        assert store.complete("a-1", better, ["d-1"]) == better
        assert store.complete("a-1", ANSWER, [], final=False) == better
        assert store.get("a-1") == replace(RECORD, answer=better, sources=("d-1",))

    def test_what_has_not_come_to_an_end_is_found_when_its_time_has_come(self, store: QuestionStore) -> None:
        """Promise 41: a killed worker's question is not lost."""
        later = replace(RECORD, answer_id="a-2", settle_at=NOW + 200.5, reply_to="answers")
        store.begin(later, NOW)
        store.begin(replace(RECORD, settle_at=NOW + 100), NOW)
        store.begin(replace(RECORD, answer_id="a-3"), NOW)

        assert store.unsettled(NOW + 99, 10) == []
        assert store.unsettled(NOW + 201, 10) == ["a-1", "a-2"]
        assert store.unsettled(NOW + 201, 1) == ["a-1"]
        assert store.get("a-2") == later

    def test_an_answer_settles_its_question_unless_it_has_yet_to_be_sent_off(self, store: QuestionStore) -> None:
        for name in ("a-1", "a-2"):
            store.begin(replace(RECORD, answer_id=name, settle_at=NOW + 100), NOW)
        store.complete("a-1", ANSWER, [])
        store.settle("a-2")
        store.complete("a-2", ANSWER, [], settled=False)
        assert store.unsettled(NOW + 200, 10) == ["a-2"]

        store.settle("a-2")

        assert store.unsettled(NOW + 200, 10) == []
        store.settle("absent")
        assert store.get("absent") is None

    def test_an_answer_that_comes_after_all_replaces_a_failure(self, store: QuestionStore) -> None:
        store.begin(RECORD, NOW)

        assert store.complete("a-1", FAILED, []) == FAILED
        assert store.complete("a-1", ANSWER, ["d-1"]) == ANSWER
        assert store.get("a-1") == replace(RECORD, answer=ANSWER, sources=("d-1",))
