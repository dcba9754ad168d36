"""Make the text of an answer and its citations from quotes or from verified sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docqa.domain.answer_lines import cells_with_names
from docqa.domain.evidence import Evidence
from docqa.domain.inert import inert
from docqa.domain.sentences import Span
from docqa.domain.table_headers import header_above
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
    citations = tuple(_citation(number, e.passage, e.span) for number, e in enumerate(quotes, start=1))
    return Cited(" ".join(f"{_shown(one)} [{one.number}]" for one in citations), citations)


def _shown(citation: Citation) -> str:
    """A quote in quotation marks; the cells of a table's row, each with the name of its column, without."""
    if citation.header:
        return inert(cells_with_names(citation.quote, citation.header))
    return f"\u201c{inert(citation.quote)}\u201d"


def cite_claims(claims: Sequence[Claim], passages: Sequence[ScoredChunk]) -> Cited:
    """The claims as the answer: sentences in a row, items of a list on lines of their own.

    Each names the sentences that bear it out, numbered as they appear.
    """
    citations: dict[tuple[tuple[str, int, int], Span], Citation] = {}
    lines: list[str] = []
    for claim in claims:
        marks = []
        for quote in claim.quotes:
            passage = passages[quote.number - 1]
            new = _citation(len(citations) + 1, passage, quote.span)
            marks.append(f"[{citations.setdefault((passage.key, quote.span), new).number}]")
        said = f"{inert(claim.text)} {''.join(marks)}"
        if claim.listed:
            lines.append(f"- {said}")
        elif lines and not lines[-1].startswith("- "):
            lines[-1] += f" {said}"
        else:
            lines.append(said)
    return Cited("\n".join(lines), tuple(citations.values()))


def _citation(number: int, passage: ScoredChunk, span: Span) -> Citation:
    chunk = passage.chunk
    return Citation(
        number=number,
        document_id=passage.document_id,
        title=passage.title,
        uri=f"/documents/{passage.document_id}/content#page={chunk.page}",
        page=chunk.page,
        label=chunk.label,
        header=header_above(chunk, span.start),
        quote=chunk.text[span.start : span.end],
        score=min(max(round(passage.score, 4), 0.0), 1.0),
    )
