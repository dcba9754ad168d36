"""Models over a quota, and time that each thread passes by itself: hours of pauses in seconds."""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from benchmarks.load.counted_models import CountedModels
from docqa.ids import content_id

CALL_SECONDS = 0.2


class OwnTime:
    """A clock for calls side by side: a thread that sleeps lets its own time pass, and nobody else's.

    Every thread of a pool begins at the moment that the clock was made for; a call that a thread takes up later begins
    when that thread is done with the one before.
    """

    def __init__(self, began: float) -> None:
        self._began = began
        self._passed = threading.local()

    def now(self) -> float:
        """Seconds, as this thread has them."""
        passed: float = getattr(self._passed, "seconds", 0.0)
        return self._began + passed

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self._passed.seconds = self.now() - self._began + seconds


@dataclass
class ThrottledModels:
    """Answers as `CountedModels`, but refuses a share of the calls, drawn for each attempt of each body.

    Attributes:
        share: Of the calls that are refused.
        until: From then on none is refused.
        attempts: When each body was sent, by its id.
        answered: How often each was answered.
    """

    time: OwnTime
    share: float
    until: float = float("inf")
    attempts: dict[str, list[float]] = field(default_factory=dict)
    answered: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._models = CountedModels()

    @property
    def calls(self) -> int:
        """All of them, those that were refused included."""
        return sum(len(instants) for instants in self.attempts.values())

    @property
    def retried_at(self) -> list[float]:
        """When refused bodies were sent again."""
        return sorted(at for instants in self.attempts.values() for at in instants[1:])

    def invoke_model(self, *, body: str, **named: str) -> dict[str, Any]:
        """Bedrock."""
        self._meet(body, "InvokeModel")
        return self._models.invoke_model(body=body, **named)

    def invoke_endpoint(self, *, Body: str, **named: str) -> dict[str, Any]:  # noqa: N803 - boto3's name
        """SageMaker."""
        self._meet(Body, "InvokeEndpoint")
        return self._models.invoke_endpoint(Body=Body, **named)

    def _meet(self, body: str, operation: str) -> None:
        now, request = self.time.now(), content_id(json.dumps(body))
        with self._lock:
            instants = self.attempts.setdefault(request, [])
            instants.append(now)
            # The same for the same attempt, in whatever order threads come to it.
            drawn = int(content_id(request, str(len(instants)), length=8), 16) / 16**8
        self.time.sleep(CALL_SECONDS)
        if now < self.until and drawn < self.share:
            response: Any = {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"HTTPStatusCode": 429}}
            raise ClientError(response, operation)
        with self._lock:
            self.answered[request] += 1
