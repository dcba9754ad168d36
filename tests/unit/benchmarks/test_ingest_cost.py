"""What a thousand pages cost: every counted unit has its price, and a mixed document lies between the others."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest

from benchmarks.ingest.cost import PRICED_AS, extracted_usd, table, together
from benchmarks.ingest.material import mixed_of
from benchmarks.ingest.recordings import responses_with_tables
from cli.errors import CommandError
from devstack.modelserver.recordings import Recordings
from docqa.adapters.textract.blocks import PageBlocks
from docqa.adapters.textract.page_text import read_page
from docqa.adapters.textract.table_signs import shows_table
from docqa.domain.pricing import extraction_usd
from docqa.services.ingestion.fetching import _COUNTED
from tests.fakes.pdfs import scanned_pdf


def test_every_unit_that_the_flow_counts_is_priced() -> None:
    counted = {unit: kind for units in _COUNTED.values() for unit, kind in units.items()}

    assert counted == PRICED_AS
    assert extracted_usd({"textract_pages": 10, "textract_table_pages": 2, "textract_layout_pages": 2, "usd": 9}) == (
        pytest.approx(extraction_usd(10, ["text"]) + extraction_usd(2, ["tables", "layout"]))
    )


def test_a_unit_without_a_price_is_not_taken_for_nothing() -> None:
    with pytest.raises(CommandError, match="textract_query_pages"):
        extracted_usd({"textract_query_pages": 1})


def test_a_mixed_document_has_text_on_every_other_page() -> None:
    pages = [page.extract_text().strip() for page in pypdf.PdfReader(io.BytesIO(mixed_of(6))).pages]

    assert [bool(text) for text in pages] == [True, False] * 3


@pytest.fixture
def folder() -> Iterator[Path]:
    with responses_with_tables(5) as made:
        yield made


def test_one_page_in_five_of_the_recordings_shows_a_table_that_its_analysis_finds(folder: Path) -> None:
    pages = list(Recordings(folder).pages(scanned_pdf(["x"] * 10), ()))
    analysed = list(Recordings(folder).pages(scanned_pdf(["x"] * 10), ("TABLES", "LAYOUT")))

    assert sum(shows_table(PageBlocks(page).lines) for page in pages if page) == 2
    texts = [read_page(PageBlocks(page)).text for page in analysed if page]
    assert sum("| Year | Landings | Fees |" in text for text in texts) == 2
    assert all(json.loads(file.read_text())["Blocks"] for file in folder.iterdir())


def kind(own: float, textract: float, sent: int) -> dict[str, Any]:
    return {"own_usd": own, "textract_usd": textract, "pages_at_textract": sent}


def test_no_two_rows_of_the_table_are_the_same_kind_of_document() -> None:
    scanned = kind(0.06, 5.3, 50)
    result = {"pages": 50, "table_every": 5, "born_digital": kind(0.05, 0.0, 0), "mixed": kind(0.055, 2.65, 25)}
    rows = table(result | {"scanned": scanned, "every_page_usd": together(scanned)})[-3:]

    assert len({row.partition("|")[2].partition("|")[2] for row in rows}) == 3
    assert rows[0].endswith("| 0.050 | 1% |")
    assert rows[2].endswith("| 5.360 | 100% |")
