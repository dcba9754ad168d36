"""What a file is, by its content; its name only tells kinds of text apart."""

from __future__ import annotations

import re

from docqa.errors import MalformedDocumentError, UnsupportedDocumentError

PDF = "application/pdf"
HTML = "text/html"
MARKDOWN = "text/markdown"
PLAIN_TEXT = "text/plain"

# How much of a file's start is looked at. PDF allows its header anywhere in the first 1,024 bytes.
SNIFFED_BYTES = 4096
_PDF_HEADER_WITHIN = 1024

_KNOWN_BINARIES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"RIFF", "an image, sound or film"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"{\\rtf", "a Rich Text document"),
)
_MARKDOWN_NAMES = (".md", ".markdown")
_HTML_NAMES = (".html", ".htm", ".xhtml")
# Text files whose text is not prose as it stands; they need readers of their own.
_OTHER_TEXTS = {".eml": "an e-mail", ".mbox": "a mailbox", ".rtf": "a Rich Text document", ".xml": "an XML file"}
# Names that promise a binary format: text inside is a damaged or mislabelled file, not a plain text.
_BINARY_NAMES = (".pdf", ".docx", ".doc", ".pptx", ".xlsx", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".zip")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_HTML_START = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_ACCEPTED = "docqa reads PDF, HTML, Markdown and plain text"
# Letters that text never holds; one of them may be a slip, more are a binary file.
_CONTROL_SHARE = 0.02
# Of the high bytes of UTF-16 text in a Western language; a binary file has zeros elsewhere too.
_ZERO_SHARE = 0.7
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def media_type(start: bytes, name: str) -> str:
    """The media type of a file.

    Args:
        start: Its first `SNIFFED_BYTES` bytes.
        name: Its name; the suffix counts only among kinds of text.

    Raises:
        UnsupportedDocumentError: a type that docqa does not read.
        MalformedDocumentError: the name promises a binary format that the content is not.
    """
    suffix = "." + name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if b"%PDF-" in start[:_PDF_HEADER_WITHIN]:
        return PDF
    for signature, kind in _KNOWN_BINARIES:
        if start.startswith(signature):
            raise UnsupportedDocumentError(f"The file is {kind}; {_ACCEPTED}. Convert it and upload it again.")
    if not _is_text(start):
        raise UnsupportedDocumentError(f"The file is of an unknown binary type; {_ACCEPTED}.")
    if suffix in _BINARY_NAMES:
        raise MalformedDocumentError(
            f"The file is named {suffix} but does not hold that format: it may be damaged. Upload the original again."
        )
    if suffix in _OTHER_TEXTS:
        raise UnsupportedDocumentError(f"The file is {_OTHER_TEXTS[suffix]}; {_ACCEPTED}.")
    return _kind_of_text(start, suffix)


def utf16_without_mark(start: bytes) -> str:
    """`utf-16-le` or `utf-16-be` when every second byte of Latin text is zero; else empty."""
    pairs = len(start) // 2
    if pairs and start[1::2].count(0) > _ZERO_SHARE * pairs:
        return "utf-16-le"
    return "utf-16-be" if pairs and start[0::2].count(0) > _ZERO_SHARE * pairs else ""


def _is_text(start: bytes) -> bool:
    if start.startswith(_UTF16_MARKS):
        return True
    if encoding := utf16_without_mark(start):
        start = start.decode(encoding, "replace").encode()
    return len(_CONTROL.findall(start)) <= _CONTROL_SHARE * len(start)


def _kind_of_text(start: bytes, suffix: str) -> str:
    encoding = "utf-16" if start.startswith(_UTF16_MARKS) else utf16_without_mark(start) or "utf-8-sig"
    begins = start.decode(encoding, "replace")
    if _HTML_START.match(begins) or (suffix in _HTML_NAMES and "<" in begins):
        return HTML
    if begins.lstrip().startswith("<?xml"):
        raise UnsupportedDocumentError(f"The file is an XML file; {_ACCEPTED}.")
    return MARKDOWN if suffix in _MARKDOWN_NAMES else PLAIN_TEXT
