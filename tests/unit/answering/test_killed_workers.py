"""A process that is killed, before or after any of its calls to the outside: no answer is lost, and none made twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from docqa.models.answer import Answer, AnswerStatus
from docqa.models.api import PendingAnswer
from tests.unit.answering.desk import BODY, QUESTION, REPLIES, Desk
from tests.unit.answering.library import ANA

WITH_REPLY = QUESTION.model_copy(update={"reply_to": "answers"})
# Longer than any lease.
LATER = 300.0


class KilledError(BaseException):
    """The process is gone: nothing that it would have cleaned up is cleaned up."""


@dataclass
class Fuse:
    """Kills the process at one moment; whatever it still tries afterwards has no effect.

    Attributes:
        left: Moments to survive. Every call to the outside has two, before and after it takes effect.
    """

    left: int
    blown: bool = False

    def burn(self) -> None:
        if self.blown or self.left == 0:
            self.blown = True
            raise KilledError
        self.left -= 1

    def guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def through(*arguments: Any, **named: Any) -> Any:
            self.burn()
            result = call(*arguments, **named)
            self.burn()
            return result

        return through


def endanger(desk: Desk, fuse: Fuse) -> Callable[[], None]:
    """Put the fuse around every call to the outside; returns what starts a healthy process over the same stores."""
    outside: list[tuple[Any, str]] = [
        *((desk.store, name) for name in ("begin", "complete", "release", "get", "settle", "unsettled")),
        *((desk.channels, name) for name in ("principal_of_queue", "destination")),
        *((desk.library.registry, name) for name in ("get_many", "index_configuration")),
        (desk.library.search, "search"),
        (desk.library.embeddings, "embed_query"),
        (desk.handover, "send"),
        (desk.sender, "send"),
        (desk.bus, "publish"),
    ]
    for owner, name in outside:
        setattr(owner, name, fuse.guarded(getattr(owner, name)))

    def recover() -> None:
        for owner, name in outside:
            delattr(owner, name)
        desk.library.clock.time += LATER

    return recover


def recorded(desk: Desk) -> Answer:
    """The one answer there is."""
    (record,) = desk.store.records.values()
    assert record.answer is not None
    assert record.answer.status is AnswerStatus.ANSWERED
    return record.answer


def at_every_moment(work: Callable[[Desk], object], again: Callable[[Desk], object]) -> int:
    """Kill the work at each moment in turn, do it again, and see that there is one answer. How many moments."""
    for moment in range(1_000):
        desk, fuse = Desk(), Fuse(moment)
        recover = endanger(desk, fuse)
        try:
            work(desk)
        except KilledError:
            recover()
            again(desk)
        answer = recorded(desk)
        delivered = [one for _, one in desk.sender.sent]
        assert all(one == answer for one in delivered), "what was delivered is what is recorded"
        assert {event.answer_id for event in desk.bus.published} <= {answer.answer_id}
        if not fuse.blown:
            return moment
    pytest.fail("the work never ended")


def test_a_message_of_a_queue_survives_its_worker() -> None:
    """Promise 41: killed at any moment, the message comes again: one recorded answer, delivered at least once."""

    def work(desk: Desk) -> None:
        desk.receive(BODY)
        assert desk.sender.sent
        assert desk.sender.sent[0][0] == REPLIES

    def again(desk: Desk) -> None:
        desk.receive(BODY, number=2)
        assert desk.sender.sent

    assert at_every_moment(work, again) >= 16


def test_a_question_that_was_handed_over_survives_its_worker() -> None:
    """Promise 41: killed at any moment, the worker's message comes again."""

    def hand_over(desk: Desk) -> str:
        pending = desk.questions.ask(WITH_REPLY, ANA, desk.deadline, "key", respond_async=True)
        assert isinstance(pending, PendingAnswer)
        return pending.answer_id

    def work(desk: Desk) -> None:
        desk.worker.resume(hand_over(desk), desk.attempt())

    def again(desk: Desk) -> None:
        # Whoever asked got no response if the process died before handing over: they ask again with their key.
        desk.worker.resume(hand_over_again(desk), desk.attempt(2))
        assert desk.sender.sent

    def hand_over_again(desk: Desk) -> str:
        found = desk.questions.ask(WITH_REPLY, ANA, desk.deadline, "key", respond_async=True)
        return found.answer_id

    assert at_every_moment(work, again) >= 16


def test_a_question_over_http_survives_its_function() -> None:
    """Promise 41: killed at any moment, the same key gets the one answer."""

    def ask(desk: Desk) -> None:
        found = desk.questions.ask(QUESTION, ANA, desk.deadline, "key")
        assert isinstance(found, Answer)

    assert at_every_moment(ask, ask) >= 10
