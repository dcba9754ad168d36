"""Excel, by openpyxl: a sheet is a page, or several where it is long; values as they are shown."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import IO

from openpyxl import load_workbook
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from docqa.adapters.formats.archives import Archive, opened_archive
from docqa.adapters.formats.office import damage_stated
from docqa.adapters.formats.pieces import Contents, Piece, WholeFormat
from docqa.adapters.formats.sheet_rows import RowsToPages
from docqa.adapters.formats.xlsx_cells import sheet_rows
from docqa.adapters.formats.xlsx_extras import extras
from docqa.adapters.formats.xlsx_layout import sheet_layout
from docqa.errors import DocumentTooLargeError


class XlsxFormat(WholeFormat):
    """Sheets in order, hidden ones too; what is hidden is marked."""

    def parse(self, file: IO[bytes]) -> Contents:
        """Pages of all sheets."""
        with opened_archive(file, self.limits) as archive:
            file.seek(0)
            with warnings.catch_warnings(), damage_stated("Excel workbook"):
                # openpyxl warns of what it cannot keep when a workbook is saved again.
                warnings.simplefilter("ignore")
                workbook = load_workbook(file, read_only=True, data_only=True, keep_links=False)
                return Contents(self._pieces(workbook, archive), workbook.properties.title or "")

    def _pieces(self, workbook: Workbook, archive: Archive) -> list[Piece]:
        pieces: list[Piece] = []
        for sheet in workbook.worksheets:
            for piece in _pages(sheet, archive):
                pieces.append(piece)
                if len(pieces) > self.limits.max_pages:
                    raise DocumentTooLargeError(
                        f"The workbook has more than {self.limits.max_pages} pages of rows. Split it."
                    )
        return pieces


def _pages(sheet: ReadOnlyWorksheet, archive: Archive) -> Iterator[Piece]:
    # openpyxl tells nobody else which part a sheet is.
    path = str(vars(sheet)["_worksheet_path"])
    with archive.open(path) as source:
        layout = sheet_layout(source)
    hidden = sheet.sheet_state != "visible"
    title = sheet.title if sheet.title.lower().startswith("sheet") else f"Sheet {sheet.title}"
    name = f"{title} (hidden)" if hidden else title
    # The size that a file states of a sheet may be wrong, or a trap.
    sheet.reset_dimensions()
    *pages, last = RowsToPages(name, heading=sheet.title, hidden=hidden).pages(sheet_rows(sheet, layout))
    yield from pages
    more = extras(archive, path)
    text = "\n\n".join(filter(None, [last.text, *more.texts]))
    yield replace(last, text=text, pictures=tuple(more.pictures), drawings=more.drawings)
