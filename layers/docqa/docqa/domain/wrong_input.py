"""What is wrong with a field, for whoever wrote it: what to write instead, never what was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DAY = "must be a day like 2026-11-30"
_IDENTIFIER = "must be an id: 32 characters from 0-9 and a-f, as GET /documents lists them"
_BY_PATTERN = {"^[0-9a-f]{32}$": _IDENTIFIER, "^[a-z]{2}$": "must be two lower-case letters (ISO 639-1), e.g. en"}
_BY_TYPE = {"missing": "is missing", "extra_forbidden": "is no field here", "json_invalid": "is not valid JSON"}
_BEFORE_A_SENTENCE = "Value error, "
_BEFORE_A_PHRASE = "Input should "


def what_is_wrong(item: Mapping[str, Any]) -> str:
    """What a field must be, to be said after its name.

    Args:
        item: One of the `errors()` of a pydantic ValidationError; its `ctx` is read, its `input` is not.
    """
    kind, message = str(item["type"]), str(item["msg"])
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    if kind.startswith("string_") and item.get("ctx"):
        return _of_a_string(item["ctx"])
    if kind.startswith("date_"):
        return _DAY
    if message.startswith(_BEFORE_A_PHRASE):
        return "must " + message.removeprefix(_BEFORE_A_PHRASE)
    return message.removeprefix(_BEFORE_A_SENTENCE)


def _of_a_string(limits: Mapping[str, Any]) -> str:
    if "pattern" in limits:
        pattern = str(limits["pattern"])
        return _BY_PATTERN.get(pattern, f"must match {pattern}")
    if "max_length" in limits:
        return f"must have at most {limits['max_length']:,} characters"
    least = limits["min_length"]
    return "must not be empty" if least == 1 else f"must have at least {least:,} characters"
