"""Real responses of Textract, where they are at hand (`--data FOLDER`): nothing is lost, the order is a reader's."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from docqa.adapters.textract.blocks import PageBlocks
from docqa.adapters.textract.page_text import read_page
from docqa.adapters.textract.table_signs import shows_table
from tests.unit.adapters.textract.reading import words_lost_and_added


@pytest.fixture(scope="session")
def responses(request: pytest.FixtureRequest) -> dict[str, list[PageBlocks]]:
    """The pages of every recorded response of text detection and analysis, by path."""
    data: Path | None = request.config.getoption("data")
    if data is None or not (data / "textract").is_dir():
        pytest.skip("no recorded responses: say where with --data FOLDER")
    found = {str(path): _pages(json.loads(path.read_text())) for path in sorted((data / "textract").rglob("*.json"))}
    return {path: pages for path, pages in found.items() if pages}


def _pages(response: Any) -> list[PageBlocks]:
    blocks = response.get("Blocks", []) if isinstance(response, dict) else []
    return [PageBlocks(found) for _, found in groupby(blocks, key=lambda block: block.get("Page") or 1)]


def text_of(responses: dict[str, list[PageBlocks]], name: str) -> str:
    (_, pages), *_ = ((path, pages) for path, pages in responses.items() if Path(path).name == name)
    return read_page(pages[0]).text


def test_every_word_of_every_line_is_in_the_text_once(responses: dict[str, list[PageBlocks]]) -> None:
    trouble = {}
    for name, pages in responses.items():
        for number, blocks in enumerate(pages, start=1):
            lost, added = words_lost_and_added(blocks, read_page(blocks).text)
            if lost or added:
                trouble[name, number] = (lost, added)

    assert len(responses) > 70
    assert trouble == {}


def test_columns_are_read_one_after_the_other(responses: dict[str, list[PageBlocks]]) -> None:
    text = text_of(responses, "test-multicol-response.json")

    order = ["This section has two columns", "right.\n\nThe left column", "within one paragraph.\n\nA horizontally"]
    order += ["after the left column's content.\n\nA final footer section"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["gib__10_degrees.json", "gib__25_degrees.json", "gib__90_degrees.json"])
def test_tables_of_a_turned_page_are_those_of_the_upright_one(
    responses: dict[str, list[PageBlocks]], name: str
) -> None:
    rows = [f"| Value 3.{row}.1 | Value 3.{row}.2 | Value 3.{row}.3 |" for row in range(1, 9)]

    for each in ("gib1.json", name):
        assert "\n".join(rows) in text_of(responses, each), each


def test_a_table_keeps_header_merged_rows_and_its_title(responses: dict[str, list[PageBlocks]]) -> None:
    text = text_of(responses, "2023-Q2-table-model-sample.json")

    table = """\
| Date | Description | Credit | Debit | Balance |
| --- | --- | --- | --- | --- |
| 2022 |  |  |  |  |
| Previous Balance |  |  |  | 11,000 |
| 2022-12-24 | Payment Credit Card |  | 1,000 | 10,000 |
|  | Payment Utility |  | 40 | 9,960 |
| 2022-12-31 | Deposit | 1,000 |  | 10,960 |
| 2023 |  |  |  |  |
| 2023-01-15 | Deposit | 40 |  | 11,000 |
| Total Ending Balance |  |  |  | 11,000 |
| Final available balance as of 2023-01-20 |  |  |  | 11,000 |"""
    assert text.split("\n\n")[1:3] == ["Balance Sheet", table]


def test_layout_gives_headings_and_puts_the_frame_around_the_page(responses: dict[str, list[PageBlocks]]) -> None:
    text = text_of(responses, "test_detect_no_duplicate_words_sample-invoice.pdf.json")

    assert text.startswith("Sliced/Invoices\n\n# Invoice\n\n## From:\n\nDEMO - Sliced Invoices\n")
    assert "| Invoice Number | INV-3337 |\n| Order Number | 12345 |" in text
    assert text.endswith("admin@slicedinvoices.com\n\nPage 1/1")


def test_a_form_is_read_as_keys_with_their_values(responses: dict[str, list[PageBlocks]]) -> None:
    lines = text_of(responses, "patient_intake_form_sample.json").splitlines()

    for line in ("Date of Birth: 10/10/1982", "State: CA", "Zip Code: 12345", "Relationship to Patient: BROTHER"):
        assert line in lines
    assert "Do you have a cough?  Yes: [ ]  No: [x]" in lines


def test_tables_are_seen_in_lines_alone_on_most_pages_that_have_one(responses: dict[str, list[PageBlocks]]) -> None:
    """The figures of decision 0015: what analysis calls a table, and what its lines alone show."""
    seen: dict[bool, list[bool]] = {True: [], False: []}
    different = {tuple(line.text for line in blocks.lines): blocks for pages in responses.values() for blocks in pages}
    for blocks in different.values():
        seen[bool(read_page(blocks).tables)].append(shows_table(blocks.lines))

    assert (sum(seen[True]), len(seen[True])) == (34, 40)
    # Seven of twelve pages without: they hold tables, but were not analysed for any, or hold the boxes of a tax form.
    assert (sum(seen[False]), len(seen[False])) == (7, 12)


def test_confidence_of_real_pages_is_far_above_what_is_warned_about(responses: dict[str, list[PageBlocks]]) -> None:
    least = min(blocks.confidence() for pages in responses.values() for blocks in pages if blocks.lines)

    assert least > 0.85
