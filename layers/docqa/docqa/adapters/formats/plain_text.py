"""Plain text."""

from __future__ import annotations

from typing import IO

from docqa.adapters.formats.pieces import Contents, WholeFormat
from docqa.adapters.formats.text_decoding import TEXT_MAX_BYTES, read_text
from docqa.adapters.formats.text_parts import parts
from docqa.domain.hidden_marks import without_marks
from docqa.domain.page_text import keep

_FORM_FEED = "\f"


class PlainTextFormat(WholeFormat):
    """Form feeds divide pages; without any there is one page, unless the text is very long."""

    def parse(self, file: IO[bytes]) -> Contents:
        """Pages with their text as it stands."""
        pages = without_marks(read_text(file, TEXT_MAX_BYTES)).split(_FORM_FEED)
        return Contents([piece for page in pages for piece in parts(page)], tidy=keep)
