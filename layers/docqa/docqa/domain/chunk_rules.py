"""How pages are cut: what decides the passages, and so belongs to the settings hash."""

from __future__ import annotations

from collections.abc import Mapping

# Raise it when the cutting changes (adapters/text_splitter.py), so that documents are cut anew.
RULES_VERSION = 2
# An eighth: a sentence or two, so that what stands across a cut is whole in one of the two.
_OVERLAP_SHARE = 8


def overlap_characters(characters: int) -> int:
    """How much of a passage's end may stand again at the start of the next."""
    return characters // _OVERLAP_SHARE


def chunk_settings(characters: int) -> Mapping[str, object]:
    """Everything that decides the passages of a page."""
    return {"characters": characters, "overlap": overlap_characters(characters), "rules": RULES_VERSION}
