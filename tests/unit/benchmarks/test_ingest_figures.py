"""What the ingestion benchmark makes of what it saw."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ingest.burst import outcome
from benchmarks.ingest.load import Ended
from benchmarks.ingest.material import pdf_of, scan_of, unseen
from benchmarks.ingest.receipts import accuracy, distance, normalised
from benchmarks.ingest.sizes import deviation


def ended(document_id: str, status: str = "INDEXED", **more: Any) -> Ended:
    return Ended(f"{document_id}.pdf", document_id, status, None if status == "PROCESSING" else 2.0, chunks=3, **more)


def test_a_load_without_a_loss_has_zeros() -> None:
    found = outcome([ended("a"), ended("b")], {"a": 1, "b": 1}, {"a": 3, "b": 3})

    assert found == {
        "documents": 2,
        "indexed": 2,
        "lost": 0,
        "failed": 0,
        "partially_indexed": 0,
        "duplicate_executions": 0,
        "documents_with_other_chunks": 0,
    }


@pytest.mark.parametrize(
    ("document", "executions", "chunks", "counted"),
    [
        (ended("a", "PROCESSING"), 1, 0, "lost"),
        (ended("a", "FAILED"), 1, 0, "failed"),
        (ended("a"), 2, 3, "duplicate_executions"),
        (ended("a"), 1, 6, "documents_with_other_chunks"),
        (ended("a"), 1, 0, "documents_with_other_chunks"),
    ],
    ids=["not ended", "failed", "run twice", "indexed twice", "not in the index"],
)
def test_each_loss_is_seen(document: Ended, executions: int, chunks: int, counted: str) -> None:
    assert outcome([document], {"a": executions}, {"a": chunks})[counted] == 1


def test_an_execution_on_record_as_a_try_is_no_duplicate() -> None:
    assert outcome([ended("a", tries=1)], {"a": 2}, {"a": 3})["duplicate_executions"] == 0


def test_a_line_with_a_start_deviates_by_nothing() -> None:
    assert deviation([(1, 9.0), (100, 3.0), (1_000, 12.0), (3_000, 32.0)]) == pytest.approx(0.0)
    assert deviation([(100, 3.0), (3_000, 32.0)]) is None


def test_time_that_grows_with_the_square_is_seen() -> None:
    found = deviation([(pages, (pages / 100) ** 2) for pages in (100, 1_000, 3_000)])
    assert found is not None
    assert found > 0.2


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("", "", 0), ("", "ab", 2), ("kitten", "sitting", 3), ("abc", "abc", 0), ("ab", "ba", 2)],
)
def test_distance_counts_edits(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == edits


@given(st.text("ab", max_size=8), st.text("ab", max_size=8))
def test_distance_is_the_textbook_s(one: str, other: str) -> None:
    rows = [[at + to if not at or not to else 0 for to in range(len(other) + 1)] for at in range(len(one) + 1)]
    for at in range(1, len(one) + 1):
        for to in range(1, len(other) + 1):
            same = rows[at - 1][to - 1] + (one[at - 1] != other[to - 1])
            rows[at][to] = min(same, rows[at - 1][to] + 1, rows[at][to - 1] + 1)
    assert distance(one, other) == rows[-1][-1]


def test_accuracy_looks_at_letters_alone() -> None:
    assert accuracy(normalised("Total  12.50\n"), normalised("TOTAL 12.50")) == 1.0
    assert accuracy("", "TOTAL") == 0.0


def test_generated_pages_are_full_and_unlike_each_other() -> None:
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf_of(12))).pages]

    assert len(set(pages)) == 12
    assert all(2_000 < len(page) < 4_500 for page in pages)


def test_a_scan_has_no_text_and_no_twin() -> None:
    one, other = scan_of("Receipt 1", pages=2), scan_of("Receipt 2", pages=2)

    assert one != other
    assert [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(one)).pages] == ["", ""]


def test_unseen_bytes_are_the_same_document() -> None:
    content = pdf_of(2)
    assert unseen(content) != unseen(content)
    assert len(pypdf.PdfReader(io.BytesIO(unseen(content))).pages) == 2
