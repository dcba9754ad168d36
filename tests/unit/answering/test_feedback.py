"""What people say about an answer, and why it was answered so: for those who may read it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from docqa.errors import ConflictError, ForbiddenError, InvalidRequestError, NotFoundError
from docqa.models.access import Principal
from docqa.models.api import PendingAnswer
from docqa.models.feedback import FeedbackBody, FeedbackRecord
from docqa.models.trace import AnswerTrace, Explanation
from docqa.services.explanations import Explanations
from docqa.services.feedback import AnswerFeedback, FeedbackExport
from docqa.services.recorded_answers import WITHHELD
from docqa.services.traces import LONGEST_SENTENCE, LONGEST_TEXT, MOST_CANDIDATES, MOST_SENTENCES
from tests.fakes.answering import InMemoryFeedbackStore
from tests.unit.answering.desk import BEN, QUESTION, Desk
from tests.unit.answering.library import ANA, TENANT, says

ADMIN = Principal(TENANT, "root", frozenset({"admins"}))
STRANGERS = [BEN, Principal("globex", "ana", frozenset({"staff"})), Principal("globex", "root", frozenset({"admins"}))]
WRONG = FeedbackBody(verdict="wrong", expected="640 metres", comment="Not feet.")


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def store(desk: Desk) -> InMemoryFeedbackStore:
    return InMemoryFeedbackStore(desk.store)


@pytest.fixture
def feedback(desk: Desk, store: InMemoryFeedbackStore) -> AnswerFeedback:
    return AnswerFeedback(desk.reader, store, desk.library.clock, "admins")


@pytest.fixture
def explanations(desk: Desk) -> Explanations:
    return Explanations(desk.store, desk.reader, "admins")


def trace_of(found: Explanation | PendingAnswer) -> AnswerTrace:
    assert isinstance(found, Explanation)
    assert found.trace is not None
    return found.trace


class TestFeedback:
    def test_a_wrong_answer_becomes_a_line_of_a_question_set(
        self, desk: Desk, feedback: AnswerFeedback, store: InMemoryFeedbackStore
    ) -> None:
        answer = desk.ask()
        body = WRONG.model_copy(update={"document_id": desk.handbook, "page": 1})

        first, again = feedback.record(answer.answer_id, ANA, body), feedback.record(answer.answer_id, ANA, body)

        assert first == again
        assert FeedbackExport(desk.reader, store, "admins").page(ADMIN).feedback == [
            FeedbackRecord(
                answer_id=answer.answer_id,
                question=QUESTION.question,
                verdict="wrong",
                expected="640 metres",
                document_id=desk.handbook,
                page=1,
                comment="Not feet.",
            )
        ]

    @pytest.mark.parametrize("stranger", STRANGERS)
    def test_to_a_stranger_the_answer_does_not_exist(
        self, desk: Desk, feedback: AnswerFeedback, explanations: Explanations, stranger: Principal
    ) -> None:
        """Promise 42: neither judged nor explained."""
        answer = desk.ask()

        with pytest.raises(NotFoundError):
            feedback.record(answer.answer_id, stranger, WRONG)
        with pytest.raises(NotFoundError):
            explanations.explain(answer.answer_id, stranger)

    def test_where_no_group_administers_nobody_does(self, desk: Desk, store: InMemoryFeedbackStore) -> None:
        answer = desk.ask()

        with pytest.raises(NotFoundError):
            AnswerFeedback(desk.reader, store, desk.library.clock).record(answer.answer_id, ADMIN, WRONG)
        with pytest.raises(NotFoundError):
            Explanations(desk.store, desk.reader).explain(answer.answer_id, ADMIN)
        with pytest.raises(ForbiddenError):
            FeedbackExport(desk.reader, store).page(ADMIN)

    def test_what_is_said_of_a_closed_document_is_not_exported(
        self, desk: Desk, feedback: AnswerFeedback, store: InMemoryFeedbackStore
    ) -> None:
        """Promise 42: administrators read in an export no more than in the documents."""
        desk.library.change(desk.handbook, readers=frozenset({"group:staff"}))
        answer = desk.ask()
        said = feedback.record(
            answer.answer_id, ANA, WRONG.model_copy(update={"document_id": desk.handbook, "page": 1})
        )

        exported = FeedbackExport(desk.reader, store, "admins").page(ADMIN).feedback

        blanked = dict.fromkeys(("expected", "comment", "document_id", "page"))
        assert exported == [said.model_copy(update=blanked)]

    def test_only_administrators_export(self, desk: Desk, store: InMemoryFeedbackStore) -> None:
        with pytest.raises(ForbiddenError):
            FeedbackExport(desk.reader, store, "admins").page(ANA)

    @pytest.mark.parametrize("limit", [0, 501])
    def test_a_page_has_a_bearable_size(self, desk: Desk, store: InMemoryFeedbackStore, limit: int) -> None:
        """Promise 36: what is outside the limits is a 4xx."""
        with pytest.raises(InvalidRequestError):
            FeedbackExport(desk.reader, store, "admins").page(ADMIN, limit)

    def test_what_cannot_be_read_any_more_cannot_be_judged(self, desk: Desk, feedback: AnswerFeedback) -> None:
        """Promise 43: a revoked permission holds here, too."""
        answer = desk.ask()
        desk.library.change(desk.handbook, readers=frozenset())

        with pytest.raises(ConflictError):
            feedback.record(answer.answer_id, ANA, WRONG)

    def test_what_is_not_there_yet_cannot_be_judged(self, desk: Desk, feedback: AnswerFeedback) -> None:
        pending = desk.questions.ask(QUESTION, ANA, desk.deadline, respond_async=True)

        with pytest.raises(ConflictError):
            feedback.record(pending.answer_id, ANA, WRONG)

    def test_a_document_that_the_caller_may_not_read_is_no_document(self, desk: Desk, feedback: AnswerFeedback) -> None:
        """Promise 42: a closed document looks like an absent one."""
        answer = desk.ask()
        secret = desk.library.add("board", "Minutes.", readers=frozenset({"group:board"}))
        said = []
        for document_id in (secret, "0" * 32):
            with pytest.raises(InvalidRequestError) as refusal:
                feedback.record(answer.answer_id, ANA, WRONG.model_copy(update={"document_id": document_id}))
            said.append(str(refusal.value))

        assert said[0] == said[1]

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"verdict": "perhaps"},
            {"verdict": "wrong", "expected": "x" * 2001},
            {"verdict": "wrong", "comment": "x" * 2001},
            {"verdict": "wrong", "page": 3},
            {"verdict": "wrong", "document_id": "../../etc"},
            {"verdict": "wrong", "tenant": "globex"},
            {"verdict": "wrong", "unanswerable": True, "expected": "640 metres"},
            {"verdict": "wrong", "unanswerable": True, "document_id": "0" * 32},
            {"verdict": "wrong", "unanswerable": "perhaps"},
        ],
    )
    def test_what_is_outside_the_form_is_refused(self, body: dict[str, object]) -> None:
        """Promise 36: limits on length, size and form."""
        with pytest.raises(ValidationError):
            FeedbackBody.model_validate(body)

    def test_that_the_documents_do_not_answer_is_kept_and_exported(
        self, desk: Desk, feedback: AnswerFeedback, store: InMemoryFeedbackStore
    ) -> None:
        answer = desk.ask()

        feedback.record(answer.answer_id, ANA, FeedbackBody(verdict="wrong", unanswerable=True))

        (exported,) = FeedbackExport(desk.reader, store, "admins").page(ADMIN).feedback
        assert (exported.verdict, exported.unanswerable, exported.expected) == ("wrong", True, None)

    def test_a_record_from_before_it_could_be_said_is_read(self) -> None:
        kept = '{"answer_id":"a-1","question":"Why?","verdict":"wrong","expected":"Because."}'

        assert FeedbackRecord.model_validate_json(kept).unanswerable is False


class TestExplanation:
    def test_it_shows_every_stage(self, desk: Desk, explanations: Explanations) -> None:
        desk.chat.script = says("The runway is 640 metres long [1]. It has 12 hangars [1]. It is long [9].").script
        answer = desk.ask()

        found = explanations.explain(answer.answer_id, ANA)

        trace = trace_of(found)
        assert isinstance(found, Explanation)
        assert found.answer == answer
        assert [one.document_id for one in trace.candidates] == [desk.handbook]
        assert trace.candidates[0].lexical is not None
        assert trace.candidates[0].considered
        assert trace.sentences[0].text == "Runway 07/25 is grass and 640 metres long."
        assert trace.sentences[0].quotable
        assert trace.features["best_passage_coverage"] > 0
        assert trace.confidence >= trace.threshold == 0.5
        (call,) = trace.written
        assert [one.removed is None for one in call.sentences] == [True, False, False]
        assert "not in the prompt" in (call.sentences[2].removed or "")

    def test_a_refusal_says_how_far_it_was_from_an_answer(self, desk: Desk, explanations: Explanations) -> None:
        desk.library.calibration = desk.library.calibration.with_threshold(0.999)
        desk.__post_init__()
        answer = desk.ask()

        trace = trace_of(explanations.explain(answer.answer_id, ANA))

        assert trace.confidence < trace.threshold
        assert trace.written == ()
        assert trace.sentences

    def test_what_the_model_said_in_vain_is_kept(self, desk: Desk, explanations: Explanations) -> None:
        desk.chat.script = says("Zeppelins land on it [1].").script
        answer = desk.ask()

        trace = trace_of(explanations.explain(answer.answer_id, ANA))

        assert answer.model is None
        assert trace.written[0].text == "Zeppelins land on it [1]."
        assert trace.written[0].sentences[0].removed

    def test_an_administrator_sees_only_what_they_may_read_themselves(
        self, desk: Desk, explanations: Explanations
    ) -> None:
        """Promise 42: scores of documents are not given away either."""
        desk.library.change(desk.handbook, readers=frozenset({"group:staff"}))
        answer = desk.ask()

        found = explanations.explain(answer.answer_id, ADMIN)

        trace = trace_of(found)
        assert isinstance(found, Explanation)
        assert found.answer.reason == WITHHELD
        assert (trace.candidates, trace.sentences, trace.written) == ((), (), ())
        assert trace.withheld > 0
        assert "640" not in found.model_dump_json()

    @pytest.mark.parametrize("change", [{"readers": frozenset()}, {"live_generation": 2}])
    def test_it_is_checked_again_with_every_look(
        self, desk: Desk, explanations: Explanations, change: dict[str, object]
    ) -> None:
        """Promise 43: a revoked permission and a replaced version hold for traces, too."""
        answer = desk.ask()
        before = explanations.explain(answer.answer_id, ANA)
        desk.library.change(desk.handbook, **change)

        after = explanations.explain(answer.answer_id, ANA)

        assert "640 metres" in before.model_dump_json()
        assert "640 metres" not in after.model_dump_json()
        assert "handbook" not in after.model_dump_json()

    def test_what_the_registry_ruled_out_is_shown_of_documents_that_are_open(
        self, desk: Desk, explanations: Explanations
    ) -> None:
        everybody = frozenset({"tenant"})
        stale = desk.library.add("tower", "The grass runway tower.", generation=2)
        desk.library.change(stale, live_generation=3)
        closed = desk.library.add("board", "The grass runway.", readers=frozenset(), indexed_readers=everybody)
        answer = desk.ask()

        trace = trace_of(explanations.explain(answer.answer_id, ANA))

        assert [(one.document_id, one.generation) for one in trace.dropped] == [(stale, 2)]
        assert closed not in trace.model_dump_json()
        assert (trace.found, trace.withheld) == (1, 0), "not even that the closed one is there"

    def test_an_answer_that_is_still_made_has_none(self, desk: Desk, explanations: Explanations) -> None:
        pending = desk.questions.ask(QUESTION, ANA, desk.deadline, respond_async=True)

        assert explanations.explain(pending.answer_id, ANA) == pending

    def test_its_size_is_bounded(self, desk: Desk, explanations: Explanations) -> None:
        for number in range(40):
            desk.library.add(f"long-{number}", "The grass runway " + "is long and " * 400 + "green. " * 20)
        desk.chat.script = says("The runway is long [1]. " * 2000).script
        answer = desk.ask()

        trace = trace_of(explanations.explain(answer.answer_id, ANA))

        assert trace.found > MOST_CANDIDATES == len(trace.candidates)
        assert len(trace.sentences) <= MOST_SENTENCES
        assert all(len(one.text) <= LONGEST_SENTENCE for one in trace.sentences)
        assert all(len(one.text) <= LONGEST_TEXT for one in trace.written)
        assert len(trace.model_dump_json()) < 100_000
