"""Documents and generations as items: which attribute holds what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from docqa.adapters.dynamodb_documents.expressions import Item, Key
from docqa.models.document import (
    Document,
    DocumentReference,
    DocumentStatus,
    Failure,
    Generation,
    GenerationStatus,
    LiveAccess,
    PageCounts,
)

DOCUMENT = "document"
GENERATION_PREFIX = "generation#"
WAITING = "WAITING"
AGAIN = "WAITING_AGAIN"
RUNNING = "RUNNING"
_LAST_MOMENT = 9_999_999_999.0


def document_key(document_id: str) -> Key:
    """Where the document's own item is."""
    return document_id, DOCUMENT


def generation_key(document_id: str, generation: int) -> Key:
    """Where one admitted version is; six digits, so that items sort by number."""
    return document_id, f"{GENERATION_PREFIX}{generation:06d}"


def moment(seconds: float) -> str:
    """A time as text that sorts like the number; microseconds."""
    return f"{min(seconds, _LAST_MOMENT):017.6f}"


def line_of(tenant: str, due: float) -> str:
    """A version's place in the line of its tenant."""
    return f"{tenant}/{moment(due)}"


def key_of(reference: DocumentReference) -> Key:
    """Where the version is that a pipeline step works on."""
    return generation_key(reference.document_id, reference.generation)


def document_item(document: Document) -> Item:
    """The item of a document."""
    return {
        "document_id": document.document_id,
        "item": DOCUMENT,
        "tenant": document.tenant,
        "bucket": document.bucket,
        "key": document.key,
        "title": document.title,
        "status": document.status.value,
        "latest_generation": document.latest_generation,
        "live_generation": document.live_generation,
        "version_id": document.version_id,
        "readers": sorted(document.readers),
        "revision": document.revision,
        "lock": document.lock,
        "received_at": document.received_at,
        "updated_at": document.updated_at,
        "owner": document.owner,
        "attributes": document.attributes,
        "failure": failure_map(document.failure),
        "described": document.described,
        "live_access": _live_access_map(document.live_access),
    }


def document_of(item: Mapping[str, Any]) -> Document:
    """The document of an item."""
    return Document(
        document_id=item["document_id"],
        tenant=item["tenant"],
        bucket=item["bucket"],
        key=item["key"],
        title=item["title"],
        status=DocumentStatus(item["status"]),
        latest_generation=int(item["latest_generation"]),
        live_generation=int(item["live_generation"]),
        version_id=item["version_id"],
        readers=frozenset(item["readers"]),
        revision=int(item["revision"]),
        lock=int(item["lock"]),
        received_at=float(item["received_at"]),
        updated_at=float(item["updated_at"]),
        owner=item["owner"],
        attributes={name: _attribute(value) for name, value in item["attributes"].items()},
        failure=_failure(item.get("failure")),
        described=item["described"],
        live_access=_live_access(item.get("live_access")),
    )


def generation_item(generation: Generation) -> Item:
    """The item of a version that was just admitted: it waits, and `by_work` shows it."""
    return {
        "document_id": generation.document_id,
        "item": generation_key(generation.document_id, generation.generation)[1],
        "generation": generation.generation,
        "tenant": generation.tenant,
        "bucket": generation.bucket,
        "key": generation.key,
        "version_id": generation.version_id,
        "status": generation.status.value,
        "received_at": generation.received_at,
        "attempt": generation.attempt,
        "sequencer": generation.sequencer,
        "size": generation.size,
        "usage": {},
        "timings": {},
        "stage": generation.stage,
        "due": generation.due,
        "work_state": WAITING,
        "work_order": line_of(generation.tenant, generation.due),
    }


def generation_of(item: Mapping[str, Any]) -> Generation:
    """The version of an item."""
    return Generation(
        document_id=item["document_id"],
        generation=int(item["generation"]),
        tenant=item["tenant"],
        bucket=item["bucket"],
        key=item["key"],
        version_id=item["version_id"],
        status=GenerationStatus(item["status"]),
        received_at=float(item["received_at"]),
        attempt=int(item["attempt"]),
        sequencer=item["sequencer"],
        size=int(item["size"]),
        media_type=item.get("media_type", ""),
        content_hash=item.get("content_hash", ""),
        settings_hash=item.get("settings_hash", ""),
        pages=_pages(item.get("pages", {})),
        chunks=int(item.get("chunks", 0)),
        indexed_revision=int(item.get("indexed_revision", 0)),
        deadline=float(item.get("deadline", 0)),
        ended_at=float(item.get("ended_at", 0)),
        failure=_failure(item.get("failure")),
        usage={name: float(value) for name, value in item["usage"].items()},
        timings={name: float(value) for name, value in item["timings"].items()},
        stage=item.get("stage", ""),
        warnings=tuple(item.get("warnings", ())),
        tries=int(item.get("tries", 0)),
        work_done=len(item.get("usage_keys", ())),
        work_done_before=int(item.get("work_done_before", 0)),
        due=float(item.get("due", item["received_at"])),
        route=item.get("route", ""),
        route_reason=item.get("route_reason", ""),
    )


def pages_map(pages: PageCounts) -> Item:
    """Counts of pages; ranges as text ("3,7-9"), small at 3,000 pages too."""
    return {
        "total": pages.total,
        "text_layer": pages.text_layer,
        "ocr": pages.ocr,
        "empty": pages.empty,
        "unreadable": _ranges_text(pages.unreadable),
        "unrecognised": _ranges_text(pages.unrecognised),
        "ocr_confidence": pages.ocr_confidence,
    }


def _pages(counts: Mapping[str, Any]) -> PageCounts:
    return PageCounts(
        total=int(counts.get("total", 0)),
        text_layer=int(counts.get("text_layer", 0)),
        ocr=int(counts.get("ocr", 0)),
        empty=int(counts.get("empty", 0)),
        unreadable=_ranges_of(counts.get("unreadable", "")),
        unrecognised=_ranges_of(counts.get("unrecognised", "")),
        ocr_confidence=float(counts.get("ocr_confidence", 0.0)),
    )


def _ranges_text(ranges: Sequence[tuple[int, int]]) -> str:
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in ranges)


def _ranges_of(text: str) -> tuple[tuple[int, int], ...]:
    pairs = (part.partition("-") for part in text.split(",") if part)
    return tuple((int(first), int(last or first)) for first, _, last in pairs)


def failure_map(failure: Failure | None) -> Item | None:
    """Why something failed, or nothing."""
    return None if failure is None else {"code": failure.code, "message": failure.message}


def _failure(value: Mapping[str, str] | None) -> Failure | None:
    return None if value is None else Failure(code=value["code"], message=value["message"])


def _live_access_map(access: LiveAccess | None) -> Item | None:
    return None if access is None else {"readers": sorted(access.readers), "expires": access.expires}


def _live_access(value: Mapping[str, Any] | None) -> LiveAccess | None:
    if value is None:
        return None
    expires = value["expires"]
    return LiveAccess(frozenset(value["readers"]), None if expires is None else float(expires))


def _attribute(value: Any) -> str | float | bool | list[str]:
    return float(value) if isinstance(value, Decimal) else value
