"""Bytes of text files as text."""

from __future__ import annotations

import codecs
from typing import IO

from docqa.domain.media_types import SNIFFED_BYTES
from docqa.domain.text_kinds import utf16_without_mark
from docqa.errors import DocumentTooLargeError

# 20 MB are some 8,000 printed pages; in memory as text twice, far below 1 GB.
TEXT_MAX_BYTES = 20_000_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(file: IO[bytes], max_bytes: int) -> str:
    """The whole file as text: by its byte order mark, else UTF-8, else Windows-1252.

    Raises:
        DocumentTooLargeError: more than `max_bytes` bytes.
    """
    return decode(read_bytes(file, max_bytes))


def read_bytes(file: IO[bytes], max_bytes: int) -> bytes:
    """The whole file.

    Raises:
        DocumentTooLargeError: more than `max_bytes` bytes.
    """
    file.seek(0)
    content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise DocumentTooLargeError(
            f"A file of this type may have {max_bytes // 1_000_000} MB at most. Split it and upload the parts."
        )
    return content


def decode(content: bytes) -> str:
    """Text of these bytes; what no encoding explains becomes U+FFFD."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if encoding := utf16_without_mark(content[:SNIFFED_BYTES]):
        return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")
