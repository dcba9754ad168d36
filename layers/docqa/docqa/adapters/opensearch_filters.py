"""A question's own filters as clauses of a search: documents, attributes of their metadata files, dates."""

from __future__ import annotations

from typing import Any

from docqa.domain.question_filters import DATE, date_bounds, wanted_forms
from docqa.models.question import Filters


def narrowing(filters: Filters) -> list[dict[str, Any]]:
    """Clauses that a chunk has to meet, each of them; none when nothing is asked for."""
    clauses: list[dict[str, Any]] = []
    if filters.document_ids:
        clauses.append({"terms": {"document_id": list(filters.document_ids)}})
    for name, wanted in filters.attributes.items():
        clauses.append({"terms": {_field(name): wanted_forms(wanted)}})
    if bounds := date_bounds(filters.since, filters.until):
        clauses.append({"range": {_field(DATE): bounds}})
    return clauses


def _field(name: str) -> str:
    return f"attributes.{name}"
