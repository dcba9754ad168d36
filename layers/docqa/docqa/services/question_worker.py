"""What a worker does with a question, wherever it came from: answer it once, or say for good that it failed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from docqa.domain.waiting_times import may_wait, seconds_to_wait
from docqa.errors import BudgetUsedUpError, CircuitOpenError, ConcurrentUpdateError, ThrottledError
from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.question import Mode, Question
from docqa.ports.clock import Clock
from docqa.ports.questions import QuestionRecord, QuestionStore
from docqa.services.outcomes import Answered, failed
from docqa.services.recorded_answers import AnswerReader, released_unless_done
from docqa.services.time_limits import LEASE_MARGIN_SECONDS, quiet_seconds


@dataclass(frozen=True, slots=True)
class Attempt:
    """One receive of a message.

    Attributes:
        deadline: Seconds since the epoch by which the work must be done.
        number: 1 for the first.
        most: After so many the queue gives the message up.
    """

    deadline: float
    number: int
    most: int

    @property
    def is_last(self) -> bool:
        """Whether no further one is to be expected."""
        return self.number >= self.most


class QuestionFailedError(Exception):
    """The last attempt failed, which is recorded: `answer` says so to the asker, the cause to the log.

    The message must still fail, so that it comes to the dead letters: brought back from there, it is tried again.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"question {answer.answer_id} failed at its last attempt")
        self.answer = answer


class QuestionWaitsError(Exception):
    """A model is down, or its quota used up: the question is to come back later, which is no failed attempt.

    Attributes:
        answer_id: Of the question, which is on record.
        seconds: After which it is to come back.
    """

    def __init__(self, answer_id: str, seconds: int) -> None:
        super().__init__(f"question {answer_id} waits for {seconds} s")
        self.answer_id = answer_id
        self.seconds = seconds


class Answerer(Protocol):
    """Makes the answer to a question, in one way or another."""

    def answer(self, question: Question, principal: Principal, answer_id: str, deadline: float) -> Answered:
        """The answer, before `deadline` (seconds since the epoch).

        Raises:
            ThrottledError, ServiceUnavailableError, NotYetVisibleError: it cannot be had in time; try again.
            ConfigurationError: index and settings do not fit together.
            BudgetUsedUpError: the tenant may spend nothing more today.
        """
        ...


class QuestionWorker:
    """Answers recorded questions as those who asked them."""

    def __init__(self, answering: Answerer, store: QuestionStore, reader: AnswerReader, clock: Clock) -> None:
        self._answering = answering
        self._store = store
        self._reader = reader
        self._clock = clock

    def keep(self, record: QuestionRecord) -> bool:
        """Record a question that another worker is to answer; whether it still has to be answered."""
        now = self._clock.now()
        known = self._store.begin(replace(record, lease_until=0.0, settle_at=now + self._quiet(record)), now)
        return known is None or known.answer is None

    def answer(self, record: QuestionRecord, attempt: Attempt) -> Answer:
        """The recorded answer, made now unless it is there already; without content where its documents are closed.

        Call `told` once it was sent off: what is killed before that is noticed. Of a last attempt nothing more is to be
        heard as soon as its lease has run out.

        Raises:
            ConcurrentUpdateError: somebody else is at it; try again later.
            QuestionWaitsError: it is to come back later.
            QuestionFailedError: it failed, and there is no further attempt.
        """
        principal = record.principal
        now, lease = self._clock.now(), attempt.deadline + LEASE_MARGIN_SECONDS
        settle_at = lease if attempt.is_last else now + self._quiet(record)
        leased = replace(
            record,
            answer=None,
            sources=(),
            lease_until=lease,
            settle_at=settle_at,
            asked_at=record.asked_at or now,
        )
        known = self._store.begin(leased, now)
        if known is not None:
            if known.answer is None:
                raise ConcurrentUpdateError(f"question {record.answer_id} is being worked on")
            return self._reader.checked(known.answer, known.sources, principal)
        question = Question.model_validate(record.body)
        try:
            with released_unless_done(self._store, record.answer_id):
                return self._made(question, principal, record.answer_id, attempt.deadline)
        except BudgetUsedUpError as error:
            return self._failed(question, record.answer_id, error)
        except Exception as error:
            waited = self._clock.now() - leased.asked_at
            if isinstance(error, CircuitOpenError | ThrottledError) and may_wait(waited):
                raise QuestionWaitsError(record.answer_id, seconds_to_wait(waited, record.answer_id)) from error
            if not attempt.is_last:
                raise
            raise QuestionFailedError(self._failed(question, record.answer_id, error)) from error

    def _failed(self, question: Question, answer_id: str, error: Exception) -> Answer:
        return self._store.complete(answer_id, failed(answer_id, question, error), (), settled=False)

    def _made(self, question: Question, principal: Principal, answer_id: str, deadline: float) -> Answer:
        answered = self._answering.answer(question, principal, answer_id, deadline)
        return self._store.complete(
            answer_id, answered.answer, answered.sources, answered.trace, settled=False, final=answered.final
        )

    def told(self, answer_id: str) -> None:
        """The answer was sent to whoever waits for it."""
        self._store.settle(answer_id)

    @staticmethod
    def _quiet(record: QuestionRecord) -> float:
        return quiet_seconds(Mode(record.body.get("mode", Mode.ANSWER)))
