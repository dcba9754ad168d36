"""Questions of which nothing is heard any more: whoever asked is told, if nobody else did.

A worker that is killed says nothing, nor does one that was never run; their message goes to the dead letters at its
last receive, and stays there. What is left is the question on record, and when it was to be settled at the latest.
"""

from __future__ import annotations

from dataclasses import dataclass

from docqa.errors import ConcurrentUpdateError, InvalidRequestError, WorkCutOffError
from docqa.models.access import Principal
from docqa.models.question import Question
from docqa.ports.clock import Clock
from docqa.ports.questions import QuestionStore
from docqa.services.handed_over_questions import HandedOverQuestions
from docqa.services.outcomes import Answered
from docqa.services.question_worker import Attempt, QuestionFailedError

# Each takes some calls of a few milliseconds; what is left is found by the next run.
AT_ONCE = 500
# For recording that it failed and for sending that off. Meanwhile nobody else takes the question.
SECONDS = 10.0


class GivenUp:
    """Stands where a worker's answers come from (`question_worker.Answerer`)."""

    def answer(
        self,
        question: Question,  # noqa: ARG002 - the protocol's
        principal: Principal,  # noqa: ARG002
        answer_id: str,
        deadline: float,  # noqa: ARG002
    ) -> Answered:
        """None.

        Raises:
            WorkCutOffError: always.
        """
        raise WorkCutOffError(f"nothing was heard of question {answer_id} for too long")


@dataclass(slots=True)
class SettledCounts:
    """What a run found.

    Attributes:
        failed: Told that they were not answered.
        sent: Answered, and now sent off.
        taken: In somebody's hands after all.
        unreachable: Whose destination is no longer registered.
    """

    failed: int = 0
    sent: int = 0
    taken: int = 0
    unreachable: int = 0


@dataclass(frozen=True, slots=True)
class LostQuestions:
    """Brings questions to an end whose time for it has come.

    Attributes:
        last_words: Resumes a question with `GivenUp` as its answerer: sends off what is recorded, or that it failed.
    """

    store: QuestionStore
    last_words: HandedOverQuestions
    clock: Clock

    def settle(self) -> SettledCounts:
        """Settle what is due. A message that is brought back from the dead letters is answered all the same.

        Raises:
            Exception: the first that some question ended with; the others were gone through.
        """
        counts, faults = SettledCounts(), list[Exception]()
        for answer_id in self.store.unsettled(self.clock.now(), AT_ONCE):
            try:
                self._settle(answer_id, counts)
            except Exception as fault:  # noqa: BLE001 - one question holds up no other
                faults.append(fault)
        if faults:
            raise faults[0]
        return counts

    def _settle(self, answer_id: str, counts: SettledCounts) -> None:
        now = self.clock.now()
        record = self.store.get(answer_id)
        if record is None or not 0 < record.settle_at <= now:
            counts.taken += 1  # the list lags behind
            return
        try:
            self.last_words.resume(answer_id, Attempt(now + SECONDS, 1, 1))
            counts.sent += 1
        except QuestionFailedError:
            counts.failed += 1
        except ConcurrentUpdateError:
            counts.taken += 1
        except InvalidRequestError:
            self.store.settle(answer_id)
            counts.unreachable += 1
