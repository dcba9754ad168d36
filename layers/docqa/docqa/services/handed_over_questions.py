"""What POST /questions leaves to the worker: questions it had no time for, and answers that go to a destination."""

from __future__ import annotations

from docqa.models.answer import Answer
from docqa.models.question import Question
from docqa.ports.messages import WorkQueue
from docqa.ports.questions import QuestionRecord, QuestionStore
from docqa.services.delivery import Delivery
from docqa.services.question_worker import Attempt, QuestionFailedError, QuestionWaitsError, QuestionWorker


class HandedOverQuestions:
    """Answers what is stored, as the one who asked it, and delivers it.

    Args:
        worker: Answers.
        store: Keeps questions.
        delivery: Sends answers off.
        queue: The queue that these come from: what has to wait goes back there, as a new message. None: nothing ever
            has to.
    """

    def __init__(
        self, worker: QuestionWorker, store: QuestionStore, delivery: Delivery, queue: WorkQueue | None
    ) -> None:
        self._worker = worker
        self._store = store
        self._delivery = delivery
        self._queue = queue

    def resume(self, answer_id: str, attempt: Attempt) -> str | None:
        """Answer a question that was handed over, unless that was done already, and deliver the answer.

        While a model is down it goes back into its queue, and uses none of its attempts up.

        Returns:
            The tenant, or None when the question is no longer kept.

        Raises:
            ConcurrentUpdateError: somebody else is at it; try again later.
            QuestionFailedError: it failed, and there is no further attempt; that is delivered, too.
            InvalidRequestError: its destination is no longer registered.
        """
        record = self._store.get(answer_id)
        if record is None:
            return None
        try:
            answer = self._worker.answer(record, attempt)
        except QuestionWaitsError as wait:
            if self._queue is None:
                raise
            self._queue.send({"answer_id": answer_id}, delay_seconds=wait.seconds)
            return record.tenant
        except QuestionFailedError as failure:
            self._deliver(failure.answer, record)
            raise
        self._deliver(answer, record)
        return record.tenant

    def _deliver(self, answer: Answer, record: QuestionRecord) -> None:
        name = Question.model_validate(record.body).reply_to or record.reply_to
        destination = self._delivery.destination(record.tenant, name) if name else None
        self._delivery.deliver(answer, record.tenant, destination)
        self._worker.told(answer.answer_id)
