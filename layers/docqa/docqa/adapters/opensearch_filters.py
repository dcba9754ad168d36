"""A question's own filters as clauses of a search: documents, attributes of their metadata files, dates."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from docqa.models.question import AttributeValue, Filters

# The attribute that `since` and `until` are about: an ISO 8601 date, with or without a time.
DATE = "date"


def narrowing(filters: Filters) -> list[dict[str, Any]]:
    """Clauses that a chunk has to meet, each of them; none when nothing is asked for."""
    clauses: list[dict[str, Any]] = []
    if filters.document_ids:
        clauses.append({"terms": {"document_id": list(filters.document_ids)}})
    for name, wanted in filters.attributes.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        forms = dict.fromkeys(form for value in values for form in _forms(value))
        clauses.append({"terms": {_field(name): list(forms)}})
    if bounds := _bounds(filters.since, filters.until):
        clauses.append({"range": {_field(DATE): bounds}})
    return clauses


def _field(name: str) -> str:
    return f"attributes.{name}"


def _forms(value: AttributeValue) -> Iterator[str]:
    """How a value may be written in the index, whose field of attributes holds nothing but strings.

    A metadata file's `2023` was indexed as 2023.0; another's "2023" means the same year.
    """
    if isinstance(value, str):
        yield value
        return
    yield json.dumps(value)
    if isinstance(value, float) and value.is_integer():
        yield str(int(value))


def _bounds(since: date | None, until: date | None) -> dict[str, str]:
    """Bounds in the order of characters, which is the order of time; a time of the last day comes after its date.

    Always two: "unknown" and "March 2019" come after every digit, "" and "(draft)" before.
    """
    if since is None and until is None:
        return {}
    last = until + timedelta(days=1) if until and until < date.max else None
    return {"gte": since.isoformat() if since else "0", "lt": last.isoformat() if last else ":"}
