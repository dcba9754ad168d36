"""Asynchronous invocations that are not over yet; they survive a restart of the server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from devstack.modelserver.shelf import Shelf

COMPLETED, FAILED, EXPIRED = "Completed", "Failed", "Expired"


@dataclass(frozen=True)
class Outcome:
    """How an invocation ended.

    Attributes:
        status: COMPLETED, FAILED or EXPIRED.
        reason: why it failed or expired.
        content_type: of the answer.
    """

    status: str
    reason: str = ""
    content_type: str = ""


@dataclass(frozen=True)
class Invocation:
    """One request to an asynchronous endpoint.

    Attributes:
        key: names it here; an InferenceId may come twice.
        input: S3 address of the body.
        body: the body itself, a letter a byte, where it came with the request.
        answer, failure: S3 addresses of what will be written; empty: no failure is.
        received: seconds since 1970.
        queue_limit, work_limit: RequestTTLSeconds and InvocationTimeoutSeconds.
        outcome: None until it has ended.
    """

    key: str
    inference_id: str
    endpoint: str
    input: str
    body: str
    content_type: str
    accept: str
    answer: str
    failure: str
    received: float
    queue_limit: float
    work_limit: float
    outcome: Outcome | None = None


class InvocationTable:
    """Invocations by key.

    Args:
        folder: one file each.
    """

    def __init__(self, folder: Path) -> None:
        self._shelf = Shelf(folder)

    def save(self, invocation: Invocation) -> Invocation:
        """Write it down."""
        self._shelf.put(invocation.key, asdict(invocation))
        return invocation

    def forget(self, invocation: Invocation) -> None:
        """It is over, and whoever wanted to know was told."""
        self._shelf.remove(invocation.key)

    def unfinished(self) -> Iterator[Invocation]:
        """Those still to do or to announce, oldest first."""
        for record in sorted(self._shelf.all(), key=lambda one: float(one["received"])):
            yield _invocation(record)


def _invocation(record: dict[str, Any]) -> Invocation:
    outcome = record["outcome"]
    return Invocation(**record | {"outcome": outcome and Outcome(**outcome)})
