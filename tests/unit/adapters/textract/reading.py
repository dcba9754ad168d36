"""What a page's text has to hold: every word of its lines, once."""

from __future__ import annotations

import re
from collections import Counter

from docqa.adapters.textract.blocks import PageBlocks
from docqa.adapters.textract.tables import read_tables


def words_lost_and_added(blocks: PageBlocks, text: str) -> tuple[Counter[str], Counter[str]]:
    """Words of the lines that are missing in the text, and words in the text that are in no line.

    A colon is written between a field's key and its value, a hash before a heading; the heading of several columns of a
    table stands over each. None of these signs is looked at.
    """
    wanted = Counter(word for line in blocks.lines for word in _plain(line.text).split())
    found = Counter(_plain(_without_marks(text)).split())
    over_columns: Counter[str] = Counter()
    for table in read_tables(blocks):
        over_columns += Counter(_plain(" ".join(table.header).replace("\\|", "|")).split())
    return wanted - found, found - wanted - over_columns


def _plain(text: str) -> str:
    return text.replace(":", " ").replace("#", " ")


def _without_marks(text: str) -> str:
    lines = []
    for line in text.splitlines():
        cells = re.split(r"(?<!\\)\|", line[1:-1]) if line.startswith("| ") and line.endswith(" |") else [line]
        lines.append(" ".join("" if cell.strip() == "---" else cell for cell in cells))
    return "\n".join(lines).replace("[x]", " ").replace("[ ]", " ").replace("\\|", "|")
