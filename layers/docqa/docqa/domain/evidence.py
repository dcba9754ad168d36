"""The sentences that answer: scored by what the question asks for, quoted verbatim."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from docqa.domain.instructions import speaks_to_the_model
from docqa.domain.sentences import Span, sentence_spans
from docqa.domain.table_headers import header_above, is_header_row
from docqa.domain.terms import terms
from docqa.domain.visible_text import shows_hidden, visible_text
from docqa.models.chunk import ScoredChunk

# Weights of what makes a sentence evidence, chosen on 601 answerable questions (evaluation/fit_confidence.py prints
# how often the best one, two and three hold the answer).
CONTEXT_SHARE = 0.2
PRECEDING_WEIGHT = 0.2
PASSAGE_WEIGHT = 1.0
EXPECTED_WEIGHT = 0.2
# What title and headings name need not be said again in every sentence below them: it counts half.
HEADING_SHARE = 0.5
# A sentence with nothing of the question but what its headings name, or not even that, stands behind those with more.
NAMES_NOTHING = -0.2
# Further quotes that score less than this share of the best one are rather noise than evidence: 2.6 quotes an answer
# in place of 3, and the answer is missed in 0.3 % more cases.
LEAST_SHARE_OF_BEST = 0.7
# More candidates than these make a word's rarity no better known, and cost milliseconds.
RARITY_CANDIDATES = 100

_HEADING = re.compile(r"#{1,6}\s")
_EXPECTATIONS = (
    (re.compile(r"\b(when|what (year|date|day|month|decade|century)|which (year|date|day|month|decade|century))\b"),
     re.compile(r"\b(1\d{3}|20\d{2})s?\b|\b(January|February|March|April|May|June|July|August|September|October|"
                r"November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b|\bcentury\b")),
    (re.compile(r"\b(how (many|much|long|old|far|tall|high|big|large|fast|deep)|what (percent|percentage|number|amount|"
                r"proportion|fraction|size|population|age)|total)\b"),
     re.compile(r"\d|\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|"
                r"billion|half|third|quarter|none|several)\b", re.IGNORECASE)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage.

    Attributes:
        text: Verbatim; `passage.chunk.text[span.start:span.end]`.
        coverage: Share of the question's weight of terms that stand in the sentence itself, 0 to 1.
        score: For order among sentences of one question.
    """

    passage: ScoredChunk
    span: Span
    text: str
    coverage: float
    score: float


class QuestionTerms:
    """The question's terms, each weighed by how rare it is among the candidates."""

    def __init__(self, question: str, candidates: Sequence[ScoredChunk]) -> None:
        self.question = question
        wanted = dict.fromkeys(terms(question))
        bags = [frozenset(terms(visible_text(c.chunk))) for c in candidates[:RARITY_CANDIDATES]]
        frequency = {term: sum(term in bag for bag in bags) for term in wanted}
        # BM25's inverse document frequency, over the candidates in place of the whole index.
        self.weights: Mapping[str, float] = {
            term: math.log(1 + (len(bags) - n + 0.5) / (n + 0.5)) for term, n in frequency.items()
        }
        self.total = sum(self.weights.values())

    def coverage(self, *texts: str) -> float:
        """Share of the weight whose terms stand in the texts together, 0 to 1."""
        return self.share({term for text in texts for term in terms(text)})

    def share(self, present: AbstractSet[str]) -> float:
        """Share of the weight whose terms are among these, 0 to 1."""
        return sum(weight for term, weight in self.weights.items() if term in present) / (self.total or 1.0)


def expected_patterns(question: str) -> list[re.Pattern[str]]:
    """What an answer to such a question must show: a date after "when", a number after "how many"."""
    return [pattern for asked, pattern in _EXPECTATIONS if asked.search(question.lower())]


def find_evidence(question: QuestionTerms, passages: Sequence[ScoredChunk]) -> list[Evidence]:
    """Every sentence of the passages that can be quoted, best first: a reader of the page sees all of it."""
    scored = [evidence for passage in passages for evidence in _of_passage(question, passage)]
    return sorted(scored, key=lambda e: (-e.score, e.passage.key, e.span.start))


def _of_passage(question: QuestionTerms, passage: ScoredChunk) -> list[Evidence]:
    chunk, text = passage.chunk, visible_text(passage.chunk)
    named = frozenset(term for line in (passage.title, *chunk.headings) for term in terms(line))
    of_passage = (
        CONTEXT_SHARE * question.coverage(text, passage.title, *chunk.headings) + PASSAGE_WEIGHT * passage.score
    )
    expected = expected_patterns(question.question)
    found = []
    before: frozenset[str] = frozenset()
    for span in sentence_spans(text):
        sentence = text[span.start : span.end]
        if shows_hidden(chunk, span.start, span.end) or speaks_to_the_model(sentence):
            continue
        headings = named.union(terms(header_above(chunk, span.start)))
        said = frozenset(terms(sentence))
        coverage = question.share(said)
        covered = coverage + HEADING_SHARE * question.share(headings - said)
        score = (
            of_passage
            + (1 - CONTEXT_SHARE) * covered
            # "It was won twice" is about what the sentence before it named.
            + PRECEDING_WEIGHT * question.share(before - said - headings)
            + EXPECTED_WEIGHT * any(pattern.search(sentence) for pattern in expected)
            + NAMES_NOTHING * (not question.share(said - headings))
        )
        found.append(Evidence(passage, span, sentence, coverage, score))
        before = said
    # A heading says what is spoken of, not what is said; it is evidence only where nothing else stands.
    return [one for one in found if not (_HEADING.match(one.text) or is_header_row(chunk, one.span.start))] or found


def best_quotes(evidence: Sequence[Evidence], most: int = 3) -> list[Evidence]:
    """The best sentences, at most `most`: none that repeats another, or is far weaker than the best."""
    chosen: dict[str, Evidence] = {}
    for candidate in evidence:
        if len(chosen) == most or not is_strong(candidate, evidence[0]):
            break
        chosen.setdefault(candidate.text, candidate)
    return list(chosen.values())


def is_strong(evidence: Evidence, best: Evidence, least_share: float = LEAST_SHARE_OF_BEST) -> bool:
    """Whether a sentence is evidence beside the best one."""
    return evidence.score >= least_share * best.score
