"""Questions embedded together: a call for many of them instead of one for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docqa.services.answering import Embedder


@dataclass(frozen=True, slots=True)
class EmbeddedQuestion:
    """The vector of a question, with the question's share of the tokens that were counted for all of them."""

    model: str
    vector: Sequence[float]
    tokens: int


def embedded_together(embedder: Embedder, texts: Sequence[str]) -> list[EmbeddedQuestion]:
    """Each question with its vector, in order. Raises as the embedder does."""
    before = embedder.embedded_tokens
    vectors = embedder.embed_queries(list(texts)) if len(texts) > 1 else [embedder.embed_query(text) for text in texts]
    tokens = _shared_out(embedder.embedded_tokens - before, [len(text) for text in texts])
    return [EmbeddedQuestion(embedder.model, *one) for one in zip(vectors, tokens, strict=True)]


def _shared_out(total: int, lengths: Sequence[int]) -> list[int]:
    """Parts of a total by length, whole numbers that add up to it."""
    whole = max(sum(lengths), 1)
    marks = [round(total * length / whole) for length in accumulate(lengths, initial=0)]
    return [after - before for before, after in pairwise(marks)]
