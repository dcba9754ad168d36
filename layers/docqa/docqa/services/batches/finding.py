"""Look for the answers to the questions of a part: retrieve and decide, as for any question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from docqa.errors import BudgetUsedUpError, ConfigurationError, RetryableError
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.batch import Batch, BatchLine
from docqa.models.inference import Prompt, Record
from docqa.models.question import Question
from docqa.ports.batches import BatchRegistry
from docqa.ports.clock import Clock
from docqa.ports.objects import ObjectStore
from docqa.services.answering import Answering
from docqa.services.batches.files import (
    found_key,
    grounds_key,
    prompts_key,
    questions_key,
    read_lines,
    write_lines,
    write_values,
)
from docqa.services.batches.kept_grounds import FoundLine, KeptGrounds
from docqa.services.batches.on_record import BatchQuestions, batch_answer_id, batch_on_record
from docqa.services.batches.replies import PROMPTS, PromptId
from docqa.services.outcomes import Answered, failed
from docqa.services.question_vectors import EmbeddedQuestion

# Nobody waits, so that a slow search need not fail; what takes longer is tried again with its part.
QUESTION_SECONDS = 60.0
# Embedded together, and kept together: what a throttled or killed step does again are no more than these.
STRIDE = 10


@dataclass(frozen=True, slots=True)
class FindForBatch:
    """The step of answer_batch before any chat model is asked. What is refused here, and what fails, has ended.

    Attributes:
        max_tokens: Of a reply.
        writes_prompts: There are other ways to the chat model than real time, which need its prompts as a file.
        seconds: How long one call goes on.
        on_fault: Is told of what fails a question; for the log.
    """

    registry: BatchRegistry
    questions: BatchQuestions
    work: ObjectStore
    answering: Answering
    max_tokens: int
    clock: Clock
    writes_prompts: bool
    seconds: float
    on_fault: Callable[[Exception], None]

    def run(self, batch_id: str, part: int) -> bool:
        """Go on looking for the answers of one part; whether it is through. What was found is kept, whenever this ends.

        Raises:
            ThrottledError, ServiceUnavailableError, NotYetVisibleError: a service is away; try again.
            ConfigurationError: index and settings do not fit together, or the embedding model refuses all questions.
        """
        batch = batch_on_record(self.registry, batch_id)
        key = grounds_key(batch, part)
        if not self.work.exists(key) and not self._found(batch, part):
            return False
        lines = list(read_lines(self.work, key, FoundLine))
        prompts = [prompt for line in lines for prompt in self._prompts(batch, part, line)]
        if self.writes_prompts and prompts:
            write_values(self.work, prompts_key(batch, part), PROMPTS, prompts)
        self.registry.note_searched(batch_id, part, len(lines), len(prompts))
        return True

    def _found(self, batch: Batch, part: int) -> bool:
        """Go on from what earlier calls found; whether that is all, and written."""
        until = self.clock.now() + self.seconds
        key = found_key(batch, part)
        lines = list(read_lines(self.work, questions_key(batch, part), BatchLine))
        found = list(read_lines(self.work, key, FoundLine)) if self.work.exists(key) else []
        kept = len(found)
        try:
            for one in self._looked_for(batch, lines[kept:]):
                found.append(one)
                out_of_time = len(found) < len(lines) and self.clock.now() >= until
                if out_of_time or len(found) == kept + STRIDE:
                    write_lines(self.work, key, found)
                    kept = len(found)
                if out_of_time:
                    return False
        except RetryableError:
            if len(found) > kept:
                write_lines(self.work, key, found)
            raise
        refusals = [one.misfit for one in found if one.misfit]
        if len(refusals) > 1 and len(refusals) == sum(line.question is not None for line in lines):
            write_lines(self.work, key, [])  # sent again, they are looked for again
            raise ConfigurationError(refusals[0])  # it is not the questions
        write_lines(self.work, grounds_key(batch, part), found)
        return True

    def _looked_for(self, batch: Batch, lines: Sequence[BatchLine]) -> Iterator[FoundLine]:
        for begin in range(0, len(lines), STRIDE):
            stride = lines[begin : begin + STRIDE]
            asked = [line.question for line in stride if line.question is not None]
            vectors = iter(self._embedded(asked, batch.tenant))
            for line in stride:
                if line.question is None:
                    yield _refused(batch, line)
                else:
                    yield self._find(batch, line.number, line.question, next(vectors))

    def _embedded(self, questions: Sequence[Question], tenant: str) -> Sequence[EmbeddedQuestion | None]:
        """Vectors of all of them; none, where they are refused together: each then stands for itself."""
        if not questions:
            return []
        try:
            return self.answering.embed(questions, tenant, self.clock.now() + QUESTION_SECONDS)
        except (BudgetUsedUpError, ConfigurationError):
            return [None] * len(questions)

    def _find(
        self,
        batch: Batch,
        number: int,
        question: Question,
        embedded: EmbeddedQuestion | None,
    ) -> FoundLine:
        answer_id = batch_answer_id(batch, number)
        deadline = self.clock.now() + QUESTION_SECONDS
        try:
            grounds = self.answering.find_grounds(question, batch.principal, answer_id, deadline, embedded)
            if grounds.answerable and self.answering.generates:
                return FoundLine(number=number, grounds=KeptGrounds.of(grounds))
            return self._ended(batch, number, question, self.answering.conclude(grounds, deadline))
        except RetryableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it fails this question alone
            self.on_fault(error)
            line = self._ended(batch, number, question, Answered(failed(answer_id, question, error)))
            return line.model_copy(update={"misfit": str(error)}) if isinstance(error, ConfigurationError) else line

    def _ended(self, batch: Batch, number: int, question: Question, answered: Answered) -> FoundLine:
        known = self.questions.known(batch, number, question) or self.questions.complete(number, answered)
        return FoundLine(number=number, answer=known.answer, sources=known.sources)

    def _prompts(self, batch: Batch, part: int, line: FoundLine) -> list[Record[Prompt]]:
        if line.grounds is None:
            return []
        grounds = line.grounds.restored(self.clock, self.clock.now() + QUESTION_SECONDS, batch.tenant)
        prompts = self.answering.prompts(grounds, self.max_tokens)
        ids = (PromptId(batch.batch_id, part, line.number, sample) for sample in range(len(prompts)))
        return [Record(str(one), prompt) for one, prompt in zip(ids, prompts, strict=True)]


def _refused(batch: Batch, line: BatchLine) -> FoundLine:
    answer = Answer(
        answer_id=batch_answer_id(batch, line.number),
        question="",
        status=AnswerStatus.FAILED,
        reason=line.refusal,
        id=line.id,
    )
    return FoundLine(number=line.number, answer=answer)
