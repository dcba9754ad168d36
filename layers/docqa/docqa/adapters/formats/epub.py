"""EPUB: a chapter of the book's spine is a page; its XHTML is read as HTML is."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import IO
from urllib.parse import unquote

from docqa.adapters.formats.archives import Archive, opened_archive
from docqa.adapters.formats.html import html_text
from docqa.adapters.formats.pieces import Contents, Piece, WholeFormat
from docqa.adapters.formats.text_parts import parts
from docqa.adapters.formats.xml_trees import Element, parse_xml
from docqa.domain.headings import first_heading
from docqa.domain.hidden_marks import settle
from docqa.errors import EncryptedDocumentError, MalformedDocumentError

_CONTAINER = "META-INF/container.xml"
_RIGHTS = "META-INF/rights.xml"
_CHAPTERS = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
_PICTURE = re.compile(rb"""<(?:\w+:)?ima?ge?\b[^>]*?(?:src|href)\s*=\s*["']([^"'#]+)["']""", re.IGNORECASE)
_RASTER = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")
_LABEL_MAX_CHARACTERS = 80


class EpubFormat(WholeFormat):
    """Chapters in reading order."""

    def parse(self, file: IO[bytes]) -> Contents:
        """A page a chapter."""
        with opened_archive(file, self.limits) as archive:
            if _RIGHTS in archive.names:
                raise EncryptedDocumentError("The book is protected against copying. Upload a copy without protection.")
            name = _package(archive)
            package = parse_xml(archive.read(name), recover=True)
            pieces = [piece for part in _spine(package, name, archive) for piece in _chapter(part, archive)]
            return Contents(pieces, (package.findtext("{*}metadata/{*}title") or "").strip())


def _package(archive: Archive) -> str:
    """Name of the part that lists the others."""
    stated = [str(one.get("full-path", "")) for one in parse_xml(archive.read(_CONTAINER)).iter("{*}rootfile")]
    for name in [*stated, *sorted(name for name in archive.names if name.endswith(".opf"))]:
        if name in archive.names:
            return name
    raise MalformedDocumentError("The book is damaged: it does not list its chapters. Upload it again.")


def _spine(package: Element, name: str, archive: Archive) -> Iterator[str]:
    """Names of the chapters' parts in reading order; each once."""
    items = {str(item.get("id", "")): item for item in package.iter("{*}item")}
    references = [str(reference.get("idref", "")) for reference in package.iter("{*}itemref")]
    seen: set[str] = set()
    for reference in references:
        item = items.get(reference)
        if item is not None and item.get("media-type") in _CHAPTERS:
            part = archive.find(name, unquote(str(item.get("href", ""))))
            if part and part not in seen:
                seen.add(part)
                yield part


def _chapter(part: str, archive: Archive) -> list[Piece]:
    content = archive.read(part)
    title, text = html_text(content)
    label = (first_heading(settle(text)[0]) or title or posixpath.basename(part))[:_LABEL_MAX_CHARACTERS]
    names = [archive.find(part, unquote(found.decode("utf-8", "replace"))) for found in _PICTURE.findall(content)]
    pictures = tuple(archive.read(name) for name in names if name.lower().endswith(_RASTER))
    drawings = sum(1 for name in names if name and not name.lower().endswith(_RASTER))
    return parts(text, label, pictures, drawings)
