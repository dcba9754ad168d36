"""Share a batch out into parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import IO

from docqa.domain.batch_lines import batch_line, numbered_lines
from docqa.errors import BatchError, NotFoundError
from docqa.models.batch import PART_QUESTIONS, Batch, BatchLine
from docqa.models.batch_work import Splitting
from docqa.ports.batches import BatchRegistry
from docqa.ports.clock import Clock
from docqa.ports.objects import ObjectStore
from docqa.services.batches.files import input_key, questions_key, write_lines
from docqa.services.batches.on_record import batch_on_record


@dataclass(frozen=True, slots=True)
class SplitBatch:
    """The first step of answer_batch. Done again, it writes the same.

    Attributes:
        most_questions, most_bytes: Of a batch.
    """

    registry: BatchRegistry
    inbox: ObjectStore
    work: ObjectStore
    clock: Clock
    most_questions: int
    most_bytes: int

    def run(self, batch_id: str) -> Splitting:
        """Read the questions and write the parts.

        Raises:
            BatchError: the file is gone, empty, or too large.
        """
        batch = batch_on_record(self.registry, batch_id)
        try:
            questions, parts = self._split(batch)
        except NotFoundError as error:
            raise BatchError("The file of questions was removed before it was read. Send it again.") from error
        if not questions:
            raise BatchError("The file holds no question. Send JSON lines: a question on each line.")
        self.registry.set_split(batch_id, questions, parts)
        left = batch.started_at + batch.within_seconds - self.clock.now()
        return Splitting(parts=list(range(parts)), seconds_left=max(int(left), 1))

    def _split(self, batch: Batch) -> tuple[int, int]:
        """How many questions, and how many parts there are."""
        questions = part = 0
        with self._opened(batch) as file:
            lines = _lines(file)
            while chosen := list(islice(lines, PART_QUESTIONS)):
                questions += len(chosen)
                if questions > self.most_questions:
                    raise BatchError(f"A batch has at most {self.most_questions:,} questions: send several files.")
                write_lines(self.work, questions_key(batch, part), chosen)
                part += 1
        return questions, part

    def _opened(self, batch: Batch) -> AbstractContextManager[IO[bytes]]:
        if batch.dropped is None:
            return self.work.open(input_key(batch))
        stored = self.inbox.head(batch.dropped.key, batch.dropped.version_id)
        if stored is not None and stored.size > self.most_bytes:
            raise BatchError(f"A file of questions has at most {self.most_bytes:,} bytes: send several files.")
        return self.inbox.open(batch.dropped.key, batch.dropped.version_id)


def _lines(file: IO[bytes]) -> Iterator[BatchLine]:
    return (batch_line(number, line) for number, line in numbered_lines(file))
