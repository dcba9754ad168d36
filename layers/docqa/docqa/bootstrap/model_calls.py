"""How models are called for each purpose: timeouts of the client, attempts, and the share of the quota."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from docqa.bootstrap.clients import Patience
from docqa.bootstrap.clock import SystemClock
from docqa.domain.backoff import Backoff
from docqa.services.circuit_breaker import FAILURES, CircuitBreaker
from docqa.services.model_calls import CallRules

if TYPE_CHECKING:
    from docqa.services.model_calls import ModelCalls


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What a model is called for.

    Attributes:
        patience: Of the client, which makes one attempt: all others are made, and counted, by `rules`.
        rules: Attempts and pauses.
        failures: In a row, after which the model is left alone.
    """

    patience: Patience
    rules: CallRules
    failures: int = FAILURES

    @property
    def longest(self) -> float:
        """Seconds that one call can take, with everything that it may wait for."""
        return self.rules.longest(self.patience.longest)

    def at(self, tokens_per_minute: int, processes: int) -> ModelUse:
        """The same within an equal share of the quota; 0 tokens: nobody said what it is."""
        if not tokens_per_minute:
            return self
        return replace(self, rules=replace(self.rules, tokens_per_minute=tokens_per_minute / processes))


# Passages that nobody waits for. A model that shares its machine takes its time for a full call; to give up before
# would have it do the work for nobody. A throttle costs next to nothing, and giving a call up would waste those beside
# it. Of some calls side by side a few may fail without any outage, so it takes more than two in a row.
DOCUMENT_EMBEDDING = ModelUse(
    Patience(connect=3, read=60, attempts=1),
    CallRules(throttled=Backoff(attempts=10), failing=Backoff(attempts=2, first=1.0), longest_wait=60.0),
    failures=10,
)
# Embedding a question takes tens of milliseconds, after others' documents where they share the model.
QUESTION_EMBEDDING = ModelUse(
    Patience(connect=1, read=6, attempts=1),
    CallRules(throttled=Backoff(attempts=2, first=1.0), failing=Backoff(attempts=2, first=1.0), longest_wait=0.5),
)
# A few sentences, in the order of their meaning: asked once, and not for long, for the order of their words is there.
# Its own use, so that a model that is too slow for it is not left alone by questions, too.
QUOTE_ORDERING = ModelUse(Patience(connect=1, read=3, attempts=1), CallRules())
# Thirty passages take a reranking model some tenths of a second. It is asked once: the order that is there already is
# good enough for waiting any longer.
RERANKING = ModelUse(Patience(connect=1, read=3, attempts=1), CallRules())
# A chat model over a few passages. An answer that is no longer waited for must not be asked for again: the retry is the
# generator's, which knows the deadline.
CHAT = ModelUse(Patience(connect=1, read=20, attempts=1), CallRules(longest_wait=2.0))
# A research has minutes, and would otherwise be lost with all that it has found. A throttle is told at once; a model
# that hangs is not asked again.
RESEARCH = ModelUse(
    Patience(connect=1, read=20, attempts=1),
    CallRules(throttled=Backoff(attempts=4, first=2.0, longest=8.0), longest_wait=20.0),
)


def model_calls(name: str, use: ModelUse) -> ModelCalls:
    """Calls to a model from this process; of one model and use there should be one."""
    import random
    import time

    from docqa.services.model_calls import ModelCalls

    clock = SystemClock()
    breaker = CircuitBreaker(name, clock, use.failures)
    return ModelCalls(name, use.rules, breaker, clock, time.sleep, random.random)
