"""Which kind of text a file is: its beginning says it, and among kinds that look alike its name."""

from __future__ import annotations

import re

# The byte order marks of UTF-16.
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MARKDOWN_NAMES = (".md", ".markdown")
_HTML_NAMES = (".html", ".htm", ".xhtml")
_CSV_NAMES = (".csv", ".tsv", ".tab")
_EML_NAMES = (".eml",)
_HTML_START = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
# Markdown may begin so too.
_HTML_PIECE = re.compile(r"\s*<(table|div|p|meta|style|title)\b", re.IGNORECASE)
_XML_START = re.compile(r"\s*<\?xml\s", re.IGNORECASE)
_HEADER_LINE = re.compile(r"(?:From |>From |[!-9;-~]+[ \t]*:)")
# Header lines that only mails begin with.
_MAIL_HEADER = re.compile(
    r"^(from|to|subject|date|received|message-id|return-path|delivered-to|mime-version|content-type|x-[\w-]+)[ \t]*:",
    re.IGNORECASE,
)
_MAIL_HEADERS = 2
_MAIL_LINES = 20
_CSV_DELIMITERS = "\t,;"
_CSV_LINES = 3
_CSV_DELIMITERS_A_LINE = 2
# Base64 has lines of 76 characters and no blanks.
_LONG_WORD = 40
# Letters that text never holds; one of them may be a slip, more are a binary file.
_CONTROL_SHARE = 0.02
# Of the high bytes of UTF-16 text in a Western language; a binary file has zeros elsewhere too.
_ZERO_SHARE = 0.7
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def is_text(start: bytes) -> bool:
    """Whether these first bytes of a file are text in some encoding."""
    if start.startswith(UTF16_MARKS):
        return True
    if encoding := utf16_without_mark(start):
        start = start.decode(encoding, "replace").encode()
    return len(_CONTROL.findall(start)) <= _CONTROL_SHARE * len(start)


def utf16_without_mark(start: bytes) -> str:
    """`utf-16-le` or `utf-16-be` when every second byte of Latin text is zero; else empty."""
    pairs = len(start) // 2
    if pairs and start[1::2].count(0) > _ZERO_SHARE * pairs:
        return "utf-16-le"
    return "utf-16-be" if pairs and start[0::2].count(0) > _ZERO_SHARE * pairs else ""


def has_words(start: bytes) -> bool:
    """Whether these first bytes of a text file are words with blanks between them, and not figures or a coded file."""
    words = start.split()
    return bool(words) and len(start) / len(words) < _LONG_WORD


def kind_of_text(start: bytes, suffix: str) -> str:
    """html, xml, eml, csv, markdown or plain.

    Args:
        start: The first bytes of a text file.
        suffix: Of its name, with the dot, in lower case.
    """
    encoding = "utf-16" if start.startswith(UTF16_MARKS) else utf16_without_mark(start) or "utf-8-sig"
    begins = start.decode(encoding, "replace")
    if _HTML_START.match(begins) or (suffix in _HTML_NAMES and "<" in begins):
        return "html"
    if _XML_START.match(begins):
        return "xml"
    if suffix in _EML_NAMES or _is_mail(begins):
        return "eml"
    if suffix in _MARKDOWN_NAMES:
        return "markdown"
    if _HTML_PIECE.match(begins):
        return "html"
    return "csv" if suffix in _CSV_NAMES or _is_csv(begins) else "plain"


def _is_mail(text: str) -> bool:
    """Whether the text begins with header lines, at least two of which only mails have."""
    found = 0
    for line in text.lstrip("\ufeff\r\n").splitlines()[:_MAIL_LINES]:
        if not line.strip():
            break
        if line[0] in " \t":
            continue
        if not _HEADER_LINE.match(line):
            return False
        found += _MAIL_HEADER.match(line) is not None
    return found >= _MAIL_HEADERS


def _is_csv(text: str) -> bool:
    """Whether every line but the last, which may be cut off, has as many of one delimiter."""
    lines = [line for line in text.splitlines() if line.strip()][:-1]
    if len(lines) < _CSV_LINES:
        return False
    for delimiter in _CSV_DELIMITERS:
        counts = {line.count(delimiter) for line in lines}
        if len(counts) == 1 and counts.pop() >= _CSV_DELIMITERS_A_LINE:
            return True
    return False
