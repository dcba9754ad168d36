"""Questions that POST /questions had no time for, or was asked to leave to the worker."""

from __future__ import annotations

from dataclasses import replace

from docqa.errors import ConcurrentUpdateError
from docqa.models.access import Principal
from docqa.models.question import Question
from docqa.ports.clock import Clock
from docqa.ports.questions import QuestionRecord, QuestionStore
from docqa.services.answering import Answering
from docqa.services.recorded_answers import LEASE_MARGIN_SECONDS, released_unless_done


class HandedOverQuestions:
    """Answers what is stored, as the one who asked it."""

    def __init__(self, answering: Answering, store: QuestionStore, clock: Clock) -> None:
        self._answering = answering
        self._store = store
        self._clock = clock

    def resume(self, answer_id: str, deadline: float) -> str | None:
        """Answer a question that was handed over, as the one who asked it, unless that was done already.

        Returns:
            The tenant, or None when the question is no longer kept.

        Raises:
            ConcurrentUpdateError: somebody else is at it; try again later.
        """
        record = self._store.get(answer_id)
        if record is None:
            return None
        if record.answer is None:
            self._answer(record, deadline)
        return record.tenant

    def _answer(self, record: QuestionRecord, deadline: float) -> None:
        principal = Principal(record.tenant, record.subject, record.groups)
        leased = replace(record, lease_until=deadline + LEASE_MARGIN_SECONDS)
        known = self._store.begin(leased, self._clock.now())
        if known is not None:
            if known.answer is None:
                raise ConcurrentUpdateError(f"question {record.answer_id} is being worked on")
            return
        with released_unless_done(self._store, record.answer_id):
            grounds = self._answering.find_grounds(Question.model_validate(record.body), principal, record.answer_id)
            answered = self._answering.conclude(grounds, deadline)
            self._store.complete(record.answer_id, answered.answer, answered.sources)
