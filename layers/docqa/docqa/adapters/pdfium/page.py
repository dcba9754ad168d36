"""One page of a PDF: measured, judged, and read where its text layer is good."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce

import pypdfium2

from docqa.adapters.pdfium.columns import reading_order
from docqa.adapters.pdfium.documents import page_label
from docqa.adapters.pdfium.drawing import Drawing, look_at
from docqa.adapters.pdfium.fields import with_fields
from docqa.adapters.pdfium.forms import load_page
from docqa.adapters.pdfium.geometry import Box
from docqa.adapters.pdfium.hidden import Hidden, find_hidden
from docqa.adapters.pdfium.layer import TextLayer, text_layer
from docqa.adapters.pdfium.lines import Row, Span, placed_lines, without_lines
from docqa.adapters.pdfium.visibility import is_blank, what_shows
from docqa.domain.hidden_marks import hide, settle, without_marks
from docqa.domain.page_quality import (
    OUTLINED_TEXT_PATHS,
    SCAN_COVER,
    PageMeasures,
    choose_method,
    depends_on_picture,
    measure,
)
from docqa.domain.parsing_limits import ParsingLimits
from docqa.domain.repeated_lines import PAGES_BACK, PageLines, repeated_lines
from docqa.errors import ParsingLimitError
from docqa.models.page import Page, ReadingMethod, Shows

# Page numbers and stamps of courts and offices. More text than this is a page's own, wherever it stands.
_STAMP_CHARACTERS = 600
# Share of the page's height.
_MARGIN = 0.12
_MARGIN_SAMPLES = 60


class PageReader:
    """Reads the pages of a document one after the other, and remembers their margins."""

    def __init__(self, document: pypdfium2.PdfDocument, limits: ParsingLimits) -> None:
        self._document = document
        self._limits = limits
        self._before: deque[PageLines] = deque(maxlen=PAGES_BACK)

    def pages(self, first: int, last: int) -> Iterator[Page]:
        """Pages `first` to `last`, each with its text or the mark that it has to be extracted.

        Raises:
            ParsingLimitError: a page has more characters than a page may have.
        """
        for number in range(max(first - PAGES_BACK, 1), last + 1):
            page = self._page(number, wanted=number >= first)
            if page:
                yield page

    def _page(self, number: int, wanted: bool) -> Page | None:
        label = page_label(self._document, number)
        try:
            page, own = load_page(self._document, number)
        except pypdfium2.PdfiumError:
            damaged = Page(number, "", ReadingMethod.UNREADABLE, "the page is damaged", confidence=0.0, label=label)
            return damaged if wanted else None
        try:
            layer = self._layer(page, number)
            lines = placed_lines(page, layer, Box(*page.get_bbox()), number)
            left_out = repeated_lines(lines, self._before) if wanted else ()
            self._before.append(lines)
            if not wanted:
                return None
            rows = reading_order(layer) if own is None else with_fields(layer, own)
            empty = Page(number, "", ReadingMethod.EMPTY, label=label)
            read = _read(page, layer, without_lines(rows, left_out), empty, self._limits.max_image_pixels)
            return _noted(read, len(left_out))
        finally:
            page.close()

    def _layer(self, page: pypdfium2.PdfPage, number: int) -> TextLayer:
        layer = text_layer(page)
        most = self._limits.max_page_characters
        if layer.count > most:
            raise ParsingLimitError(f"Page {number} holds {layer.count} characters; at most {most} are read.")
        layer.load()
        return layer


def _noted(page: Page, left_out: int) -> Page:
    if not left_out or not page.text:
        return page
    lines = "1 line" if left_out == 1 else f"{left_out} lines"
    return replace(page, reason=f"{page.reason}; {lines} as on the pages before left out")


def _read(page: pypdfium2.PdfPage, layer: TextLayer, rows: Iterable[Row], empty: Page, pixels: int) -> Page:
    box = Box(*page.get_bbox())
    drawing = look_at(page)
    hidden = find_hidden(page, layer, drawing, box, pixels)
    measures = _measures(page, layer, drawing, hidden, box)
    if depends_on_picture(measures) and drawing.pixels <= pixels:
        measures = replace(measures, blank=is_blank(page, drawing.texts(), box))
    method, reason = choose_method(measures)
    if hidden.kinds:
        reason = f"{reason}; {measures.hidden} hidden characters ({', '.join(hidden.kinds)})"
    shows = Shows.NOT_LOOKED_AT
    if method is ReadingMethod.NEEDS_OCR:
        shows = _shows(page, drawing, measures, box, pixels)
    if method is not ReadingMethod.TEXT_LAYER and not measures.is_kept:
        return replace(empty, method=method, reason=reason, shows=shows)
    text, spans = settle(_marked(layer.text, rows, hidden.spans))
    return replace(empty, text=text, method=method, reason=reason, hidden=spans, shows=shows)


def _shows(page: pypdfium2.PdfPage, drawing: Drawing, measures: PageMeasures, box: Box, pixels: int) -> Shows:
    """What there is to see on a page that has to be read by eye, besides the text that is kept of it."""
    if measures.text.characters and not measures.is_kept and measures.layer_agreement is None:
        return Shows.WRITING  # the letters are drawn, whatever they mean
    if drawing.pixels > pixels:
        return Shows.NOT_LOOKED_AT
    outlined = drawing.paths >= OUTLINED_TEXT_PATHS or not drawing.pictures
    # Only the pictures: the white around a photograph would pass for paper.
    seen = [] if outlined else [part for one in drawing.pictures if (part := one.box.clipped(box)).area]
    shows = what_shows(page, drawing.texts(), reduce(Box.joined, seen) if seen else box)
    illustrates = bool(measures.text.characters) and not outlined and measures.image_cover < SCAN_COVER
    return Shows.PICTURE if shows is Shows.WRITING and illustrates else shows


def _measures(page: pypdfium2.PdfPage, layer: TextLayer, drawing: Drawing, hidden: Hidden, box: Box) -> PageMeasures:
    seen = list(layer.text)
    for first, last in reversed(hidden.spans):
        del seen[first:last]
    text = measure("".join(seen), layer.unmapped())
    in_margins = 0 < text.characters <= _STAMP_CHARACTERS and hidden.agreement is None
    return PageMeasures(
        text,
        image_cover=drawing.cover(box),
        paths=drawing.paths,
        layer_agreement=hidden.agreement,
        in_margins=in_margins and bool(drawing.pictures) and _stands_in_margins(page, layer, box),
        hidden=sum(not one.isspace() for first, last in hidden.spans for one in layer.text[first:last]),
    )


def _stands_in_margins(page: pypdfium2.PdfPage, layer: TextLayer, box: Box) -> bool:
    """Whether no text stands between the upper and the lower margin of the page as it is shown."""
    step = max(layer.count // _MARGIN_SAMPLES, 1)
    middles = [layer.box(place).middle for place in range(0, layer.count, step) if layer.owner(place)]
    upright = page.get_rotation() % 180 == 0
    heights = [
        (y - box.bottom) / max(box.height, 1.0) if upright else (x - box.left) / max(box.width, 1.0) for x, y in middles
    ]
    return all(not _MARGIN < height < 1 - _MARGIN for height in heights)


def _marked(text: str, rows: Iterable[Row], hidden: Sequence[Span]) -> str:
    """The rows of the text below each other, what is hidden between marks."""
    return "\n".join(
        " ".join(
            "".join(
                hide(without_marks(text[start:end])) if is_hidden else without_marks(text[start:end])
                for start, end, is_hidden in _parts(span, hidden)
            )
            for span in row
        )
        for row in rows
    )


def _parts(span: Span, hidden: Sequence[Span]) -> Iterator[tuple[int, int, bool]]:
    start, end = span
    for first, last in hidden:
        if first < end and start < last:
            yield start, max(first, start), False
            yield max(first, start), min(last, end), True
            start = min(last, end)
    yield start, end, False
