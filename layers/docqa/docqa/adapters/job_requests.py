"""Records of a job as bodies of requests, cut to size as they come."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from docqa.adapters.content_handlers.handler import ContentHandler
from docqa.models.inference import Record

# Far above 32 passages; a TEI container refuses bodies of more than 2 MB, and small requests are lost one by one.
REQUEST_BYTES = 1024 * 1024

Item = TypeVar("Item")
Asked = TypeVar("Asked")


@dataclass(frozen=True, slots=True)
class Request:
    """A body of JSON in one line, and whose records it asks for, in their order."""

    ids: tuple[str, ...]
    body: bytes


def requests(records: Iterable[Record[Asked]], handler: ContentHandler[Asked, object]) -> Iterator[Request]:
    """As many records in a body as the container takes, fewer where it would have more than `REQUEST_BYTES`.

    A record that is larger than that goes alone: the service says what is wrong with it.
    """
    for group in groups(records, handler.most):
        yield from _fitting(group, handler)


def groups(
    items: Iterable[Item], most: int, most_bytes: float = float("inf"), size: Callable[[Item], int] = lambda _: 0
) -> Iterator[list[Item]]:
    """The items in order, at most so many and, unless one alone has more, so many bytes together."""
    group: list[Item] = []
    held = 0
    for item in items:
        if group and (len(group) == most or held + size(item) > most_bytes):
            yield group
            group, held = [], 0
        group.append(item)
        held += size(item)
    if group:
        yield group


def json_line(body: Mapping[str, object]) -> bytes:
    """JSON without line breaks: every other letter than ASCII's is escaped, those that some call line breaks too."""
    return json.dumps(body, separators=(",", ":")).encode()


def _fitting(records: Sequence[Record[Asked]], handler: ContentHandler[Asked, object]) -> Iterator[Request]:
    body = json_line(handler.encode([record.value for record in records]))
    if len(body) <= REQUEST_BYTES or len(records) == 1:
        yield Request(tuple(record.id for record in records), body)
        return
    middle = len(records) // 2
    yield from _fitting(records[:middle], handler)
    yield from _fitting(records[middle:], handler)
