"""A batch that must be there, and the records of its questions."""

from __future__ import annotations

from dataclasses import dataclass

from docqa.errors import NotFoundError
from docqa.models.answer import Answer
from docqa.models.batch import Batch, BatchAnswer
from docqa.models.question import Question
from docqa.ports.batches import BatchRegistry
from docqa.ports.clock import Clock
from docqa.ports.questions import QuestionStore
from docqa.services.outcomes import Answered
from docqa.services.recorded_answers import answer_id_of, question_record


def batch_on_record(registry: BatchRegistry, batch_id: str) -> Batch:
    """The batch.

    Raises:
        NotFoundError: there is none.
    """
    batch = registry.get(batch_id)
    if batch is None:
        raise NotFoundError(f"there is no batch {batch_id}")
    return batch


def batch_answer_id(batch: Batch, number: int) -> str:
    """Id of the answer to a line of the batch, whoever makes it, however often."""
    return answer_id_of(batch.principal, "batch", batch.batch_id, str(number))


@dataclass(frozen=True, slots=True)
class BatchQuestions:
    """Records questions of batches as all questions are: one answer each, which can be shown, explained and judged."""

    store: QuestionStore
    clock: Clock

    def known(self, batch: Batch, number: int, question: Question) -> BatchAnswer | None:
        """The recorded answer, if there is one already; else the question is on record from now on."""
        record = question_record(question, batch.principal, batch_answer_id(batch, number), 0.0, 0.0)
        known = self.store.begin(record, self.clock.now())
        if known is None or known.answer is None:
            return None
        return BatchAnswer(number=number, answer=known.answer, sources=known.sources)

    def complete(self, number: int, answered: Answered) -> BatchAnswer:
        """Record the answer of a question that is on record; the one that is recorded."""
        made = answered.answer
        recorded = self.store.complete(made.answer_id, made, answered.sources, answered.trace)
        if recorded == made:
            return BatchAnswer(number=number, answer=made, sources=answered.sources)
        return self._recorded(number, recorded)

    def _recorded(self, number: int, answer: Answer) -> BatchAnswer:
        """An answer that somebody else was quicker to record."""
        record = self.store.get(answer.answer_id)
        return BatchAnswer(number=number, answer=answer, sources=record.sources if record else ())
