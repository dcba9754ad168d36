"""HTML: what a reader of the page sees, as text with Markdown headings, lists and tables.

What is there but cannot be seen is kept and marked; scripts, styles and the controls of a form are no text.
"""

from __future__ import annotations

import re
from typing import IO

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import CData, PreformattedString
from markdownify import ATX

from docqa.adapters.formats.html_tables import TableConverter, dissolve_layout_tables
from docqa.adapters.formats.pieces import Contents, WholeFormat
from docqa.adapters.formats.text_decoding import read_bytes
from docqa.adapters.formats.text_parts import parts
from docqa.domain.headings import first_heading
from docqa.domain.hidden_marks import hide, settle, without_marks
from docqa.errors import MalformedDocumentError

# A parsed page takes some thirty times its size in memory.
HTML_MAX_BYTES = 10_000_000
_NOT_TEXT = (
    "script", "style", "noscript", "template", "head", "svg", "math", "canvas", "iframe", "object", "embed", "audio",
    "video", "input", "select", "button", "textarea", "dialog",
)  # fmt: skip
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|font-size\s*:\s*[01](px|pt|em|rem|%)?\s*(;|!|$)"
    r"|opacity\s*:\s*0(?![.\d])|text-indent\s*:\s*-\d{3,}|(left|top)\s*:\s*-\d{4,}|clip\s*:\s*rect\(\s*0",
    re.IGNORECASE,
)
_SHOWN_STYLE = re.compile(r"visibility\s*:\s*visible", re.IGNORECASE)
_COLOUR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)", re.IGNORECASE)
_GROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_WHITE = re.compile(r"^(white|#fff|#ffffff|#fefefe|rgba?\(\s*255\s*,\s*255\s*,\s*255\s*(,[^)]*)?\))$", re.IGNORECASE)
_TRANSPARENT = re.compile(r"^(transparent|rgba\([^)]*,\s*0(\.0+)?\s*\))$", re.IGNORECASE)
# Emphasis marks would stand in the middle of quoted sentences; addresses of links and images are not the text.
_PLAIN = ["a", "img", "b", "strong", "em", "i", "u", "s", "del", "mark", "sub", "sup", "code", "kbd", "samp"]


class HtmlFormat(WholeFormat):
    """An HTML file is one page, unless it is very long."""

    def parse(self, file: IO[bytes]) -> Contents:
        """Its stated title, or first heading, and its text."""
        # bs4 finds the encoding: byte order mark, meta tag, else UTF-8 or Windows-1252.
        title, text = html_text(read_bytes(file, HTML_MAX_BYTES))
        return Contents(parts(text), title or first_heading(settle(text)[0]))


def html_text(content: bytes | str) -> tuple[str, str]:
    """Stated title and text of a page; hidden text between the marks of `domain.hidden_marks`.

    Raises:
        MalformedDocumentError: the elements are nested too deeply.
    """
    soup = BeautifulSoup(without_marks(content) if isinstance(content, str) else content, "html.parser")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    _drop_what_is_no_text(soup)
    dissolve_layout_tables(soup)
    converter = TableConverter(
        heading_style=ATX,
        bullets="-",
        strip=_PLAIN,
        escape_asterisks=False,
        escape_underscores=False,
        escape_misc=False,
        # A line's end in the file is a blank on the page.
        wrap=True,
        wrap_width=None,
    )
    try:
        _mark(soup, hidden=False, ground="")
        return title, converter.convert_soup(soup)
    except RecursionError as error:
        raise MalformedDocumentError(
            "The HTML is nested too deeply to be read. Print the page to PDF and upload that."
        ) from error


def _drop_what_is_no_text(soup: BeautifulSoup) -> None:
    for tag in soup.find_all(_NOT_TEXT):
        # A document without a body may hold its text in what the parser takes for the head.
        tag.decompose()
    # Comments, document types, and the declaration that begins every chapter of an EPUB.
    for string in soup.find_all(string=lambda string: isinstance(string, PreformattedString)):
        if not isinstance(string, CData):
            string.extract()


def _mark(tag: Tag, *, hidden: bool, ground: str) -> None:
    """Put marks around every text below `tag` that cannot be seen.

    Args:
        tag: Where to look.
        hidden: Something around it hides it.
        ground: The colour behind it, as far as the elements themselves state one; empty is the paper's white.
    """
    for child in list(tag.children):
        if isinstance(child, Tag):
            style = str(child.get("style", ""))
            below = _colour(_GROUND, style) or str(child.get("bgcolor", "")).strip() or ground
            _mark(child, hidden=_is_hidden(child, style, below, hidden=hidden), ground=below)
        elif type(child) is NavigableString:
            text = without_marks(child)
            if hidden or text != child:
                child.replace_with(hide(text) if hidden else text)


def _is_hidden(tag: Tag, style: str, ground: str, *, hidden: bool) -> bool:
    if tag.has_attr("hidden") or _HIDDEN_STYLE.search(style):
        return True
    colour = _colour(_COLOUR, style) or str(tag.get("color", "")).strip()
    if colour:
        return bool(_TRANSPARENT.match(colour)) or (_is_white(colour) and (not ground or _is_white(ground)))
    return hidden and not _SHOWN_STYLE.search(style)


def _colour(pattern: re.Pattern[str], style: str) -> str:
    found = pattern.search(style)
    return found[1].strip() if found else ""


def _is_white(colour: str) -> bool:
    return _WHITE.match(colour) is not None
