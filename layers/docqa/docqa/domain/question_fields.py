"""What can be read of a message that is no question: enough to tell its sender."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from docqa.domain.wrong_input import what_is_wrong
from docqa.models.question import QuestionId

# In a sentence about what is wrong; names of fields are the sender's own.
MOST_NAMES = 10
LONGEST_NAME_CHARACTERS = 80

_ID: TypeAdapter[str] = TypeAdapter(QuestionId)


def said_fields(body: str | bytes) -> Mapping[str, Any]:
    """The fields of a JSON object; none of what is no JSON object."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def valid(kind: TypeAdapter[str], value: object) -> str | None:
    """The value, if it is one of its kind."""
    try:
        return kind.validate_python(value)
    except ValidationError:
        return None


def stated_id(body: str | bytes) -> str | None:
    """The sender's own id."""
    return valid(_ID, said_fields(body).get("id"))


def wrong_fields(error: ValidationError, whole: str) -> str:
    """The fields that are wrong and what they must be, for whoever sent them; `whole` stands for all of it."""
    wrong = {_wrong_field(item, whole) for item in error.errors(include_input=False, include_url=False)}
    return ", ".join(sorted(wrong)[:MOST_NAMES])


def _wrong_field(item: Mapping[str, Any], whole: str) -> str:
    name = ".".join(map(str, item["loc"]))[:LONGEST_NAME_CHARACTERS]
    return f"{name} {what_is_wrong(item)}" if name else whole
