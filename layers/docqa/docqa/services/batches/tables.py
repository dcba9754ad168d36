"""Results of a batch as rows of a table."""

from __future__ import annotations

import json
from collections.abc import Sequence

from docqa.domain.csv_cells import inert_cell
from docqa.models.answer import Answer, Citation

COLUMNS = (
    "line",
    "id",
    "status",
    "question",
    "text",
    "reason",
    "sources",
    "confidence",
    "model",
    "usd",
    "answer_id",
    "metadata",
)


def row_of(line: int, answer: Answer) -> Sequence[str]:
    """One answer, a cell for each of `COLUMNS`; nothing in it is a formula."""
    cells = (
        str(line),
        answer.id or "",
        answer.status.value,
        answer.question,
        answer.text,
        answer.reason or "",
        "\n".join(map(source_of, answer.citations)),
        f"{answer.confidence:.4f}",
        answer.model or "",
        f"{answer.usage.usd:.9f}",
        answer.answer_id,
        json.dumps(answer.metadata, ensure_ascii=False, sort_keys=True) if answer.metadata else "",
    )
    return [inert_cell(cell) for cell in cells]


def source_of(citation: Citation) -> str:
    """Where a citation stands, and what it says."""
    place = citation.label or f"page {citation.page}"
    return f"[{citation.number}] {citation.title}, {place}: \u201c{citation.quote}\u201d"
