"""How well verification tells right statements from wrong ones: `python -m evaluation.statements QUESTION_SET`.

Each question with a short answer in its gold text makes two statements about that text: the question's words with the
acceptable answer, and the same with another number or name of the text in its place. Both are verified as if a chat
model had written them and cited the text. Printed is the share of each that stands; no model and no index is needed.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from docqa.domain.tables import pipe_table
from docqa.domain.terms import terms
from docqa.domain.verification import verified_claims
from docqa.models.chunk import Chunk, ScoredChunk
from evaluation.asking import SEED
from evaluation.metrics.intervals import mean_interval
from evaluation.question_sets import AskedQuestion, QuestionSet, holds_answer

# Longer answers are told in other words than the text's.
MOST_WORDS = 6

_NUMBER = re.compile(r"\b\d(?:[\d,.]*\d)?\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w\u2019'-]+(?: [A-Z][\w\u2019'-]+)*")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a model might have said of a passage.

    Attributes:
        right: It gives an acceptable answer.
    """

    question: str
    text: str
    passage: ScoredChunk
    right: bool

    @property
    def stands(self) -> bool:
        """Whether verification keeps it."""
        return bool(verified_claims(f"{self.text} [1]", self.question, [self.passage]))


def statements(questions: Sequence[AskedQuestion], seed: int = SEED) -> Iterator[Statement]:
    """A right one of each question whose gold text says its answer, and a wrong one where the text offers any."""
    chance = random.Random(seed)  # noqa: S311 - a sample, no secret
    for question in questions:
        gold = next((one for one in question.evidence if holds_answer(question, [one.text])), None)
        if gold is None or not question.answerable or len(question.answers[0].split()) > MOST_WORDS:
            continue
        text, answer = gold.text, question.answers[0]
        passage = ScoredChunk(Chunk(0, gold.page or 1, 0, len(text), text), gold.document, 1, Path(gold.document).stem)
        asked = question.question.rstrip("? ")
        yield Statement(question.question, f"{asked} is {answer}.", passage, right=True)
        wrong = _wrong_answers(text, answer, question.question)
        if wrong:
            yield Statement(question.question, f"{asked} is {chance.choice(wrong)}.", passage, right=False)


def _wrong_answers(text: str, answer: str, question: str) -> list[str]:
    """Numbers of the text where the answer is one, names where it is a name; none of what question and answer say."""
    if any(character.isdigit() for character in answer):
        kind = _NUMBER
    elif answer[0].isupper():
        kind = _NAME
    else:
        return []
    told = frozenset(terms(answer)) | frozenset(terms(question))
    return sorted({one for one in kind.findall(text) if terms(one) and told.isdisjoint(terms(one))})


def main() -> None:
    """Print how many of each stand."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.statements", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("set", type=Path, help="folder with questions.jsonl, whose evidence has texts")
    folder: Path = parser.parse_args().set
    made = list(statements(QuestionSet(folder.name, folder).questions()))
    rows = [
        _row("right", [one for one in made if one.right]),
        _row("wrong", [one for one in made if not one.right]),
    ]
    print(pipe_table([["statements", "number", "stand"], *rows]))


def _row(kind: str, made: Sequence[Statement]) -> list[str]:
    values = [float(one.stands) for one in made]
    within = mean_interval(values)
    share = f"{fmean(values):.3f} ({within.low:.3f} to {within.high:.3f})" if within else "too few to say"
    return [kind, str(len(made)), share]


if __name__ == "__main__":
    main()
