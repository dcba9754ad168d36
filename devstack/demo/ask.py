"""Ask the demo questions through both channels."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cli.answer_queue import ask_by_queue
from cli.api import Api
from cli.stack import Stack
from devstack.demo.material import DemoQuestion
from docqa.models.answer import Answer
from docqa.models.api import PendingAnswer
from docqa.models.question import Question

WAIT_SECONDS = 120.0


@dataclass(frozen=True)
class Asked:
    """A demo question with what came back, and after how many seconds."""

    question: DemoQuestion
    answer: Answer
    seconds: float


def ask_all(stack: Stack, api: Api, questions: Sequence[DemoQuestion], on_answer: Callable[[int], None]) -> list[Asked]:
    """Every question's answer, in the order of the questions. `on_answer` is told how many more there are."""
    by_http = []
    for question in questions:
        if question.channel == "http":
            by_http.append(_ask_http(api, question))
            on_answer(1)
    queued = [question for question in questions if question.channel == "queue"]
    replies = ask_by_queue(stack, [Question(question=one.question) for one in queued], WAIT_SECONDS)
    on_answer(len(replies))
    by_queue = [Asked(one, reply.answer, reply.seconds) for one, reply in zip(queued, replies, strict=True)]
    return sorted([*by_http, *by_queue], key=lambda asked: questions.index(asked.question))


def _ask_http(api: Api, question: DemoQuestion) -> Asked:
    began = time.monotonic()
    found = api.ask(Question(question=question.question))
    if isinstance(found, PendingAnswer):
        found = api.wait_for_answer(found.answer_id, WAIT_SECONDS)
    return Asked(question, found, time.monotonic() - began)
