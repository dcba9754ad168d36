"""What is wrong with a line of a file that people wrote, in their words."""

from __future__ import annotations

from pydantic import ValidationError

from docqa.domain.wrong_input import what_is_wrong


def first_fault(error: ValidationError) -> str:
    """The first field that is wrong, and what it must be."""
    found = error.errors()[0]
    return f"{'.'.join(map(str, found['loc'])) or 'it'} {what_is_wrong(found)}"
