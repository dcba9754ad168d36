"""How pages are cut: what decides the passages, and so belongs to the settings hash."""

from __future__ import annotations

from collections.abc import Mapping

# Raise it when the cutting changes (adapters/text_splitter.py), so that documents are cut anew.
RULES_VERSION = 3


def aimed_characters(characters: int) -> int:
    """How long a passage of prose is aimed to be, so that a paragraph somewhat longer than that still stays whole."""
    return characters * 3 // 4


def chunk_settings(characters: int) -> Mapping[str, object]:
    """Everything that decides the passages of a page."""
    return {"characters": characters, "rules": RULES_VERSION}
