"""The sentences that answer: scored by what the question asks for, quoted verbatim."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from docqa.domain.instructions import speaks_to_the_model
from docqa.domain.passage_terms import all_terms, said_sentences, terms_above
from docqa.domain.question_terms import QuestionTerms
from docqa.domain.sentences import Span
from docqa.domain.table_headers import header_above, is_header_row
from docqa.domain.visible_text import shows_hidden, visible_text
from docqa.models.chunk import ScoredChunk

# Weights of what makes a sentence evidence, chosen on 601 answerable questions by how often the best one, two and
# three hold the answer (`docqa eval` says it of two: answers.containment).
CONTEXT_SHARE = 0.2
PRECEDING_WEIGHT = 0.2
PASSAGE_WEIGHT = 1.2
EXPECTED_WEIGHT = 0.2
CLOSENESS_WEIGHT = 0.1
# What a question asks for says more than what it asks about: every line of a report names its aircraft.
NAMED_WEIGHT = 0.3
# What title and headings name need not be said again in every sentence below them: it counts half.
HEADING_SHARE = 0.5
# A sentence with nothing of the question but what its headings name, or not even that, stands behind those with more.
NAMES_NOTHING = -0.2
# Further quotes that score less than this share of the best one are rather noise than evidence.
LEAST_SHARE_OF_BEST = 0.6
# Sentences that score so little less than the best one are ordered by their meaning too, at most so many, with this
# weight of a cosine. Measured on 907 questions (docs/decisions/0068): margins from 0.2 to none are alike, and so are 4
# to 12 sentences and weights from 0.5 to 1.5.
CONTENDER_MARGIN = 0.25
MOST_CONTENDERS = 4
MEANING_WEIGHT = 1.0

_HEADING = re.compile(r"#{1,6}\s")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of a passage.

    Attributes:
        text: Verbatim; `passage.chunk.text[span.start:span.end]`.
        coverage: Share of the question's weight of terms that stand in the sentence itself, 0 to 1.
        score: For order among sentences of one question.
        cosine: Of its own vector to the question's; None: it was not embedded.
    """

    passage: ScoredChunk
    span: Span
    text: str
    coverage: float
    score: float
    cosine: float | None = None


def find_evidence(question: QuestionTerms, passages: Sequence[ScoredChunk]) -> list[Evidence]:
    """Every sentence of the passages that can be quoted, best first: a reader of the page sees all of it."""
    scored = [evidence for passage in passages for evidence in _of_passage(question, passage)]
    return sorted(scored, key=lambda e: (-e.score, e.passage.key, e.span.start))


def _of_passage(question: QuestionTerms, passage: ScoredChunk) -> list[Evidence]:
    chunk, text = passage.chunk, visible_text(passage.chunk)
    named = terms_above(passage, question.language)
    of_passage = CONTEXT_SHARE * question.share(all_terms(passage, question.language)) + PASSAGE_WEIGHT * passage.score
    found = []
    before: frozenset[str] = frozenset()
    for span, in_order in said_sentences(passage, question.language):
        sentence = text[span.start : span.end]
        if shows_hidden(chunk, span.start, span.end) or speaks_to_the_model(sentence):
            continue
        headings = named.union(question.terms(header_above(chunk, span.start)))
        said = frozenset(in_order)
        coverage = question.share(said)
        covered = coverage + HEADING_SHARE * question.share(headings - said)
        score = (
            of_passage
            + (1 - CONTEXT_SHARE) * covered
            # "It was won twice" is about what the sentence before it named.
            + PRECEDING_WEIGHT * question.share(before - said - headings)
            + EXPECTED_WEIGHT * any(pattern.search(sentence) for pattern in question.expected)
            + CLOSENESS_WEIGHT * question.closeness(in_order)
            + NAMED_WEIGHT * question.is_named(sentence, in_order)
            + NAMES_NOTHING * (not question.share(said - headings))
        )
        found.append(Evidence(passage, span, sentence, coverage, score))
        before = said
    # A heading says what is spoken of, not what is said; it is evidence only where nothing else stands.
    return [one for one in found if not (_HEADING.match(one.text) or is_header_row(chunk, one.span.start))] or found


def contenders(evidence: Sequence[Evidence]) -> list[int]:
    """Places of the first sentences that score about as well as the best one, where a document has several of them."""
    near = [
        place
        for place, one in enumerate(evidence[:MOST_CONTENDERS])
        if one.score >= evidence[0].score - CONTENDER_MARGIN
    ]
    of_documents = Counter(evidence[place].passage.document_id for place in near)
    return [place for place in near if of_documents[evidence[place].passage.document_id] > 1]


def ordered_by_meaning(evidence: Sequence[Evidence], cosines: Mapping[int, float]) -> list[Evidence]:
    """The evidence with the contenders of each document ordered by score and cosine together, in the places they had.

    Which document comes first stays: reports of a series say the same, and only ranking knows which is meant. What is
    nearest to the question keeps its score, and the others lose what they are farther away: so scores stay on the scale
    on which a quote is weighed against the best one (`is_strong`).

    Args:
        evidence: Best first.
        cosines: Of sentences to the question, by place.
    """
    ordered = list(evidence)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place in sorted(cosines):
        places[evidence[place].passage.document_id].append(place)
    for of_document in places.values():
        highest = max(cosines[place] for place in of_document)
        weighed = [
            replace(
                evidence[place],
                score=evidence[place].score + MEANING_WEIGHT * (cosines[place] - highest),
                cosine=cosines[place],
            )
            for place in of_document
        ]
        for place, one in zip(of_document, sorted(weighed, key=lambda one: -one.score), strict=True):
            ordered[place] = one
    return ordered


def best_quotes(evidence: Sequence[Evidence], most: int = 3) -> list[Evidence]:
    """The best sentences, at most `most`: none that repeats another, or is far weaker than the best."""
    chosen: dict[str, Evidence] = {}
    # A sentence that is nearer in meaning may stand before one that scores more, so all of them are looked at.
    for candidate in evidence:
        if len(chosen) < most and is_strong(candidate, evidence[0]):
            chosen.setdefault(candidate.text, candidate)
    return list(chosen.values())


def is_strong(evidence: Evidence, best: Evidence) -> bool:
    """Whether a sentence is evidence beside the best one."""
    return evidence.score >= LEAST_SHARE_OF_BEST * best.score
