"""Questions over HTTP: one recorded answer each, whoever asks again, however often."""

from __future__ import annotations

from collections.abc import Callable

from docqa.errors import RetryableError
from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.api import PendingAnswer
from docqa.models.question import Mode, Question
from docqa.ports.clock import Clock
from docqa.ports.messages import WorkQueue
from docqa.ports.questions import ChannelRegistry, QuestionStore
from docqa.services.answering import Answering
from docqa.services.delivery import registered_destination
from docqa.services.outcomes import Grounds
from docqa.services.recorded_answers import (
    AnswerReader,
    answer_id_of,
    pending,
    question_record,
    released_unless_done,
)
from docqa.services.time_limits import GENERATION_SECONDS, LEASE_MARGIN_SECONDS, quiet_seconds


class Questions:
    """The use case of POST /questions.

    Args:
        answering: Makes answers.
        store: Keeps them.
        reader: Reads recorded answers again.
        channels: Knows the destinations that a question may name.
        handover: Queue of the worker.
        research: Queue of the researcher.
        new_id: Makes an answer id nobody can guess, for questions without an idempotency key.
        clock: The time.
    """

    def __init__(
        self,
        answering: Answering,
        store: QuestionStore,
        reader: AnswerReader,
        channels: ChannelRegistry,
        handover: WorkQueue,
        research: WorkQueue,
        new_id: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._answering = answering
        self._store = store
        self._reader = reader
        self._channels = channels
        self._handover = handover
        self._research = research
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
        """The answer, or where it will be: for research, when asked for, when time runs short, or while it is made.

        An answer to a question with `reply_to` is delivered there as well, by the worker.

        Raises:
            InvalidRequestError: `reply_to` names no destination of the caller's tenant.
            IdempotencyMismatchError: the key was used with another body.
            ThrottledError, ServiceUnavailableError: the question cannot be kept or handed over now; ask again.
            BudgetUsedUpError: the tenant may spend nothing more today.
        """
        if question.reply_to:
            registered_destination(self._channels, principal.tenant, question.reply_to)
        answer_id = answer_id_of(principal, idempotency_key) if idempotency_key else self._new_id()
        # Free at once for the worker, whose clock may be behind this one.
        is_research = question.mode is Mode.RESEARCH
        lease = 0.0 if respond_async or is_research else deadline + LEASE_MARGIN_SECONDS
        now = self._clock.now()
        record = question_record(question, principal, answer_id, lease, now + quiet_seconds(question.mode))
        known = self._store.begin(record, now)
        if known is not None:
            return self._delivered(self._reader.repeat(known, record, principal), question)
        if is_research:
            return _left_to(self._research, answer_id)
        if respond_async:
            return _left_to(self._handover, answer_id)
        with released_unless_done(self._store, answer_id):
            grounds = self._grounds(question, principal, answer_id, deadline)
            if grounds is not None:
                answered = self._answering.conclude(grounds, deadline)
                recorded = self._store.complete(
                    answer_id, answered.answer, answered.sources, answered.trace, final=answered.final
                )
                return self._delivered(recorded, question)
            self._store.release(answer_id)
            return _left_to(self._handover, answer_id)

    def _grounds(self, question: Question, principal: Principal, answer_id: str, deadline: float) -> Grounds | None:
        """What can be answered from in time; None: the worker has more of it."""
        try:
            grounds = self._answering.find_grounds(question, principal, answer_id, deadline)
        except RetryableError:
            return None
        too_late = self._clock.now() + GENERATION_SECONDS > deadline
        takes_time = grounds.answerable and grounds.may_generate and self._answering.generates
        return None if too_late and takes_time else grounds

    def _delivered(self, answer: Answer | PendingAnswer, question: Question) -> Answer | PendingAnswer:
        """The same; the worker sends it to its destination, again for who asks again: it may not have been sent."""
        if question.reply_to and isinstance(answer, Answer):
            _left_to(self._handover, answer.answer_id)
        return answer


def _left_to(queue: WorkQueue, answer_id: str) -> PendingAnswer:
    queue.send({"answer_id": answer_id})
    return pending(answer_id)
