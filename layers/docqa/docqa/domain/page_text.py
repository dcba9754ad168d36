"""The text of a page as it is kept, indexed and quoted."""

from __future__ import annotations

import re

_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
# A hyphen that only breaks a word at a line's end: PDFium writes U+FFFE or U+0002 for it, HTML U+00AD.
_LINE_BREAK_HYPHEN = re.compile("[\ufffe\x02\u00ad]\n?")
# Everything below U+0020 but tab and line feed, DEL, the C1 block, and halves of surrogate pairs.
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
# From the first blank of a run only: from each of them, a long run within a line takes the square of its length.
_TRAILING_SPACE = re.compile(r"(?<![ \t\u00a0])[ \t\u00a0]+(?=\n|$)")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """One kind of line end, joined words, no control characters, no trailing space, at most one blank line."""
    text = _LINE_ENDS.sub("\n", text)
    text = _LINE_BREAK_HYPHEN.sub("", text)
    text = _NO_TEXT.sub("", text)
    return _BLANK_LINES.sub("\n\n", _TRAILING_SPACE.sub("", text)).strip()


def keep(text: str) -> str:
    """As `clean`, but spaces and blank lines stay: plain text may mean something by them."""
    return _NO_TEXT.sub("", _LINE_ENDS.sub("\n", text))
