"""How a model is called: at the pace of its quota, again where that may help, and not at all while it is down."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from docqa.domain.backoff import ONCE, Backoff
from docqa.domain.token_bucket import TokenBucket
from docqa.errors import CircuitOpenError, RetryableError, ThrottledError
from docqa.ports.clock import Clock
from docqa.services.circuit_breaker import CircuitBreaker

ResultT = TypeVar("ResultT")


class Calls(Protocol):
    """Makes calls to one model. Every attempt is one request: clients repeat none by themselves."""

    def make(self, call: Callable[[], ResultT], tokens: int, used: Callable[[ResultT], int]) -> ResultT:
        """What the call returns.

        Args:
            call: Asks the model once.
            tokens: That it may need at most: what is sent, and what may be written.
            used: What a result says that it needed; 0: it does not say.

        Raises:
            CircuitOpenError: the model is down and left alone.
            ThrottledError, ServiceUnavailableError: as the call, or the tokens would come too late.
        """
        ...


class Unpaced:
    """Each call is made once, whatever comes of it."""

    def make(
        self,
        call: Callable[[], ResultT],
        tokens: int,  # noqa: ARG002 - nobody counts
        used: Callable[[ResultT], int],  # noqa: ARG002
    ) -> ResultT:
        """What the call returns."""
        return call()


@dataclass(frozen=True, slots=True)
class CallRules:
    """How much is put up with.

    Attributes:
        throttled: Attempts, and pauses between them, while the service says "too fast".
        failing: The same while it does not answer, or answers with a fault.
        longest_wait: Seconds that one attempt waits for tokens.
        tokens_per_minute: This process's share of the quota; None: nobody said what that is.
    """

    throttled: Backoff = ONCE
    failing: Backoff = ONCE
    longest_wait: float = 0.0
    tokens_per_minute: float | None = None

    def longest(self, seconds_a_call: float) -> float:
        """Seconds that a call can take, when one attempt takes so many."""
        backoffs = (self.throttled, self.failing)
        attempts = max(one.attempts for one in backoffs)
        return attempts * (seconds_a_call + self.longest_wait) + max(one.total for one in backoffs)


class ModelCalls:
    """Calls to one model from one process; safe between threads.

    Args:
        name: Of the model, for messages.
        rules: How much is put up with.
        breaker: Leaves the model alone while it is down.
        clock: The time.
        sleep: Waits so many seconds.
        chance: Draws evenly between 0 and 1, in each process differently.
    """

    def __init__(
        self,
        name: str,
        rules: CallRules,
        breaker: CircuitBreaker,
        clock: Clock,
        sleep: Callable[[float], None],
        chance: Callable[[], float],
    ) -> None:
        self._name = name
        self._rules = rules
        self._breaker = breaker
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._lock = threading.Lock()
        share = rules.tokens_per_minute
        self._bucket = None if share is None else TokenBucket(share, clock.now())

    def make(self, call: Callable[[], ResultT], tokens: int, used: Callable[[ResultT], int]) -> ResultT:
        """What the call returns, after as many attempts as the rules allow."""
        attempt = 1
        while True:
            self._wait_for(tokens)
            try:
                return self._attempt(call, tokens, used)
            except CircuitOpenError:
                raise
            except RetryableError as error:
                rule = self._rules.throttled if isinstance(error, ThrottledError) else self._rules.failing
                if attempt >= rule.attempts:
                    raise
                self._sleep(rule.pause(attempt, self._chance()))
            attempt += 1

    def _attempt(self, call: Callable[[], ResultT], tokens: int, used: Callable[[ResultT], int]) -> ResultT:
        spent = 0
        try:
            result = self._breaker.call(call)
            spent = used(result) or tokens
        finally:
            # What was refused, or never answered, took nothing from the quota.
            self._settle(tokens, spent)
        return result

    def _wait_for(self, tokens: int) -> None:
        if self._bucket is None:
            return
        with self._lock:
            wait = self._bucket.reserve(tokens, self._clock.now(), self._rules.longest_wait)
        if wait is None:
            raise ThrottledError(f"this process's share of {self._name}'s tokens a minute is used up")
        if wait:
            self._sleep(wait)

    def _settle(self, reserved: int, spent: int) -> None:
        if self._bucket is not None:
            with self._lock:
                self._bucket.settle(reserved, spent, self._clock.now())
