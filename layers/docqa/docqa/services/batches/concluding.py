"""Make the answers of a part: from replies that are there, else in real time; verified as an answer asked alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from docqa.errors import RetryableError
from docqa.models.answer import AnswerStatus
from docqa.models.batch import Batch, BatchAnswer, BatchCounts
from docqa.ports.batches import BatchRegistry
from docqa.ports.clock import Clock
from docqa.ports.objects import ObjectStore
from docqa.services.answering import Answering
from docqa.services.batches.files import grounds_key, part_answers_key, read_lines, write_lines
from docqa.services.batches.finding import QUESTION_SECONDS
from docqa.services.batches.kept_grounds import FoundLine, KeptGrounds
from docqa.services.batches.on_record import BatchQuestions, batch_on_record
from docqa.services.batches.replies import KeptReply, replies_of
from docqa.services.given_replies import GivenReplies
from docqa.services.outcomes import Answered, Grounds, failed

# Between two notes of how far a part is.
STRIDE = 10
# A chat model that is away is waited for, so that a batch does not become one of quotes for a passing throttle.
PATIENCE_SECONDS = 900.0


@dataclass(frozen=True, slots=True)
class ConcludeBatch:
    """The step of answer_batch that makes answers.

    Attributes:
        seconds: How long one call goes on.
        on_fault: Is told of what fails a question; for the log.
    """

    registry: BatchRegistry
    questions: BatchQuestions
    work: ObjectStore
    answering: Answering
    clock: Clock
    seconds: float
    on_fault: Callable[[Exception], None]

    def run(self, batch_id: str, part: int) -> bool:
        """Go on with a part; whether it is through. What was answered stays answered, whenever this ends.

        Raises:
            ThrottledError, ServiceUnavailableError, NotYetVisibleError: a service is away; try again.
            ConfigurationError: index and settings do not fit together.
        """
        batch = batch_on_record(self.registry, batch_id)
        until = self.clock.now() + self.seconds
        lines = list(read_lines(self.work, grounds_key(batch, part), FoundLine))
        replies = replies_of(self.work, batch, part)
        begun = noted = self.registry.position(batch_id, part)
        answers: list[BatchAnswer] = []
        for line in lines:
            out_of_time = len(answers) > begun and self.clock.now() >= until
            if out_of_time or len(answers) >= noted + STRIDE:
                self._note(batch, part, answers, noted)
                noted = len(answers)
            if out_of_time:
                return False
            answers.append(self._answer(batch, line, replies))
        write_lines(self.work, part_answers_key(batch, part), answers)
        self._note(batch, part, answers, noted)
        return True

    def _note(self, batch: Batch, part: int, answers: Sequence[BatchAnswer], noted: int) -> None:
        new = answers[noted:]
        generated = any(one.answer.model is not None for one in new)
        self.registry.advance(batch.batch_id, part, len(answers), counted(new), generated=generated)

    def _answer(self, batch: Batch, line: FoundLine, replies: Mapping[tuple[int, int], KeptReply]) -> BatchAnswer:
        if line.answer is not None:
            return BatchAnswer(number=line.number, answer=line.answer, sources=line.sources)
        if line.grounds is None:
            raise ValueError(f"line {line.number} has neither grounds nor an answer")
        known = self.questions.known(batch, line.number, line.grounds.question)
        if known is not None:
            return known
        own = {sample: kept for (number, sample), kept in replies.items() if number == line.number}
        return self.questions.complete(line.number, self._made(batch, line.grounds, own))

    def _made(self, batch: Batch, kept: KeptGrounds, replies: Mapping[int, KeptReply]) -> Answered:
        deadline = self.clock.now() + QUESTION_SECONDS
        try:
            may_generate = self.answering.may_generate(batch.tenant)
            # Over the budget, what is paid for already is used, and nothing is asked beside it.
            grounds = kept.restored(self.clock, deadline, batch.tenant, may_generate=may_generate or 0 in replies)
            given = GivenReplies(
                {sample: one.reply for sample, one in replies.items()},
                any(one.discounted for one in replies.values()),
                is_all=not may_generate,
            )
            if not self.answering.still_open(kept.texts, kept.question, batch.principal):
                # What was found is replaced or closed by now, so that replies to it are of no use.
                grounds = self.answering.find_grounds(kept.question, batch.principal, kept.answer_id, deadline)
                given = GivenReplies()
            return self._concluded(batch, grounds, deadline, given)
        except RetryableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it fails this question alone
            self.on_fault(error)
            return Answered(failed(kept.answer_id, kept.question, error))

    def _concluded(self, batch: Batch, grounds: Grounds, deadline: float, given: GivenReplies) -> Answered:
        now = self.clock.now()
        is_late = now >= batch.started_at + batch.within_seconds
        try:
            return self.answering.conclude(grounds, deadline, given, patient=not is_late)
        except RetryableError:
            if now - self.registry.model_is_away(batch.batch_id, now) < PATIENCE_SECONDS:
                raise
            return self.answering.conclude(grounds, deadline, given)


def counted(answers: Iterable[BatchAnswer]) -> BatchCounts:
    """How they ended, and what they cost."""
    ends: Counter[AnswerStatus] = Counter()
    usd = 0.0
    for one in answers:
        ends[one.answer.status] += 1
        usd += one.answer.usage.usd
    return BatchCounts(
        ends[AnswerStatus.ANSWERED], ends[AnswerStatus.ABSTAINED], ends[AnswerStatus.FAILED], round(usd, 9)
    )
