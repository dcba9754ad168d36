"""Two recorded responses that travel with the tests: what the packaged OCR engine, in Textract's blocks, read on scans.

The pages were drawn for this, turned by a degree and grained. Textract's own responses, where they are at hand, are for
test_recorded_responses.py; tables, fields and layout, which this engine does not know, for test_page_text.py.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from docqa.adapters.textract.blocks import PageBlocks
from docqa.adapters.textract.page_text import read_page
from docqa.adapters.textract.table_signs import shows_table
from tests.unit.adapters.textract.reading import words_lost_and_added

RECORDINGS = Path(__file__).parent / "recordings"
COLUMNS = """\
Notes on the harbour of Kestrel Hill

The harbour was built in 1911
for the herring boats, which
came in with the evening tide
and left before the morning.
Of the two piers only the
northern one is still in use.

Since 1987 the southern pier
is closed, because its piles
are eaten by worms. A survey
of 2019 found 41 of 60 piles
hollow, and advised to take
the whole deck down.

Both piers belong to the parish, which pays for their upkeep from the landing fees."""
TABLE = """\
Landings and fees of the year 2024

Month  Boats  Landings  Fees
January  12  340  1,700.00
February  9  255  1,275.00
March  17  612  3,060.00
April  21  790  3,950.00
May  24  918  4,590.00
Total  83  2,915  14,575.00

The fee for each landing is five crowns."""


def recorded(name: str) -> PageBlocks:
    return PageBlocks(json.loads((RECORDINGS / f"{name}.json").read_text("utf-8"))["Blocks"])


@pytest.mark.parametrize(("name", "text"), [("columns", COLUMNS), ("table", TABLE)])
def test_a_recorded_page_is_read_as_a_reader_would(name: str, text: str) -> None:
    """Columns one after the other, rows of a table each in its line."""
    assert read_page(recorded(name)).text == text


@pytest.mark.parametrize("name", ["columns", "table"])
def test_every_recorded_word_is_in_the_text_once(name: str) -> None:
    """Nothing is lost between the engine and the page."""
    blocks = recorded(name)

    assert words_lost_and_added(blocks, read_page(blocks).text) == (Counter(), Counter())


def test_a_table_is_seen_in_its_lines_and_columns_are_none() -> None:
    assert [shows_table(recorded(name).lines) for name in ("columns", "table")] == [False, True]


@pytest.mark.parametrize("name", ["columns", "table"])
def test_a_clean_scan_is_far_from_the_confidence_that_is_warned_about(name: str) -> None:
    assert recorded(name).confidence() > 0.98
