"""Whoever dies, and wherever: started again, every step ends in the same state."""

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.pdfs import joined, scanned_pdf, text_pdf
from tests.unit.ingestion.pipeline import Fate, Pipeline

PROSE = "The aircraft left the runway and came to rest in a field. Nobody was hurt. " * 12
MIXED = joined(text_pdf([PROSE]), scanned_pdf(["x"]), text_pdf([PROSE]))


# PDFium stamps what it saves; equal pages make files that are equal but for the stamps.
MOMENT = re.compile(rb"CreationDate\(D:[^)]*\)|/ID\s*\[.*?\]")


def end_state(fate: Fate) -> tuple[Pipeline, dict[str, Any]]:
    """Everything that lasts after a run under this fate."""
    pipeline = Pipeline(fate=fate, extracted=["words of the scan"], with_tables=frozenset({2}))
    reference = pipeline.drop("acme/mixed.pdf", MIXED)
    pipeline.run(reference)
    generation = pipeline.generation(reference)
    return pipeline, {
        "document": replace(pipeline.document(reference), lock=0),
        "generation": replace(generation, usage={}, timings={}, work_done=0),
        "paid": {key: count for key, count in generation.usage.items() if count},
        "work": {key: MOMENT.sub(b"", body) for key, body in pipeline.artifacts.items()},
        "index": pipeline.index.searchable,
        "slots": pipeline.registry.slots(),
        "artifacts": pipeline.registry.owners,
    }


UNHARMED, EXPECTED = end_state(Fate())
CHANGES = UNHARMED.fate.changes


def test_there_are_changes_to_die_at() -> None:
    assert CHANGES > 40


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(CHANGES))
def test_a_death_at_any_change_leaves_no_trace(at: int, after: bool) -> None:
    """Promises 17, 26: killed before or after any single write, message or call, and started again: the same end."""
    pipeline, state = end_state(Fate(at, after))

    unpaid = {key: EXPECTED["paid"][key] - state["paid"].get(key, 0) for key in EXPECTED["paid"]}
    assert {**state, "paid": None} == {**EXPECTED, "paid": None}
    # A process that dies between the work and its entry in the books leaves the books short, never long.
    assert all(count >= 0 for count in unpaid.values())
    assert len(pipeline.extractor.started) == 2, "the lines of the scan, and its table"
    assert pipeline.bus.published
