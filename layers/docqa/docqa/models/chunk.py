"""Passages of a document: as cut, as found, as used in an answer."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of one page.

    Attributes:
        ordinal: 0-based position among the chunks of its generation.
        page: 1-based page on which it stands.
        start, end: Character offsets into the page's text; `text == page.text[start:end]`.
        headings: Path of headings above it, outermost first.
        header: The rows that name a table's columns, for a passage that begins below them; not part of `text`.
        label: What the reader calls the page, where a number is not enough.
        hidden: Spans (start, end) of `text` that a reader of the page cannot see.
    """

    ordinal: int
    page: int
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()
    header: str = ""
    label: str = ""
    hidden: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A chunk with everything the index stores of it.

    Attributes:
        vector: Embedding, as many floats as the active index configuration says.
        revision: The document's metadata revision that `readers` and `attributes` stem from.
    """

    chunk: Chunk
    document_id: str
    generation: int
    tenant: str
    title: str
    readers: frozenset[str]
    revision: int
    vector: tuple[float, ...]
    attributes: dict[str, str | float | bool | list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScoredChunk:
    """A chunk that a search found, with the scores of each clause (None: that clause did not find it).

    Attributes:
        lexical: Raw BM25 score.
        cosine: Cosine similarity of question and chunk, -1 to 1.
        score: Fused, 0 to 1 within one retrieval; good for order, not for confidence.
    """

    chunk: Chunk
    document_id: str
    generation: int
    title: str
    lexical: float | None = None
    cosine: float | None = None
    score: float = 0.0

    @property
    def key(self) -> tuple[str, int, int]:
        """Identity within the index: document, generation, ordinal."""
        return (self.document_id, self.generation, self.chunk.ordinal)
