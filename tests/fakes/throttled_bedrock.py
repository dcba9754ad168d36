"""Bedrock's runtime over a quota, and time that each thread passes by itself."""

from __future__ import annotations

import io
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from docqa.ids import content_id

CALL_SECONDS = 0.2


class OwnTime:
    """A clock for calls side by side: a thread that sleeps lets its own time pass, and nobody else's.

    Threads of a pool begin at the moment that the clock was made for.
    """

    def __init__(self, began: float = 1_000_000.0) -> None:
        self._began = began
        self._passed = threading.local()

    def now(self) -> float:
        return self._began + getattr(self._passed, "seconds", 0.0)

    def sleep(self, seconds: float) -> None:
        self._passed.seconds = getattr(self._passed, "seconds", 0.0) + seconds


def chance_of(*parts: str) -> float:
    """A number from 0 to 1 that looks drawn, the same for the same parts in whatever order threads come to it."""
    return int(content_id(*parts, length=8), 16) / 16**8


@dataclass
class ThrottledBedrock:
    """Answers, but refuses a share of the calls as Bedrock does.

    Attributes:
        time: Of whoever calls.
        share: Of the calls that are refused, drawn for each attempt of each request.
        refusal: Error code and HTTP status of a refused call.
        until: No call is refused from then on.
        together: So many first calls are made at the same time, each by a thread of its own.
        calls: Instants of all calls, those that were refused included.
        refused: Instants of calls that were refused, by request.
        retries: Seconds between a refusal and the next attempt of the same request, in order.
        answered: How often each request was answered.
    """

    time: Any
    share: float
    seed: str = "1"
    refusal: tuple[str, int] = ("ThrottlingException", 429)
    until: float = float("inf")
    together: int = 0
    calls: list[float] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    attempts: dict[str, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._together = threading.Barrier(self.together) if self.together else None

    @property
    def retried_at(self) -> list[float]:
        """Instants of every attempt but the first of its request."""
        return sorted(at for instants in self.attempts.values() for at in instants[1:])

    def invoke_model(self, *, body: str, **_: str) -> dict[str, Any]:
        text = str(json.loads(body)["inputText"])
        self._meet(text, "InvokeModel")
        answer = {"embedding": [float(len(text)), 1.0], "inputTextTokenCount": len(text) // 4}
        return {"body": io.BytesIO(json.dumps(answer).encode())}

    def converse(self, *, messages: list[dict[str, Any]], **_: Any) -> dict[str, Any]:
        text = str(messages[-1]["content"][0]["text"])
        self._meet(text, "Converse")
        said = {"message": {"content": [{"text": "Runway 07/25 is 640 metres long [1]."}]}}
        return {"output": said, "usage": {"inputTokens": 100, "outputTokens": 10}}

    def _meet(self, request: str, operation: str) -> None:
        now = self.time.now()
        with self._lock:
            is_first = len(self.calls) < self.together
            self.calls.append(now)
            instants = self.attempts.setdefault(request, [])
            instants.append(now)
            drawn = chance_of(self.seed, request, str(len(instants)))
        if self._together and is_first:
            self._together.wait(10)
        self.time.sleep(CALL_SECONDS)
        if now < self.until and drawn < self.share:
            code, status = self.refusal
            response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(response, operation)
        with self._lock:
            self.answered[request] += 1


def most_within(instants: list[float], seconds: float) -> int:
    """The most of the instants, in order, that any stretch of so many seconds holds."""
    return max(sum(first <= at < first + seconds for at in instants[n:]) for n, first in enumerate(instants))
