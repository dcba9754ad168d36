"""The answer's words against the acceptable ones."""

from __future__ import annotations

import re
from collections import Counter

from evaluation.outcomes import Outcome
from evaluation.question_sets import holds_answer

# Quoting is judged by the two best sentences: whoever quotes the whole page holds every answer.
QUOTES_JUDGED = 2
# An answer of more words that stands nowhere in the gold text is a reference to compare with, not something to be said.
SHORT_ANSWER_WORDS = 12
_MARK = re.compile(r"\[\d+\]")
_ARTICLE = re.compile(r"\b(a|an|the)\b")
_NO_WORD = re.compile(r"[^\w\s]")


def answer_measures(outcome: Outcome) -> dict[str, float]:
    """Containment (where it can be expected), token F1 and exact match; an abstention holds nothing."""
    question = outcome.question
    if not question.answerable or not question.answers:
        return {}
    said = answer_text(outcome)
    measures = {
        "token_f1": max(token_f1(said, answer) for answer in question.answers),
        "exact_match": float(any(normal(said) == normal(answer) for answer in question.answers)),
    }
    if can_be_contained(outcome):
        measures["containment"] = float(holds_answer(question, judged_texts(outcome)))
    return measures


def can_be_contained(outcome: Outcome) -> bool:
    """Whether an acceptable answer can be expected word for word: it is short, or stands so in the gold text."""
    short = any(0 < len(answer.split()) <= SHORT_ANSWER_WORDS for answer in outcome.question.answers)
    return short or any(gold.answers for gold in outcome.gold)


def answer_text(outcome: Outcome) -> str:
    """What the answer says, without the numbers of its citations."""
    return _MARK.sub("", outcome.text) if outcome.answered else ""


def judged_texts(outcome: Outcome) -> list[str]:
    """Where an answer is looked for: in the text that a model wrote, else in the first two quotes."""
    if not outcome.answered:
        return []
    if outcome.model:
        return [answer_text(outcome)]
    return [quote.text for quote in outcome.citations[:QUOTES_JUDGED]]


def normal(text: str) -> str:
    """As SQuAD's own evaluation compares: lower case, no punctuation, no articles, single blanks."""
    return " ".join(_ARTICLE.sub(" ", _NO_WORD.sub("", text.lower())).split())


def token_f1(said: str, answer: str) -> float:
    """Harmonic mean of precision and recall of the normalised words."""
    words, wanted = normal(said).split(), normal(answer).split()
    both = (Counter(words) & Counter(wanted)).total()
    return 2 * both / (len(words) + len(wanted)) if both else float(not words and not wanted)
