"""Questions over HTTP: one recorded answer each, whoever asks again, however often."""

from __future__ import annotations

from collections.abc import Callable

from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.api import PendingAnswer
from docqa.models.question import Question
from docqa.ports.clock import Clock
from docqa.ports.messages import WorkQueue
from docqa.ports.questions import QuestionStore
from docqa.services.answering import Answering
from docqa.services.recorded_answers import (
    LEASE_MARGIN_SECONDS,
    AnswerReader,
    answer_id_of,
    pending,
    question_record,
    released_unless_done,
)

# Less than this is not worth beginning a generation with: the worker has more time.
GENERATION_SECONDS = 4.0


class Questions:
    """The use case of POST /questions.

    Args:
        answering: Makes answers.
        store: Keeps them.
        reader: Reads recorded answers again.
        handover: Queue of the worker.
        new_id: Makes an answer id nobody can guess, for questions without an idempotency key.
        clock: The time.
    """

    def __init__(
        self,
        answering: Answering,
        store: QuestionStore,
        reader: AnswerReader,
        handover: WorkQueue,
        new_id: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._answering = answering
        self._store = store
        self._reader = reader
        self._handover = handover
        self._new_id = new_id
        self._clock = clock

    def ask(
        self,
        question: Question,
        principal: Principal,
        deadline: float,
        idempotency_key: str | None = None,
        *,
        respond_async: bool = False,
    ) -> Answer | PendingAnswer:
        """The answer, or where it will be: when asked for, when time runs short, or when it is being worked on.

        Raises:
            IdempotencyMismatchError: the key was used with another body.
            ThrottledError, ServiceUnavailableError, NotYetVisibleError: nothing can be found now; ask again.
        """
        answer_id = answer_id_of(principal, idempotency_key) if idempotency_key else self._new_id()
        lease = self._clock.now() if respond_async else deadline + LEASE_MARGIN_SECONDS
        record = question_record(question, principal, answer_id, lease)
        known = self._store.begin(record, self._clock.now())
        if known is not None:
            return self._reader.repeat(known, record, principal)
        if respond_async:
            return self._hand_over(answer_id)
        with released_unless_done(self._store, answer_id):
            grounds = self._answering.find_grounds(question, principal, answer_id)
            too_late = self._clock.now() + GENERATION_SECONDS > deadline
            if not (too_late and grounds.answerable and self._answering.generates):
                answered = self._answering.conclude(grounds, deadline)
                return self._store.complete(answer_id, answered.answer, answered.sources)
            self._store.release(answer_id)
            return self._hand_over(answer_id)

    def _hand_over(self, answer_id: str) -> PendingAnswer:
        self._handover.send({"answer_id": answer_id})
        return pending(answer_id)
