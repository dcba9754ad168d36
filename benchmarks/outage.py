"""How long questions wait for a chat model that is down, by who knows of it: `python -m benchmarks.outage`.

Simulated with the shipped circuit breaker: questions come at random to warm Lambda environments, the one that was free
last is used first, and the model fails for five minutes. "each" is the shipped state: one breaker an environment.
"together" is what one breaker for all of them would do at best, at no cost and without delay.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import mean, quantiles

from rich.console import Console
from rich.table import Table

from docqa.errors import CircuitOpenError, ServiceUnavailableError
from docqa.services.circuit_breaker import CircuitBreaker
from docqa.services.generation import PAUSE_SECONDS
from docqa.services.time_limits import GENERATION_SECONDS, RECORDING_SECONDS

OUTAGE_SECONDS = 300.0
# As runtime/http.py gives it to a question.
QUESTION_SECONDS = 27.0 - RECORDING_SECONDS
MOST_ENVIRONMENTS = 500
FAULTS = {"hangs until the client gives up, 21 s": 21.0, "refuses at once, 0.05 s": 0.05}


@dataclass
class SetClock:
    """The time of the simulation."""

    time: float = 0.0

    def now(self) -> float:
        """Seconds since the simulation began."""
        return self.time


@dataclass
class Environment:
    """A Lambda environment: free again at some time."""

    breaker: CircuitBreaker | None
    free_at: float = 0.0


@dataclass
class Outage:
    """One simulation."""

    seconds_a_call: float
    make_breaker: Callable[[SetClock], CircuitBreaker | None]
    clock: SetClock = field(default_factory=SetClock)
    calls: int = 0

    def waits(self, a_second: float) -> list[float]:
        """Seconds that each question waited for the model, before its evidence was quoted."""
        arrivals, at = random.Random(7), 0.0  # noqa: S311 - a simulation
        environments: list[Environment] = []
        waited = []
        while (at := at + arrivals.expovariate(a_second)) < OUTAGE_SECONDS:
            free = [one for one in environments if one.free_at <= at]
            environment = max(free, key=lambda one: one.free_at) if free else Environment(self.make_breaker(self.clock))
            if not free and len(environments) < MOST_ENVIRONMENTS:
                environments.append(environment)
            waited.append(self._ask(environment, at))
            environment.free_at = at + waited[-1]
        return waited

    def _ask(self, environment: Environment, at: float) -> float:
        """As the generator asks: once more after a pause, if there is time, and not when the circuit is open."""
        self.clock.time = at
        for attempt in range(2):
            if attempt and at + QUESTION_SECONDS - self.clock.time < PAUSE_SECONDS + GENERATION_SECONDS:
                break
            self.clock.time += attempt * PAUSE_SECONDS
            try:
                if environment.breaker is None:
                    self._fail()
                else:
                    environment.breaker.call(self._fail)
            except CircuitOpenError:
                break
            except ServiceUnavailableError:
                continue
        return min(self.clock.time - at, QUESTION_SECONDS)

    def _fail(self) -> None:
        self.calls += 1
        self.clock.time += self.seconds_a_call
        raise ServiceUnavailableError("down")


def main() -> None:
    """Print the table."""
    table = Table("the model", "questions a second", "breaker", "questions", "calls", "mean s", "median s", "p95 s")
    for name, seconds in FAULTS.items():
        for a_second in (0.2, 2.0, 20.0):
            together: list[CircuitBreaker] = []
            kinds: dict[str, Callable[[SetClock], CircuitBreaker | None]] = {
                "none": lambda _: None,
                "each": lambda clock: CircuitBreaker("chat", clock),
                "together": lambda clock, known=together: _one(known, clock),  # type: ignore[misc]
            }
            for kind, make in kinds.items():
                outage = Outage(seconds, make)
                waited = outage.waits(a_second)
                cuts = quantiles(waited, n=20)
                figures = (mean(waited), cuts[9], cuts[18])
                table.add_row(
                    name, f"{a_second:g}", kind, str(len(waited)), str(outage.calls), *(f"{one:.2f}" for one in figures)
                )
    Console(width=140).print(table)


def _one(known: list[CircuitBreaker], clock: SetClock) -> CircuitBreaker:
    if not known:
        known.append(CircuitBreaker("chat", clock))
    return known[0]


if __name__ == "__main__":
    main()
