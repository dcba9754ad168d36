"""What every feedback store does, the real one and the one in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from docqa.errors import InvalidRequestError
from docqa.models.feedback import FeedbackRecord
from docqa.ports.feedback import FeedbackStore
from docqa.ports.questions import QuestionStore
from tests.contracts.questions import ANSWER, FAILED, NOW, RECORD

WRONG = FeedbackRecord(answer_id="a-1", question="Why?", verdict="wrong", expected="Because.", page=2, document_id="d")
RIGHT = FeedbackRecord(answer_id="a-1", question="Why?", verdict="right", unanswerable=True)


@dataclass
class Stores:
    """Both views of one table."""

    questions: QuestionStore
    feedback: FeedbackStore

    def answer(self, answer_id: str, tenant: str = "acme") -> None:
        self.questions.begin(replace(RECORD, answer_id=answer_id, tenant=tenant), NOW)
        self.questions.complete(answer_id, ANSWER.model_copy(update={"answer_id": answer_id}), [])


class FeedbackStoreContract:
    """Derive from it and provide the fixture `stores`: an empty table."""

    def test_what_was_said_last_is_kept(self, stores: Stores) -> None:
        stores.answer("a-1")

        assert stores.feedback.record("acme", WRONG, NOW)
        assert stores.feedback.record("acme", WRONG, NOW + 1)
        assert stores.feedback.list("acme", 10, None) == ([WRONG], None)
        assert stores.feedback.record("acme", RIGHT, NOW + 2)
        assert stores.feedback.list("acme", 10, None) == ([RIGHT], None)

    def test_the_answer_stays_as_it_was(self, stores: Stores) -> None:
        stores.answer("a-1")
        before = stores.questions.get("a-1")
        stores.feedback.record("acme", WRONG, NOW)

        assert stores.questions.get("a-1") == before

    def test_without_an_answer_there_is_nothing_to_judge(self, stores: Stores) -> None:
        assert not stores.feedback.record("acme", WRONG, NOW)
        stores.questions.begin(RECORD, NOW)
        assert not stores.feedback.record("acme", WRONG, NOW)
        stores.questions.complete("a-1", FAILED, [])
        assert not stores.feedback.record("acme", WRONG, NOW)
        stores.questions.complete("a-1", ANSWER, [], final=False)
        assert not stores.feedback.record("acme", WRONG, NOW)
        assert stores.feedback.list("acme", 10, None) == ([], None)

    def test_a_tenant_sees_its_own_only(self, stores: Stores) -> None:
        """Promise 42: no question of another tenant."""
        stores.answer("a-1")
        stores.answer("b-1", "globex")
        stores.feedback.record("acme", WRONG, NOW)
        other = WRONG.model_copy(update={"answer_id": "b-1"})

        assert not stores.feedback.record("acme", other, NOW)
        assert stores.feedback.record("globex", other, NOW)
        assert stores.feedback.list("acme", 10, None) == ([WRONG], None)

    def test_pages_hold_everything_once_newest_first(self, stores: Stores) -> None:
        for number in range(5):
            stores.answer(f"a-{number}")
            said = WRONG.model_copy(update={"answer_id": f"a-{number}"})
            stores.feedback.record("acme", said, NOW + number)
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page, cursor = stores.feedback.list("acme", 2, cursor)
            seen += [one.answer_id for one in page]
            if cursor is None:
                break

        assert seen == ["a-4", "a-3", "a-2", "a-1", "a-0"]

    @pytest.mark.parametrize("cursor", ["x", "%%%", "e30=", "bnVsbA==", "WzFd"])
    def test_a_made_up_cursor_is_refused(self, stores: Stores, cursor: str) -> None:
        """Promise 36: what is outside the form is a 4xx."""
        with pytest.raises(InvalidRequestError):
            stores.feedback.list("acme", 2, cursor)
