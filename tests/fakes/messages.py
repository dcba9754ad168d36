"""Queues, bus, workflow and clock that keep what they are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from docqa.ids import execution_name
from docqa.models.document import DocumentReference


@dataclass
class RecordingQueue:
    """A queue of the stack's own."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)

    def send(self, message: Mapping[str, Any], delay_seconds: int = 0) -> None:
        self.sent.append(dict(message))
        self.delays.append(delay_seconds)

    def waiting(self) -> int:
        return len(self.sent)


@dataclass
class RecordingBus:
    """The event bus."""

    published: list[object] = field(default_factory=list)

    def publish(self, event: object) -> None:
        self.published.append(event)


@dataclass
class RecordingWorkflow:
    """Executions, and how waiting tasks were woken."""

    started: dict[str, DocumentReference] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    succeeded: list[str] = field(default_factory=list)
    going_on: set[str] = field(default_factory=set)

    def start(self, reference: DocumentReference, *, goes_on: bool = False) -> None:
        name = execution_name(reference.document_id, reference.generation, reference.attempt)
        self.started.setdefault(name, reference)
        if goes_on:
            self.going_on.add(name)

    def running(self) -> frozenset[str]:
        return frozenset(self.started) - self.ended

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        self.succeeded.append(token)


@dataclass
class ManualClock:
    """Stands still unless it is set, or goes on by `step` seconds whenever it is looked at."""

    time: float = 1_000_000.0
    step: float = 0.0

    def now(self) -> float:
        self.time += self.step
        return self.time
