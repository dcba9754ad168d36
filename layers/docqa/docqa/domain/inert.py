"""Text that stays text wherever it is shown: no markup, no address, no link."""

from __future__ import annotations

import re

_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s[^()]*)?\)")
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\b(?:mailto|javascript|data|vbscript|tel):|\bwww\.)\S+", re.IGNORECASE
)
_CITATION = re.compile(r"\[(\d{1,2})\]")
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_MARKS = str.maketrans({"<": "\u2039", ">": "\u203a", "[": "(", "]": ")", "`": "'", "|": "\u00a6"})
_LEADING_MARK = re.compile(r"(?m)^\s*(?:#{1,6}|[-*+]|>)\s+")
_SPACE = re.compile(r"\s+")


def inert(text: str) -> str:
    """One line of plain text: links become their label; addresses, hidden characters and the force of marks go."""
    plain = _LEADING_MARK.sub("", _HIDDEN.sub("", text))
    plain = _ADDRESS.sub("(address left out)", _IMAGE_OR_LINK.sub(r"\1", plain))
    return _SPACE.sub(" ", plain.translate(_MARKS).replace("**", "").replace("__", "")).strip()


def inert_with_citations(text: str, numbers: frozenset[int]) -> str:
    """As `inert`, but `[n]` stays where n is one of the citations' numbers."""
    parts = _CITATION.split(text)
    kept = [inert(parts[0])]
    for number, rest in zip(parts[1::2], parts[2::2], strict=True):
        if int(number) in numbers:
            kept.append(f"[{int(number)}]")
        kept.append(inert(rest))
    return re.sub(r" (?=[.,;:!?](?:\s|$))", "", " ".join(part for part in kept if part))
