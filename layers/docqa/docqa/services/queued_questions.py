"""Questions that come through a queue: answered as the channel that is registered for it, replied to once recorded."""

from __future__ import annotations

from pydantic import ValidationError

from docqa.errors import ConcurrentUpdateError, ForbiddenError, InvalidRequestError
from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.events import AnswerReady
from docqa.models.question import Question
from docqa.ports.clock import Clock
from docqa.ports.messages import BusEvents
from docqa.ports.questions import AnswerSender, ChannelRegistry, Destination, QuestionRecord, QuestionStore
from docqa.services.answering import Answering
from docqa.services.recorded_answers import (
    LEASE_MARGIN_SECONDS,
    AnswerReader,
    answer_id_of,
    question_record,
    released_unless_done,
)

DEFAULT_DESTINATION = "answers"


class QueuedQuestions:
    """Answers one message after the other. Every error fails its message only."""

    def __init__(
        self,
        answering: Answering,
        store: QuestionStore,
        reader: AnswerReader,
        channels: ChannelRegistry,
        sender: AnswerSender,
        events: BusEvents,
        clock: Clock,
    ) -> None:
        self._answering = answering
        self._store = store
        self._reader = reader
        self._channels = channels
        self._sender = sender
        self._events = events
        self._clock = clock

    def principal_of(self, queue_arn: str) -> Principal:
        """For whom questions from a queue are asked.

        Raises:
            ForbiddenError: nobody is registered for the queue.
        """
        principal = self._channels.principal_of_queue(queue_arn)
        if principal is None:
            raise ForbiddenError("No channel is registered for this queue.")
        return principal

    def answer(self, principal: Principal, message_id: str, body: str, deadline: float) -> Answer:
        """Answer a message and deliver the answer. A redelivered message gets its recorded answer again.

        Raises:
            InvalidRequestError: the message is no question, or names an unknown destination.
            ConcurrentUpdateError: somebody else is answering it; try again later.
        """
        question = _question(body)
        destination = self._destination(principal, question)
        answer = self._recorded(question, principal, _answer_id(principal, question, message_id), deadline)
        self._sender.send(destination, answer)
        self._events.publish(
            AnswerReady(tenant=principal.tenant, answer_id=answer.answer_id, status=answer.status.value, id=question.id)
        )
        return answer

    def _destination(self, principal: Principal, question: Question) -> Destination:
        name = question.reply_to or DEFAULT_DESTINATION
        destination = self._channels.destination(principal.tenant, name)
        if destination is None:
            raise InvalidRequestError(f"No destination named {name} is registered for this tenant.")
        return destination

    def _recorded(self, question: Question, principal: Principal, answer_id: str, deadline: float) -> Answer:
        record = question_record(question, principal, answer_id, deadline + LEASE_MARGIN_SECONDS)
        known = self._store.begin(record, self._clock.now())
        if known is not None:
            return self._known(known, principal)
        with released_unless_done(self._store, answer_id):
            grounds = self._answering.find_grounds(question, principal, answer_id)
            answered = self._answering.conclude(grounds, deadline)
            return self._store.complete(answer_id, answered.answer, answered.sources)

    def _known(self, known: QuestionRecord, principal: Principal) -> Answer:
        if known.answer is None:
            raise ConcurrentUpdateError(f"question {known.answer_id} is being worked on")
        return self._reader.checked(known.answer, known.sources, principal)


def _question(body: str) -> Question:
    try:
        return Question.model_validate_json(body)
    except ValidationError as error:
        fields = {".".join(map(str, item["loc"])) or "body" for item in error.errors(include_input=False)}
        # The cause would quote the message.
        raise InvalidRequestError(f"The message is not a question: {', '.join(sorted(fields))}.") from None


def _answer_id(principal: Principal, question: Question, message_id: str) -> str:
    """A sender that repeats its own id with the same question means the same question; else the message decides."""
    if question.id:
        return answer_id_of(principal, "id", question.id, question.model_dump_json())
    return answer_id_of(principal, "message", message_id)
