"""A document as the API shows it."""

from __future__ import annotations

from docqa.domain.live_access import answer_readers
from docqa.domain.readers import readers_body
from docqa.models.api import DocumentView, FailureView, PageCountsView
from docqa.models.document import Document, Generation, PageCounts


def document_view(
    document: Document, latest: Generation | None, place: int | None = None, waiting: str | None = None
) -> DocumentView:
    """What the registry says, and nothing more: status, failure and counts are of the newest version.

    Without `latest`, the newest version's own item, as in a list, there are no counts. `place` is that in its line,
    `waiting` why it waits for more than its turn.
    """
    failure = document.failure
    return DocumentView(
        document_id=document.document_id,
        key=document.key,
        title=document.title,
        status=document.status.value,
        generation=document.latest_generation,
        live_generation=document.live_generation,
        version_id=document.version_id,
        readers=readers_body(document.readers),
        live_readers=readers_body(answer_readers(document)) if document.live_access else None,
        received_at=document.received_at,
        updated_at=document.updated_at,
        place=place,
        waiting=waiting,
        stage=latest.stage if latest else "",
        attempt=latest.attempt if latest else 0,
        route=latest.route if latest else "",
        route_reason=latest.route_reason if latest else "",
        media_type=latest.media_type if latest else "",
        warnings=list(latest.warnings) if latest else [],
        pages=_pages(latest.pages) if latest and latest.pages.total else None,
        chunks=latest.chunks if latest and latest.chunks else None,
        failure=FailureView(code=failure.code, message=failure.message) if failure else None,
        usage={unit: count for unit, count in latest.usage.items() if unit != "usd"} if latest else {},
        cost_usd=latest.usage.get("usd", 0.0) if latest else 0.0,
        timings=latest.timings if latest else {},
    )


def _pages(pages: PageCounts) -> PageCountsView:
    return PageCountsView(
        total=pages.total,
        text_layer=pages.text_layer,
        ocr=pages.ocr,
        empty=pages.empty,
        unreadable=list(pages.unreadable),
        unrecognised=list(pages.unrecognised),
        ocr_confidence=pages.ocr_confidence or None,
    )
