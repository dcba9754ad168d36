"""HTML: what a reader of the page sees, as text with Markdown headings, lists and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from bs4 import BeautifulSoup, Comment, Tag
from markdownify import ATX, MarkdownConverter

from docqa.adapters.plain_text import text_page
from docqa.adapters.text_decoding import read_bytes
from docqa.domain.headings import first_heading
from docqa.domain.page_text import clean
from docqa.errors import MalformedDocumentError
from docqa.models.page import Page
from docqa.ports.reading import Outline

# A parsed page takes some thirty times its size in memory.
HTML_MAX_BYTES = 10_000_000
_OPENING_CHARACTERS = 1_000
_NOT_SHOWN = (
    "script", "style", "noscript", "template", "head", "svg", "math", "canvas", "iframe", "object", "embed", "audio",
    "video", "input", "select", "button", "textarea", "dialog",
)  # fmt: skip
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])", re.IGNORECASE
)
# Emphasis marks would stand in the middle of quoted sentences; addresses of links and images are not the text.
_PLAIN = ["a", "img", "b", "strong", "em", "i", "u", "s", "del", "mark", "sub", "sup", "code", "kbd", "samp"]


class HtmlFormat:
    """Implements `ports.DocumentFormat`. An HTML file is one page."""

    def outline(self, file: IO[bytes]) -> Outline:
        """Its stated title, or first heading, and first lines."""
        soup = _parse(file)
        stated = soup.title.get_text(" ", strip=True) if soup.title else ""
        text = _visible_text(soup)
        return Outline(pages=1, title=stated or first_heading(text), opening=text[:_OPENING_CHARACTERS])

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:  # noqa: ARG002 - there is one page
        """The one page."""
        yield text_page(1, _visible_text(_parse(file)))


def _parse(file: IO[bytes]) -> BeautifulSoup:
    # bs4 finds the encoding: byte order mark, meta tag, else UTF-8 or Windows-1252.
    return BeautifulSoup(read_bytes(file, HTML_MAX_BYTES), "html.parser")


def _visible_text(soup: BeautifulSoup) -> str:
    for tag in soup.find_all(_NOT_SHOWN):
        tag.decompose()
    for tag in soup.find_all(_is_hidden):
        tag.decompose()
    for comment in soup.find_all(string=lambda string: isinstance(string, Comment)):
        comment.extract()
    converter = MarkdownConverter(
        heading_style=ATX,
        bullets="-",
        strip=_PLAIN,
        escape_asterisks=False,
        escape_underscores=False,
        escape_misc=False,
    )
    try:
        return clean(converter.convert_soup(soup))
    except RecursionError as error:
        raise MalformedDocumentError(
            "The HTML is nested too deeply to be read. Print the page to PDF and upload that."
        ) from error


def _is_hidden(tag: Tag) -> bool:
    return (
        tag.has_attr("hidden")
        or tag.get("aria-hidden") == "true"
        or bool(_HIDDEN_STYLE.search(str(tag.get("style", ""))))
    )
