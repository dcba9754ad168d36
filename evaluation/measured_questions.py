"""What the confidence of answers is fitted on: features of every question, also with what answers it taken away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.asking import Asking
from evaluation.calibration import Measured
from evaluation.gold import find_gold
from evaluation.local.answering import Asked, LocalAnswering
from evaluation.local.corpus import Corpus
from evaluation.question_sets import AskedQuestion

# Squad has questions of its own whose documents are missing.
COMPLETE_SETS = frozenset({"squad"})


@dataclass(frozen=True)
class Measuring:
    """Asks the questions of one set, and keeps what the confidence was computed from.

    Attributes:
        name: The set's name.
    """

    name: str
    corpus: Corpus
    answering: LocalAnswering

    def measure(self, question: AskedQuestion) -> list[Measured]:
        """The question as it stands; if it is answerable, also with what answers it taken away.

        That is once just the passages (the hard kind), and once all documents. Where nothing at all is found, there
        are no features, and nothing is measured.
        """
        return [measured for one in self._ways(question) if (measured := one) is not None]

    def _ways(self, question: AskedQuestion) -> Iterator[Measured | None]:
        text = question.question
        yield self._measured(question, self.answering.ask(text, conclude=False), answerable=question.answerable)
        if not question.answerable:
            return
        gold = find_gold(question, self.corpus)
        if any(one.span for one in gold):
            withheld = Asking(self.corpus, self.answering).withheld(gold)
            yield self._measured(question, self.answering.ask(text, withheld, conclude=False), hard=True)
        away = {path for path in self.corpus.versions if belongs(path, question)}
        if self.name not in COMPLETE_SETS and len(away) < len(self.corpus.versions):
            yield self._measured(question, self.answering.ask(text, without=away, conclude=False))

    def _measured(
        self, question: AskedQuestion, asked: Asked, *, answerable: bool = False, hard: bool = False
    ) -> Measured | None:
        features = asked.grounds.features
        return Measured(self.name, question.question, answerable, hard, features) if features else None


def belongs(path: str, question: AskedQuestion) -> bool:
    """Whether a document answers the question, or is a report of the same company as one that does."""
    return any(path == one.document or _series(path) == _series(one.document) for one in question.evidence)


def _series(path: str) -> str:
    """`2023 Q1 AAPL.pdf` and `2022 Q3 AAPL.pdf` are of one series; other documents are each their own."""
    words = path.rsplit(".", 1)[0].split()
    return words[-1] if path.endswith(".pdf") and len(words) > 1 else path
