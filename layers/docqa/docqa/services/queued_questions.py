"""Questions that come through a queue: answered as the channel that is registered for it, replied to once recorded."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from docqa.domain.question_fields import said_fields, stated_id, valid, wrong_fields
from docqa.errors import ForbiddenError, InvalidRequestError
from docqa.models.access import Principal
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.api import PendingAnswer
from docqa.models.question import DestinationName, Mode, Question
from docqa.ports.messages import WorkQueue
from docqa.ports.questions import ChannelRegistry, Destination
from docqa.services.delivery import Delivery
from docqa.services.question_worker import Attempt, QuestionFailedError, QuestionWaitsError, QuestionWorker
from docqa.services.recorded_answers import answer_id_of, pending, question_record

DEFAULT_DESTINATION = "answers"
_NAME: TypeAdapter[str] = TypeAdapter(DestinationName)


class QueuedQuestions:
    """Answers one message after the other, or leaves it to the researcher. Every error fails its message only.

    Args:
        worker: Answers.
        channels: Knows the queues and the destinations.
        delivery: Sends answers off.
        research: Queue of the researcher.
        handover: Queue in which questions wait while a model is down: the stack may not write to others' queues.
    """

    def __init__(
        self,
        worker: QuestionWorker,
        channels: ChannelRegistry,
        delivery: Delivery,
        research: WorkQueue,
        handover: WorkQueue,
    ) -> None:
        self._worker = worker
        self._channels = channels
        self._delivery = delivery
        self._research = research
        self._handover = handover

    def principal_of(self, queue_arn: str) -> Principal:
        """For whom questions from a queue are asked.

        Raises:
            ForbiddenError: nobody is registered for the queue.
        """
        principal = self._channels.principal_of_queue(queue_arn)
        if principal is None:
            raise ForbiddenError("No channel is registered for this queue.")
        return principal

    def answer(self, principal: Principal, message_id: str, body: str, attempt: Attempt) -> Answer | PendingAnswer:
        """Answer a message and deliver the answer. A redelivered message gets its recorded answer again.

        Research is left to the researcher, who delivers its answer; what has to wait, to the worker behind the other
        queue, which then does so.

        Raises:
            InvalidRequestError: the message is no question, or names an unknown destination.
            ConcurrentUpdateError: somebody else is answering it; try again later.
            QuestionFailedError: it failed, and there is no further attempt; that is delivered, too.
        """
        try:
            question = _question(body)
            name = question.reply_to or DEFAULT_DESTINATION
            destination = self._delivery.destination(principal.tenant, name)
        except InvalidRequestError as error:
            if attempt.number == 1 or attempt.is_last:
                self._refuse(principal, message_id, body, error)
            raise
        answer_id = _answer_id(principal, question, message_id)
        record = question_record(question, principal, answer_id, 0.0, 0.0, DEFAULT_DESTINATION)
        if question.mode is Mode.RESEARCH and self._worker.keep(record):
            self._research.send({"answer_id": record.answer_id})
            return pending(record.answer_id)
        try:
            answer = self._worker.answer(record, attempt)
        except QuestionWaitsError as wait:
            self._handover.send({"answer_id": record.answer_id}, delay_seconds=wait.seconds)
            return pending(record.answer_id)
        except QuestionFailedError as failure:
            self._deliver(failure.answer, principal, destination)
            raise
        self._deliver(answer, principal, destination)
        return answer

    def _deliver(self, answer: Answer, principal: Principal, destination: Destination) -> None:
        self._delivery.deliver(answer, principal.tenant, destination)
        self._worker.told(answer.answer_id)

    def _refuse(self, principal: Principal, message_id: str, body: str, error: InvalidRequestError) -> None:
        """Tell the sender what is wrong with a message, if it has an id of theirs and there is somewhere to send it.

        At once, and when the queue gives the message up, in case that telling it failed the first time.
        """
        identifier = stated_id(body)
        destination = self._destination_of(principal, valid(_NAME, said_fields(body).get("reply_to")))
        if identifier is None or destination is None:
            return
        answer = Answer(
            answer_id=answer_id_of(principal, "message", message_id),
            question="",
            status=AnswerStatus.FAILED,
            reason=f"{error} Correct the message and send it again.",
            id=identifier,
        )
        self._delivery.deliver(answer, principal.tenant, destination)

    def _destination_of(self, principal: Principal, name: str | None) -> Destination | None:
        found = self._channels.destination(principal.tenant, name) if name else None
        return found or self._channels.destination(principal.tenant, DEFAULT_DESTINATION)


def _question(body: str) -> Question:
    try:
        question = Question.model_validate_json(body)
    except ValidationError as error:
        # The cause would quote the message.
        raise InvalidRequestError(f"The message is not a question: {wrong_fields(error, 'body')}.") from None
    if question.mode is Mode.RESEARCH:
        # The researcher sees the question alone, not the queue that it came from.
        return question.model_copy(update={"reply_to": question.reply_to or DEFAULT_DESTINATION})
    return question


def _answer_id(principal: Principal, question: Question, message_id: str) -> str:
    """A sender that repeats its own id with the same question means the same question; else the message decides."""
    if question.id:
        return answer_id_of(principal, "id", question.id, question.model_dump_json(exclude_defaults=True))
    return answer_id_of(principal, "message", message_id)
