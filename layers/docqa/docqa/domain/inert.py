"""Text that stays text wherever it is shown: no markup, no address, no link."""

from __future__ import annotations

import re

_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)")
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\b(?:mailto|javascript|data|vbscript|tel):|\bwww\.)\S+", re.IGNORECASE
)
# Control characters, characters of no width or that turn the direction of writing, tags and variation selectors.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_MARKS = str.maketrans({"<": "\u2039", ">": "\u203a", "[": "(", "]": ")", "`": "'", "|": "\u00a6"})
_LEADING_MARK = re.compile(r"(?m)^\s*(?:#{1,6}|[-*+]|>)\s+")
_SPACE = re.compile(r"\s+")


def inert(text: str) -> str:
    """One line of plain text: links become their label; addresses, hidden characters and the force of marks go."""
    plain = _LEADING_MARK.sub("", without_invisible(text))
    plain = _ADDRESS.sub("(address left out)", _IMAGE_OR_LINK.sub(r"\1", plain))
    return _SPACE.sub(" ", plain.translate(_MARKS).replace("**", "").replace("__", "")).strip()


def without_invisible(text: str) -> str:
    """The text without characters that nobody sees: a message can be written in them."""
    return _INVISIBLE.sub("", text)
