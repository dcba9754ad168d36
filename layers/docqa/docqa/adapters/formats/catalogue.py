"""Which media type is read by which format. A parser is imported when a document first needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from docqa.domain import media_types
from docqa.domain.parsing_limits import ParsingLimits
from docqa.ports.reading import DocumentFormat, PageSelector, TypeDetector


class SelectingFormat(DocumentFormat, PageSelector, Protocol):
    """A format that also takes out the pages whose text has to be recognised."""


Maker = Callable[[ParsingLimits], SelectingFormat]


def detector(limits: ParsingLimits) -> TypeDetector:
    """What tells the types apart."""
    from docqa.adapters.formats.detection import ContentDetector

    return ContentDetector(limits)


def pdf(limits: ParsingLimits) -> SelectingFormat:  # noqa: ARG001 - what a PDF may cost is PDFium's to check
    """PDF."""
    from docqa.adapters.pdf import PdfFormat

    return PdfFormat()


def picture(limits: ParsingLimits) -> SelectingFormat:
    """PNG, JPEG, TIFF, GIF, BMP, WebP."""
    from docqa.adapters.formats.picture import PictureFormat

    return PictureFormat(limits)


def docx(limits: ParsingLimits) -> SelectingFormat:
    """Word."""
    from docqa.adapters.formats.docx import DocxFormat

    return DocxFormat(limits)


def pptx(limits: ParsingLimits) -> SelectingFormat:
    """PowerPoint."""
    from docqa.adapters.formats.pptx import PptxFormat

    return PptxFormat(limits)


def xlsx(limits: ParsingLimits) -> SelectingFormat:
    """Excel."""
    from docqa.adapters.formats.xlsx import XlsxFormat

    return XlsxFormat(limits)


def odt(limits: ParsingLimits) -> SelectingFormat:
    """OpenDocument text."""
    from docqa.adapters.formats.odt import OdtFormat

    return OdtFormat(limits)


def epub(limits: ParsingLimits) -> SelectingFormat:
    """EPUB."""
    from docqa.adapters.formats.epub import EpubFormat

    return EpubFormat(limits)


def rtf(limits: ParsingLimits) -> SelectingFormat:
    """Rich Text."""
    from docqa.adapters.formats.rtf import RtfFormat

    return RtfFormat(limits)


def csv(limits: ParsingLimits) -> SelectingFormat:
    """Values separated by commas, semicolons or tabs."""
    from docqa.adapters.formats.csv import CsvFormat

    return CsvFormat(limits)


def eml(limits: ParsingLimits) -> SelectingFormat:
    """A mail as it is sent."""
    from docqa.adapters.formats.eml import EmlFormat

    return EmlFormat(limits)


def msg(limits: ParsingLimits) -> SelectingFormat:
    """A mail as Outlook keeps it."""
    from docqa.adapters.formats.msg import MsgFormat

    return MsgFormat(limits)


def html(limits: ParsingLimits) -> SelectingFormat:
    """HTML."""
    from docqa.adapters.formats.html import HtmlFormat

    return HtmlFormat(limits)


def xml(limits: ParsingLimits) -> SelectingFormat:
    """XML of any kind."""
    from docqa.adapters.formats.xml import XmlFormat

    return XmlFormat(limits)


def markdown(limits: ParsingLimits) -> SelectingFormat:
    """Markdown."""
    from docqa.adapters.formats.markdown import MarkdownFormat

    return MarkdownFormat(limits)


def plain_text(limits: ParsingLimits) -> SelectingFormat:
    """Plain text."""
    from docqa.adapters.formats.plain_text import PlainTextFormat

    return PlainTextFormat(limits)


MAKERS: Mapping[str, Maker] = {
    media_types.PDF: pdf,
    media_types.PNG: picture,
    media_types.JPEG: picture,
    media_types.TIFF: picture,
    media_types.GIF: picture,
    media_types.BMP: picture,
    media_types.WEBP: picture,
    media_types.DOCX: docx,
    media_types.PPTX: pptx,
    media_types.XLSX: xlsx,
    media_types.ODT: odt,
    media_types.EPUB: epub,
    media_types.RTF: rtf,
    media_types.CSV: csv,
    media_types.EML: eml,
    media_types.MSG: msg,
    media_types.HTML: html,
    media_types.XML: xml,
    media_types.MARKDOWN: markdown,
    media_types.PLAIN_TEXT: plain_text,
}
