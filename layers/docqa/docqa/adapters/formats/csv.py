"""Values separated by commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import IO

from docqa.adapters.formats.pieces import Contents, WholeFormat
from docqa.adapters.formats.sheet_rows import RowsToPages
from docqa.adapters.formats.text_decoding import TEXT_MAX_BYTES, read_text
from docqa.domain.hidden_marks import without_marks
from docqa.errors import MalformedDocumentError

_SAMPLE_LINES = 50
_DELIMITERS = ",;\t|"
_FIELD_MAX_CHARACTERS = 1_000_000


class CsvFormat(WholeFormat):
    """A CSV file is one table; its first row names the columns."""

    def parse(self, file: IO[bytes]) -> Contents:
        """The table, on as many pages as it needs."""
        text = without_marks(read_text(file, TEXT_MAX_BYTES))
        return Contents(list(RowsToPages().pages(enumerate(_rows(text), start=1))))


def _rows(text: str) -> Iterator[list[str]]:
    csv.field_size_limit(_FIELD_MAX_CHARACTERS)
    delimiter = _delimiter(text)
    try:
        if not delimiter:
            yield from ([line] for line in text.splitlines())
        else:
            yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    except csv.Error as error:
        raise MalformedDocumentError(
            "The CSV file cannot be read: a field is longer than a million characters, or a quote is never closed."
        ) from error


def _delimiter(text: str) -> str:
    """The delimiter that cuts most lines into equally many fields, more than one; empty when none does.

    Python's own sniffer guesses letters where there is no delimiter.
    """
    lines = "\n".join([line for line in text.splitlines() if line.strip()][:_SAMPLE_LINES])
    best, best_score = "", 0.5
    for delimiter in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(io.StringIO(lines), delimiter=delimiter, skipinitialspace=True)]
        except csv.Error:
            continue
        usual = max(set(widths), key=widths.count, default=1)
        score = widths.count(usual) / len(widths) if usual > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best
