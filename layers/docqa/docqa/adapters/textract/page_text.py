"""The text of a page out of its blocks: every word of every line once, tables and fields where their first word is.

Only the words of a heading that spans several columns of a table stand at each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from docqa.adapters.textract.blocks import Line, PageBlocks
from docqa.adapters.textract.forms import Field, read_fields
from docqa.adapters.textract.layout import FRAME, HEADINGS, Part, Role, parts_of
from docqa.adapters.textract.reading_order import is_apart
from docqa.adapters.textract.tables import Table, read_tables
from docqa.domain.page_text import clean

_MARKS = {Role.TITLE: "# ", Role.SECTION: "## "}
# Between two lines of one row: wider than the space between words, and without a sign that is not on the page.
_IN_A_ROW = "  "


@dataclass(frozen=True, slots=True)
class ReadPage:
    """What a page says.

    Attributes:
        text: In the order of reading, as Markdown.
        tables: Its tables as they are in the text, from the top of the page to its end.
        ends_with_table: Nothing but footers follows the last table.
    """

    text: str
    tables: list[Table] = field(default_factory=list)
    ends_with_table: bool = False


def read_page(page: PageBlocks, header_before: Sequence[str] = ()) -> ReadPage:
    """The page's text.

    Args:
        page: Its blocks.
        header_before: The columns of the table that the page before ended with, for a table that goes on here.
    """
    parts = parts_of(page)
    tables = read_tables(page)
    framing = {
        word.id for part in parts if part.role in (*FRAME, *HEADINGS) for line in part.lines for word in line.words
    }
    in_tables = {word: table for table in tables for word in table.words}
    fields = {word: one for one in read_fields(page, framing | set(in_tables)) for word in one.words}
    writer = _Writer(page, in_tables, fields, list(header_before))
    for part in parts:
        writer.write(part)
    return writer.result()


class _Writer:
    """Walks over the words in reading order."""

    def __init__(
        self, page: PageBlocks, tables: dict[str, Table], fields: dict[str, Field], header_before: list[str]
    ) -> None:
        self._page = page
        self._tables = tables
        self._fields = fields
        self._header_before = header_before
        self._blocks: list[str] = []
        self._kinds: list[Role | None] = []
        self._paragraph: list[str] = []
        self._written: list[Table] = []
        self._done: set[str] = set()

    def write(self, part: Part) -> None:
        """One part of the page, as a paragraph of its own or several."""
        if part.role in HEADINGS:
            self._heading(part)
            return
        above: Line | None = None
        for line in part.lines:
            if above is not None and is_apart(above, line):
                self._end_paragraph(part.role)
            self._line(line, part.role, in_row=above is not None and above.box.shares_row(line.box))
            above = line
        self._end_paragraph(part.role)

    def result(self) -> ReadPage:
        """Everything that was written."""
        body = [kind for kind in self._kinds if kind not in FRAME]
        return ReadPage(
            clean("\n\n".join(self._blocks)),
            self._written,
            ends_with_table=body[-1:] == [None],
        )

    def _heading(self, part: Part) -> None:
        words: list[str] = []
        for line in part.lines:
            for word in line.words:
                if table := self._tables.get(word.id):
                    self._table(table)
                else:
                    words.append(word.text)
        if words:
            self._block(_MARKS[part.role] + " ".join(words), part.role)

    def _line(self, line: Line, role: Role, *, in_row: bool) -> None:
        words: list[str] = []
        above_in_row = in_row
        for word in line.words:
            if table := self._tables.get(word.id):
                self._say(words, in_row=in_row)
                words, in_row = [], False
                self._end_paragraph(role)
                self._table(table)
            elif entry := self._fields.get(word.id):
                self._say(words, in_row=in_row)
                words, in_row = [], False
                self._field(entry, in_row=above_in_row)
            else:
                words.append(word.text)
        self._say(words, in_row=in_row)

    def _say(self, words: Sequence[str], *, in_row: bool) -> None:
        """Words of a line, in the row of the line before or in one of their own."""
        if not words:
            return
        if in_row and self._paragraph:
            self._paragraph[-1] += _IN_A_ROW + " ".join(words)
        else:
            self._paragraph.append(" ".join(words))

    def _field(self, entry: Field, *, in_row: bool) -> None:
        """A field on a line of its own; a check box stays beside what it belongs to."""
        if entry.words & self._done:
            return
        self._done |= entry.words
        self._say([entry.text], in_row=in_row and entry.is_check_box)

    def _table(self, table: Table) -> None:
        if table.words & self._done:
            return
        self._done |= table.words
        first = not any(kind not in FRAME for kind in self._kinds)
        if first and not table.has_header and table.columns == len(self._header_before):
            table = table.under(self._header_before)
        self._written.append(table)
        self._block(table.markdown, None)

    def _end_paragraph(self, role: Role) -> None:
        if self._paragraph:
            self._block("\n".join(self._paragraph), role)
            self._paragraph = []

    def _block(self, text: str, kind: Role | None) -> None:
        self._blocks.append(text)
        self._kinds.append(kind)
