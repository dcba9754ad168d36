"""A question as the options of `docqa ask` put it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cli.errors import UsageError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from docqa.models.question import Question


def asked(
    text: str, documents: Sequence[str], where: Sequence[str], since: str | None, until: str | None, *, research: bool
) -> Question:
    """The question.

    Args:
        text: In plain words.
        documents: Ids; empty: all documents.
        where: `name=value` each; of several with one name, any will do.
        since: First day that a document may be dated, in ISO 8601.
        until: Last day.
        research: Several steps may be taken for it.

    Raises:
        UsageError: it is no valid question.
    """
    from pydantic import ValidationError

    from docqa.models.question import Question

    filters = {"document_ids": documents, "attributes": _attributes(where), "since": since, "until": until}
    mode = "research" if research else "answer"
    try:
        return Question.model_validate({"question": text, "filters": filters, "mode": mode})
    except ValidationError as error:
        raise UsageError(" ".join(_sentence(item) for item in error.errors())) from error


def _attributes(where: Sequence[str]) -> dict[str, list[object]]:
    attributes: dict[str, list[object]] = {}
    for one in where:
        name, equals, value = one.partition("=")
        if not (name and equals):
            raise UsageError(f"--where takes NAME=VALUE, not {one!r}.")
        attributes.setdefault(name.strip(), []).append(_value(value.strip()))
    return attributes


def _value(written: str) -> object:
    """A number or a boolean where it reads like one, as in a metadata file; in quotes, or anything else, a string."""
    try:
        value = json.loads(written)
    except ValueError:
        return written
    return value if isinstance(value, bool | int | float | str) else written


def _sentence(item: ErrorDetails) -> str:
    """What is wrong with an option, and what to write instead."""
    from docqa.domain.wrong_input import what_is_wrong

    match item["loc"]:
        case ("question", *_):
            return f"The question {what_is_wrong(item)}."
        case ("filters", "document_ids", int(), *_):
            return f"--document {item['input']!r} is no document's id: docqa documents lists them."
        case ("filters", "document_ids", *_):
            return "--document can be given 100 times at most."
        case ("filters", "attributes", str(name), *_):
            return f"--where {name}: it {what_is_wrong(item)}."
        case ("filters", ("since" | "until") as option, *_):
            return f"--{option} {what_is_wrong(item)}, not {item['input']!r}."
    return f"{what_is_wrong(item)}.".capitalize()
