"""What the cover of a periodic report says: whose it is, of which form, for which period.

Reports of one company say the same things every quarter, and those of all companies share their letterhead. Who, what
and when stand on the cover alone, so a passage knows them only through its document's title.
"""

from __future__ import annotations

import re

_FORM = re.compile(r"^\W*form\s+(\d{1,2}-[A-Z](?:/A)?)\b", re.IGNORECASE | re.MULTILINE)
_PERIOD = re.compile(
    r"for the (?P<kind>fiscal year|transition period|quarterly period|quarter|year|(?:three|six|nine|twelve) months)"
    r"\s+ended:?\s+(?P<end>[A-Z][a-z]+\.? \d{1,2}, ?\d{4})",
    re.IGNORECASE,
)
_KINDS = {"quarterly period": "quarter", "year": "fiscal year"}
# The line below the company's name.
_NAME_NOTE = re.compile(r"\(exact name of (the )?(registrant|company)", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_LONGEST_NAME = 80


def cover_title(opening: str) -> str:
    """`Apple Inc. 10-Q, quarter ended June 25, 2022`; empty where the opening is no such cover.

    Args:
        opening: The first lines of the document.
    """
    form, company = _FORM.search(opening), _company(opening)
    if not form or not company:
        return ""
    period = _PERIOD.search(" ".join(opening.split()))
    named = f"{company} {form[1].upper()}"
    if not period:
        return named
    kind = period["kind"].lower()
    return f"{named}, {_KINDS.get(kind, kind)} ended {period['end']}"


def _company(opening: str) -> str:
    """The line above the note that says that it is the registrant's name."""
    note = _NAME_NOTE.search(opening)
    lines = opening[: note.start()].splitlines() if note else []
    name = next((line.strip() for line in reversed(lines) if _LETTERS.search(line)), "")
    return " ".join(name.split()) if len(name) <= _LONGEST_NAME else ""
