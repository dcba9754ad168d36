"""Sentences that a cut runs through: at the end of a page, or of a passage that had to be cut somewhere."""

from __future__ import annotations

# A shorter last line is rather a caption, a page number or a cell than half a sentence.
_FEWEST_WORDS = 5
_MARKS = ("#", "|")


def runs_on(text: str) -> bool:
    """Whether the text ends in the middle of a sentence."""
    lines = text.rstrip().splitlines()
    last = lines[-1] if lines else ""
    return (
        bool(last)
        and (last[-1].islower() or last[-1] in ",-")
        and len(last.split()) >= _FEWEST_WORDS
        and not last.lstrip().startswith(_MARKS)
    )


def goes_on(text: str) -> bool:
    """Whether the text begins in the middle of a sentence."""
    return text.lstrip()[:1].islower()
