"""What a batch job has answered so far, and how it is written to the bucket."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path

from devstack.modelserver.batch_inference.answering import AnsweredRecord


@dataclass
class Counts:
    """Of a file, or of all files of a job."""

    succeeded: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def processed(self) -> int:
        """How many records were answered, in one way or the other."""
        return self.succeeded + self.errors

    def add(self, other: Counts) -> None:
        """So many more."""
        self.succeeded += other.succeeded
        self.errors += other.errors
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens


class SpooledFile:
    """The output of one input file, a line a record, on its way to the bucket.

    Args:
        path: without suffix; beside it lie the lines and, once the file is complete, their counts.
    """

    def __init__(self, path: Path) -> None:
        self._lines = path.with_suffix(".lines")
        self._counts = path.with_suffix(".json")
        self.counts = Counts(**json.loads(self._counts.read_text())) if self._counts.exists() else Counts()

    @property
    def is_complete(self) -> bool:
        """Whether an earlier run answered all of it."""
        return self._counts.exists()

    def begin(self) -> None:
        """Forget what an earlier run answered of it."""
        self.counts = Counts()
        self._lines.write_bytes(b"")

    def add(self, answered: AnsweredRecord) -> None:
        """One more line."""
        with self._lines.open("ab") as file:
            file.write(answered.line)
        self.counts.add(
            Counts(answered.succeeded, not answered.succeeded, answered.input_tokens, answered.output_tokens)
        )

    def complete(self) -> None:
        """All of its records are answered."""
        self._counts.write_text(json.dumps(asdict(self.counts)))

    def shuffled(self, seed: str) -> bytes:
        """The lines in another order than that of the input: Bedrock promises none."""
        lines = self._lines.read_bytes().splitlines(keepends=True) if self._lines.exists() else []
        random.Random(seed).shuffle(lines)  # noqa: S311  # nothing secret
        return b"".join(lines)
