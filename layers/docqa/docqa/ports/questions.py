"""Questions, their answers, and where those come from and go to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.trace import AnswerTrace


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """The stored state of a question.

    Attributes:
        body_hash: Hash of the request body, to notice a reused idempotency key.
        lease_until: Seconds since the epoch until which one worker owns a pending question.
        asked_at: Seconds since the epoch when a worker first took it; 0: none did yet.
        sources: Versions (`document_id:generation`) whose passages the answer was made from; checked at every reading.
        final: Whether the recorded answer stands; else the question is open for a better one, as after a failure.
        reply_to: Destination of the answer when the question names none; empty: none.
        settle_at: Seconds since the epoch from which on somebody has to see to it that the question comes to an end.
        threshold: As in `Principal`, of the channel that the question came through.
    """

    answer_id: str
    tenant: str
    subject: str
    groups: frozenset[str]
    body_hash: str
    body: Mapping[str, Any]
    lease_until: float
    answer: Answer | None = None
    sources: tuple[str, ...] = ()
    asked_at: float = 0.0
    final: bool = True
    reply_to: str = ""
    settle_at: float = 0.0
    threshold: float | None = None

    @property
    def principal(self) -> Principal:
        """For whom it is asked."""
        return Principal(self.tenant, self.subject, self.groups, self.threshold)


class QuestionStore(Protocol):
    """Questions and their one recorded answer."""

    def begin(self, record: QuestionRecord, now: float) -> QuestionRecord | None:
        """Claim the question: None when the caller owns it now, else the record that is there already.

        A record whose lease has run out is taken over (None) when its `body_hash` is the same and it is pending, or
        what is recorded is that it failed, or not final: asked again, or brought back from the dead letters, it gets
        another try.
        """
        ...

    def complete(
        self,
        answer_id: str,
        answer: Answer,
        sources: Sequence[str],
        trace: AnswerTrace | None = None,
        *,
        settled: bool = True,
        final: bool = True,
    ) -> Answer:
        """Record the answer once; the recorded one, which is the earlier when there was one that stands.

        The trace is kept with the answer that it belongs to, for as long. An answer that has yet to be sent off is not
        settled by being recorded: `settle` says when it is.
        """
        ...

    def settle(self, answer_id: str) -> None:
        """The recorded answer was sent to whoever waits for it. Nothing happens while there is none."""
        ...

    def unsettled(self, now: float, limit: int) -> list[str]:
        """Ids of questions whose `settle_at` has come, the earliest first. Eventually consistent."""
        ...

    def release(self, answer_id: str) -> None:
        """Let another worker take the pending question at once."""
        ...

    def get(self, answer_id: str) -> QuestionRecord | None:
        """The record, strongly consistent."""
        ...

    def trace(self, answer_id: str) -> AnswerTrace | None:
        """How the recorded answer came about, if that was kept."""
        ...


@dataclass(frozen=True, slots=True)
class Destination:
    """Where answers go: `kind` is queue (more kinds come with their issues), `address` its URL."""

    kind: str
    address: str


class ChannelRegistry(Protocol):
    """What is registered: queues that questions come from, destinations that answers go to."""

    def principal_of_queue(self, queue_arn: str) -> Principal | None:
        """For whom questions from this queue are asked; None: not registered, so closed."""
        ...

    def destination(self, tenant: str, name: str) -> Destination | None:
        """A destination registered for the tenant."""
        ...


class AnswerSender(Protocol):
    """Delivers answers."""

    def send(self, destination: Destination, answer: Answer) -> None:
        """Deliver at least once, with the asker's id as correlation."""
        ...
