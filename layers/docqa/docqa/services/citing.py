"""Make the text of an answer and its citations from quotes or from verified sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docqa.domain.evidence import Evidence
from docqa.domain.inert import inert
from docqa.domain.sentences import sentence_spans
from docqa.domain.terms import terms
from docqa.domain.verification import Claim
from docqa.models.answer import Citation
from docqa.models.chunk import ScoredChunk


@dataclass(frozen=True, slots=True)
class Cited:
    """Inert text whose [n] are the numbers of the citations."""

    text: str
    citations: tuple[Citation, ...]


def cite_quotes(quotes: Sequence[Evidence]) -> Cited:
    """The evidence itself as the answer: each sentence with its own citation."""
    citations = tuple(_citation(number, e.passage, e.text) for number, e in enumerate(quotes, start=1))
    text = " ".join(f"\u201c{inert(e.text)}\u201d [{number}]" for number, e in enumerate(quotes, start=1))
    return Cited(text, citations)


def cite_claims(claims: Sequence[Claim], passages: Sequence[ScoredChunk]) -> Cited:
    """The claims as the answer. Each names the sentences that bear it out, numbered as they appear."""
    citations: dict[tuple[tuple[str, int, int], str], Citation] = {}
    sentences = []
    for claim in claims:
        marks = []
        for cited in claim.numbers:
            passage = passages[cited - 1]
            quote = supporting_quote(claim.text, passage)
            number = len(citations) + 1
            citation = citations.setdefault((passage.key, quote), _citation(number, passage, quote))
            marks.append(f"[{citation.number}]")
        sentences.append(f"{inert(claim.text)} {''.join(dict.fromkeys(marks))}")
    return Cited(" ".join(sentences), tuple(citations.values()))


def supporting_quote(claim: str, passage: ScoredChunk) -> str:
    """The sentence of the passage that shares most words with the claim, verbatim."""
    said = frozenset(terms(claim))
    text = passage.chunk.text
    quotes = [text[span.start : span.end] for span in sentence_spans(text)]
    return max(quotes, key=lambda quote: len(said.intersection(terms(quote))))


def _citation(number: int, passage: ScoredChunk, quote: str) -> Citation:
    return Citation(
        number=number,
        document_id=passage.document_id,
        title=passage.title,
        uri=f"/documents/{passage.document_id}/content#page={passage.chunk.page}",
        page=passage.chunk.page,
        label=passage.chunk.label,
        quote=quote,
        score=min(max(round(passage.score, 4), 0.0), 1.0),
    )
