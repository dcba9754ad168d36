"""What a file is, by its content; its name only tells kinds of text apart."""

from __future__ import annotations

from docqa.domain.text_kinds import has_words, is_text, kind_of_text
from docqa.errors import MalformedDocumentError, UnsupportedDocumentError

# Part of the settings hash: raise it when a format other than PDF gives other pages or other text.
READING_VERSION = 1

PDF = "application/pdf"
HTML = "text/html"
MARKDOWN = "text/markdown"
PLAIN_TEXT = "text/plain"
CSV = "text/csv"
XML = "application/xml"
EML = "message/rfc822"
RTF = "application/rtf"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
GIF = "image/gif"
BMP = "image/bmp"
WEBP = "image/webp"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
EPUB = "application/epub+zip"
MSG = "application/vnd.ms-outlook"
# Families that only a look into the container tells apart (adapters/formats/detection.py).
ZIP = "application/zip"
OLE = "application/x-ole-storage"

ACCEPTED = (
    "docqa reads PDF, Word (.docx), PowerPoint (.pptx), Excel (.xlsx), OpenDocument text (.odt), RTF, EPUB, e-mail "
    "(.eml, .msg), HTML, XML, Markdown, CSV, plain text, and pictures (PNG, JPEG, TIFF, GIF, BMP, WebP)"
)

# How much of a file's start is looked at. PDF allows its header anywhere in the first 1,024 bytes.
SNIFFED_BYTES = 4096
_PDF_HEADER_WITHIN = 1024

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"GIF8", GIF),
    (b"{\\rtf", RTF),
)
_UNREAD: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"RIFF", "a sound or film"),
    (b"ID3", "a sound"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"II+\x00", "a BigTIFF image"),
    (b"MM\x00+", "a BigTIFF image"),
    (b"\x78\x9f\x3e\x22", "a TNEF attachment (winmail.dat) of Outlook"),
    (b"\xd7\xcd\xc6\x9a", "a Windows drawing (WMF)"),
)
# Names that promise a binary format. Words inside are a text with the wrong name; anything else is a damaged file.
_BINARY_NAMES = (
    ".pdf", ".docx", ".doc", ".pptx", ".ppt", ".xlsx", ".xls", ".odt", ".epub", ".msg",
    ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".gif", ".bmp", ".webp", ".zip",
)  # fmt: skip
_TEXTS = {"html": HTML, "xml": XML, "eml": EML, "csv": CSV, "markdown": MARKDOWN, "plain": PLAIN_TEXT}


def media_type(start: bytes, name: str) -> str:
    """The media type of a file, or ZIP or OLE for what only its container can tell.

    Args:
        start: Its first `SNIFFED_BYTES` bytes.
        name: Its name; the suffix counts only among kinds of text.

    Raises:
        UnsupportedDocumentError: a type that docqa does not read.
        MalformedDocumentError: the name promises a binary format that the content is not.
    """
    if b"%PDF-" in start[:_PDF_HEADER_WITHIN]:
        return PDF
    if binary := _binary(start):
        return binary
    if not is_text(start):
        raise UnsupportedDocumentError(f"The file is of an unknown binary type; {ACCEPTED}.")
    suffix = "." + name.rsplit(".", 1)[-1].lower() if "." in name else ""
    kind = _TEXTS[kind_of_text(start, suffix)]
    if kind in (PLAIN_TEXT, CSV) and suffix in _BINARY_NAMES and not has_words(start):
        raise MalformedDocumentError(
            f"The file is named {suffix} but does not hold that format: it may be damaged. Upload the original again."
        )
    return kind


def _binary(start: bytes) -> str:
    for signature, kind in _SIGNATURES:
        if start.startswith(signature):
            return kind
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return WEBP
    # "BM" begins words too; the four bytes after the size are reserved and zero.
    if start.startswith(b"BM") and start[6:10] == b"\x00\x00\x00\x00":
        return BMP
    for signature, kind in _UNREAD:
        if start.startswith(signature):
            raise UnsupportedDocumentError(f"The file is {kind}; {ACCEPTED}. Convert it and upload it again.")
    return ""
