"""A load over hours in milliseconds: the real receipt, dispatch, failure and sweeps, a clock that jumps, and executions
that are scripts of how long a step takes and how it ends.

Steps are retried as the shipped state machine says: its policies are read from its file.
"""

from __future__ import annotations

import heapq
import json
import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from docqa import ids
from docqa.errors import DocqaError, ThrottledError
from docqa.models.document import DocumentReference
from docqa.models.notices import FailureReport
from tests.fakes.lifecycle import Lifecycle
from tests.fakes.messages import RecordingWorkflow

MACHINE = json.loads((Path(__file__).parents[3] / "statemachines" / "ingest_document.asl.json").read_text())

Script = Generator[float, None, None]
"""What an execution does: it yields seconds that pass, and raises what ends it."""


class StepError(Exception):
    """A step ended with an error of this name, after so many seconds of work."""

    def __init__(self, name: str, seconds: float = 0.0) -> None:
        super().__init__(name)
        self.seconds = seconds


@dataclass(frozen=True)
class RetryPolicy:
    """The retries of one state, as Step Functions applies them."""

    rules: list[dict[str, Any]]
    random: random.Random

    @classmethod
    def of(cls, state: str, chance: random.Random) -> RetryPolicy:
        return cls(MACHINE["States"][state]["Retry"], chance)

    def delay(self, error: str, used: dict[int, int]) -> float | None:
        """Seconds before the next attempt; None when there is none. Each rule counts its own retries."""
        for index, rule in enumerate(self.rules):
            if error not in rule["ErrorEquals"]:
                continue
            retries = used.get(index, 0)
            if retries >= rule["MaxAttempts"]:
                return None
            used[index] = retries + 1
            whole = min(rule["IntervalSeconds"] * rule["BackoffRate"] ** retries, rule["MaxDelaySeconds"])
            assert rule["JitterStrategy"] == "FULL"
            return self.random.uniform(0.0, whole)
        return None


class VanishedError(Exception):
    """The execution is gone, and nobody is told."""


def name_of(error: Exception) -> str:
    return str(error) if isinstance(error, StepError) else type(error).__name__


class World:
    """Everything that happens, in the order of time."""

    def __init__(self, capacity: int, script: Callable[[DocumentReference], Script], seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.script = script
        self.executions = Executions(self)
        self.life = Lifecycle(open_to_tenant=True, capacity=capacity, workflow=self.executions)
        self.peak = 0
        self.finished: dict[str, float] = {}
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._dispatching = False

    @property
    def now(self) -> float:
        return self.life.clock.time

    def after(self, seconds: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self.now + seconds, next(self._order), what))

    def every(self, seconds: float, what: Callable[[], object]) -> None:
        def again() -> None:
            what()
            self.after(seconds, again)

        self.after(seconds, again)

    def run(self, until: float) -> None:
        """Let time pass to that moment, or until nothing is to come."""
        while self._agenda and self._agenda[0][0] <= until:
            self.life.clock.time, _, what = heapq.heappop(self._agenda)
            what()
            self.peak = max(self.peak, len(self.life.registry.slots()))
        self.life.clock.time = max(self.now, until) if self._agenda else self.now

    def dispatch(self) -> None:
        self.life.dispatch_queue.sent.clear()
        self.life.dispatcher.dispatch()

    def perform(self, reference: DocumentReference) -> None:
        """Run the script of an execution, step by step."""
        script = self.script(reference)

        def go_on() -> None:
            try:
                seconds = next(script)
            except StopIteration:
                self._succeed(reference)
            except VanishedError:
                self.executions.ended.add(execution_of(reference))
            except (DocqaError, StepError) as error:
                self._fail(reference, error)
            else:
                self.after(seconds, go_on)

        self.after(0.05, go_on)

    def _succeed(self, reference: DocumentReference) -> None:
        self.life.registry.record_chunks(reference, 1)
        self.life.registry.publish(reference, 1, self.now)
        self._end(reference)

    def _fail(self, reference: DocumentReference, error: Exception) -> None:
        report = FailureReport(reference=reference, error=name_of(error), cause=str(error))
        self.life.failures.report(report)
        self._end(reference)

    def _end(self, reference: DocumentReference) -> None:
        self.finished[reference.key] = self.now
        self.executions.ended.add(execution_of(reference))
        self.life.dispatch_queue.sent.clear()
        self.life.dispatcher.ended(execution_of(reference))

    def retried(self, state: str, call: Callable[[], float]) -> Script:
        """A step that is called again as its state says; the call tells how long it takes, or raises."""
        policy, used = RetryPolicy.of(state, self.random), dict[int, int]()
        while True:
            try:
                yield call()
            except (DocqaError, StepError) as error:
                delay = policy.delay(name_of(error), used)
                yield error.seconds if isinstance(error, StepError) else 0.0
                if delay is None:
                    raise
                yield delay
            else:
                return


def execution_of(reference: DocumentReference) -> str:
    return ids.execution_name(reference.document_id, reference.generation, reference.attempt)


@dataclass
class Executions(RecordingWorkflow):
    """A state machine whose executions the world performs."""

    world: Any = None
    starts: list[tuple[float, DocumentReference]] = field(default_factory=list)

    def __init__(self, world: Any) -> None:
        super().__init__()
        self.world, self.starts = world, []

    def start(self, reference: DocumentReference, *, goes_on: bool = False) -> None:
        super().start(reference)
        self.starts.append((self.world.now, reference))
        self.world.perform(reference)


@dataclass
class Textract:
    """Quotas and faults of text extraction.

    Attributes:
        starts_per_second: Starts that are taken within one second.
        jobs_at_once: Jobs that may run.
        fault_share: Share of the calls that end with a fault of the service.
    """

    world: World
    job_seconds: float
    starts_per_second: int = 10
    jobs_at_once: int = 25
    fault_share: float = 0.0
    running: int = 0
    started: int = 0
    refused: int = 0
    peak: int = 0
    second: int = 0
    in_second: int = 0

    def start(self) -> float:
        """Start a job; how long it takes."""
        second = int(self.world.now)
        if second != self.second:
            self.second, self.in_second = second, 0
        if self.in_second >= self.starts_per_second or self.running >= self.jobs_at_once:
            self.refused += 1
            raise ThrottledError("too fast, or too many jobs")
        self.in_second += 1
        if self.world.random.random() < self.fault_share:
            raise StepError("ServiceUnavailableError")
        self.running += 1
        self.started += 1
        self.peak = max(self.peak, self.running)
        self.world.after(self.job_seconds, self._end)
        return self.job_seconds

    def _end(self) -> None:
        self.running -= 1
