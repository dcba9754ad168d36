"""What paid calls cost, as entries of the ledger: USD from the one dated list of prices, and what was counted."""

from __future__ import annotations

from collections.abc import Mapping

from docqa.domain.pricing import extraction_usd, rerank_queries, reranking_usd, tokens_usd
from docqa.models.spending import Charge, SpendingKind


def embedding_charge(
    model: str, tokens: int, kind: SpendingKind = SpendingKind.EMBEDDINGS, *, batch: bool = False
) -> Charge:
    """Texts were embedded.

    Args:
        model: Its id.
        tokens: As the service counted them.
        kind: EMBEDDINGS, or QUOTING for a question over the budget.
        batch: By batch inference.
    """
    return Charge({kind: tokens_usd(model, tokens, batch=batch)}, {"embedded_tokens": float(tokens)})


def chat_charge(model: str, input_tokens: int, output_tokens: int, *, batch: bool = False) -> Charge:
    """A chat model read and wrote so many tokens; `batch`: by batch inference."""
    usd = tokens_usd(model, input_tokens, output_tokens, batch=batch)
    return Charge(
        {SpendingKind.CHAT: usd}, {"input_tokens": float(input_tokens), "output_tokens": float(output_tokens)}
    )


def reranking_charge(model: str, passages: int) -> Charge:
    """A reranking model read so many passages with one question."""
    usd = reranking_usd(model, passages)
    return Charge({SpendingKind.RERANKING: usd}, {"rerank_queries": float(rerank_queries(passages))})


def extraction_charge(pages: int, counted: Mapping[str, str]) -> Charge:
    """Pages were extracted.

    Args:
        pages: How many.
        counted: What each counts as, and under which name that has its price: `{"textract_pages": "text"}`.
    """
    usd = extraction_usd(pages, counted.values())
    return Charge({SpendingKind.EXTRACTION: usd}, dict.fromkeys(counted, float(pages)))
