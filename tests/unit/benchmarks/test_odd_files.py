"""Which odd files count as readable, and which of them ended empty."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.ingest.files import NOTHING_TO_READ, readable_but_empty, table, truth_beside, words, words_found
from benchmarks.ingest.load import Ended


def ended(name: str, status: str = "INDEXED", chunks: int = 2, failure: str = "") -> Ended:
    return Ended(name, name, status, 1.0, chunks=chunks, failure=failure)


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (ended("a.pdf"), []),
        (ended("a.pdf", chunks=0), ["a.pdf"]),
        (ended("a.pdf", "PARTIALLY_INDEXED", chunks=0), ["a.pdf"]),
        (ended("a.pdf", "FAILED", 0, "EmptyDocumentError: The document's pages are empty."), ["a.pdf"]),
        (ended("a.pdf", "FAILED", 0, "UnsupportedDocumentError: Save it as .docx."), []),
        (ended("blank.pdf", "FAILED", 0, "EmptyDocumentError: The document's pages are empty."), []),
    ],
    ids=["indexed", "without passages", "partly, without passages", "called empty", "refused in words", "is empty"],
)
def test_a_readable_file_that_ended_empty_is_seen_whatever_its_status(one: Ended, found: list[str]) -> None:
    """Promise 19: a document that is called empty counts as much as one that is indexed without a passage."""
    assert readable_but_empty([one], {"blank.pdf": "a blank page"}, {}) == found


def test_a_file_of_which_most_words_are_missing_ended_empty_too() -> None:
    assert readable_but_empty([ended("a.pdf"), ended("b.pdf")], {}, {"a.pdf": 0.2, "b.pdf": 0.9}) == ["a.pdf"]


def test_words_are_compared_without_regard_to_case_and_order() -> None:
    assert words_found(words("The LinnSequencer, 32 Track"), words("track sequencer linnsequencer the")) == 1.0
    assert words_found(words("one two three four"), words("two four")) == 0.5
    assert words_found(set(), words("anything")) == 1.0


def test_the_list_gives_a_reason_for_every_file_in_order() -> None:
    listed: dict[str, Any] = json.loads(NOTHING_TO_READ.read_text("utf-8"))

    assert list(listed) == sorted(listed)
    assert all(isinstance(why, str) and why for why in listed.values())


def test_the_text_beside_a_scan_is_its_truth(tmp_path: Path) -> None:
    (tmp_path / "linn.txt").write_text("The LinnSequencer")

    assert truth_beside("pdf_scanned/resources/ccitt.pdf", tmp_path / "ccitt.pdf") == "The LinnSequencer"
    assert truth_beside("pdf_odd/pypdf/jpeg.pdf", tmp_path / "jpeg.pdf") == ""


def test_the_table_names_what_ended_empty() -> None:
    rows = table(
        {
            "files": [],
            "by_status": {"INDEXED": 1},
            "nothing_to_read": {},
            "readable_but_empty": ["a.pdf"],
            "words_found": {},
        }
    )
    assert any("ended empty: a.pdf" in row for row in rows)
