"""Whether a document meets a question's own filters, as the index judges its chunks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta

from docqa.models.document import Document
from docqa.models.question import AttributeValue, Filters

# The attribute that `since` and `until` are about: an ISO 8601 date, with or without a time.
DATE = "date"


def meets(document: Document, filters: Filters) -> bool:
    """Whether the document meets all that is asked for."""
    if filters.document_ids and document.document_id not in filters.document_ids:
        return False
    if not all(
        not _held(document, name).isdisjoint(wanted_forms(wanted)) for name, wanted in filters.attributes.items()
    ):
        return False
    bounds = date_bounds(filters.since, filters.until)
    return not bounds or any(_within(day, bounds) for day in _held(document, DATE))


def wanted_forms(wanted: AttributeValue | list[AttributeValue]) -> list[str]:
    """How what is wanted of an attribute may be written in the index, whose field holds nothing but strings."""
    values = wanted if isinstance(wanted, list) else [wanted]
    return list(dict.fromkeys(form for value in values for form in _forms(value)))


def date_bounds(since: date | None, until: date | None) -> dict[str, str]:
    """Bounds in the order of characters, which is the order of time; a time of the last day comes after its date.

    Always two, or none: "unknown" and "March 2019" come after every digit, "" and "(draft)" before.
    """
    if since is None and until is None:
        return {}
    last = until + timedelta(days=1) if until and until < date.max else None
    return {"gte": since.isoformat() if since else "0", "lt": last.isoformat() if last else ":"}


def _forms(value: AttributeValue) -> Iterator[str]:
    """A metadata file's `2023` was indexed as 2023.0; another's "2023" means the same year."""
    if isinstance(value, str):
        yield value
        return
    yield json.dumps(value)
    if isinstance(value, float) and value.is_integer():
        yield str(int(value))


def _held(document: Document, name: str) -> frozenset[str]:
    """The values of an attribute as the index holds them."""
    held = document.attributes.get(name, [])
    values = held if isinstance(held, list) else [held]
    return frozenset(value if isinstance(value, str) else json.dumps(value) for value in values)


def _within(day: str, bounds: dict[str, str]) -> bool:
    return bounds["gte"] <= day < bounds["lt"]
