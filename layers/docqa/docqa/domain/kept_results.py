"""How long what a failed version paid for is kept, so that processing it again pays for none of it twice."""

from __future__ import annotations

from docqa.models.document import GONE, Document, DocumentStatus, Generation, GenerationStatus

# An outage is over by then, or an operator has brought back what it left behind: dead letters are kept as long.
FAILED_KEPT_SECONDS = 14 * 86_400.0


def is_kept(document: Document, generation: Generation, now: float) -> bool:
    """Whether a failed version's extractions and embeddings are kept: its bytes may be processed again.

    Not once the document is deleted or expired, newer bytes were received, or a newer version answers.
    """
    return (
        generation.status is GenerationStatus.FAILED
        and document.status not in GONE
        and generation.version_id == document.version_id
        and generation.generation > document.live_generation
        and now - generation.ended_at < FAILED_KEPT_SECONDS
    )


def is_over(document: Document, now: float) -> bool:
    """Whether nothing of the document's failed version is kept any more, as far as its own item tells."""
    return document.status is DocumentStatus.FAILED and now - document.updated_at >= FAILED_KEPT_SECONDS
