"""What questions may cost and what they did: budgets before, the ledger after."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from docqa.domain.budgets import Standing, seconds_of_day_left
from docqa.domain.charges import chat_charge, embedding_charge, reranking_charge
from docqa.errors import BudgetUsedUpError
from docqa.models.spending import SpendingKind
from docqa.ports.clock import Clock
from docqa.services.budgets import Budgets, Unlimited
from docqa.services.metering import Meter, Unmetered


@dataclass(frozen=True, slots=True)
class QuestionCosts:
    """Budgets and meter of everything that answers."""

    clock: Clock
    budgets: Budgets = field(default_factory=Unlimited)
    meter: Meter = field(default_factory=Unmetered)

    def admit(self, tenant: str) -> Standing:
        """Where the tenant stands; over its budget a question is answered with quotes.

        Raises:
            BudgetUsedUpError: even embedding it would be too much.
            ThrottledError, ServiceUnavailableError: the ledger cannot be read now.
        """
        standing = self.budgets.standing(tenant)
        if standing.closed:
            raise BudgetUsedUpError(f"Not answered: {standing.sentence}.", seconds_of_day_left(self.clock.now()))
        return standing

    def embedded(self, tenant: str, model: str, tokens: int, until: float, *, used_up: bool = False) -> None:
        """Take down that a question was embedded, or its best sentences; `used_up`: over the budget, to be quoted."""
        kind = SpendingKind.QUOTING if used_up else SpendingKind.EMBEDDINGS
        self.meter.charge(tenant, embedding_charge(model, tokens, kind), until=until)

    def reranked(self, tenant: str, model: str, passages: int, until: float) -> None:
        """Take down that a model put a question's passages in order."""
        self.meter.charge(tenant, reranking_charge(model, passages), until=until)

    @contextmanager
    def chat(self, tenant: str, model: str, until: float) -> Iterator[ChatTab]:
        """Takes down what a chat model's calls inside cost, together when they are over, however that is."""
        tab = ChatTab(self.meter, tenant, model)
        try:
            yield tab
        finally:
            tab.close(until)


class ChatTab:
    """Tokens of one answer's calls, which may end in other threads, and after anybody waited for them."""

    def __init__(self, meter: Meter, tenant: str, model: str) -> None:
        self._meter = meter
        self._tenant = tenant
        self._model = model
        self._lock = threading.Lock()
        self._input_tokens = self._output_tokens = 0
        self._is_closed = False

    def add(self, input_tokens: int, output_tokens: int) -> None:
        """A call has ended."""
        with self._lock:
            self._input_tokens += input_tokens
            self._output_tokens += output_tokens
            if self._is_closed:
                self._write(None)

    def close(self, until: float) -> None:
        """Write down what there is; what comes later is written when it comes."""
        with self._lock:
            self._is_closed = True
            self._write(until)

    def _write(self, until: float | None) -> None:
        self._meter.charge(self._tenant, chat_charge(self._model, self._input_tokens, self._output_tokens), until=until)
        self._input_tokens = self._output_tokens = 0
