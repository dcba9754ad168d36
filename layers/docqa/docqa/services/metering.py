"""Every paid call goes into the ledger once, also when the ledger cannot be written just then."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from docqa.errors import RetryableError
from docqa.models.spending import Charge
from docqa.ports.clock import Clock
from docqa.ports.ledger import SpendingLedger
from docqa.services.time_limits import CALL_SECONDS

# Beyond this the oldest are given up: the ledger has then been away for longer than work goes on without its tables.
MOST_OWED = 1_000


class Meter(Protocol):
    """Takes down what was paid."""

    def charge(self, tenant: str, charge: Charge, *, key: str | None = None, until: float | None = None) -> None:
        """Take a charge down. A ledger that is away does not fail work that was paid for, nor have it done again.

        Args:
            tenant: Who pays.
            charge: How much for what.
            key: Names the payment, where the same one may be taken down again; absent: each is one of its own.
            until: Seconds since the epoch by which this has to be over; absent: there is time.
        """
        ...


class Unmetered:
    """A meter that keeps no books: evaluations pay for themselves."""

    def charge(self, tenant: str, charge: Charge, *, key: str | None = None, until: float | None = None) -> None:
        """Nothing is kept."""


@dataclass(frozen=True, slots=True)
class _Owed:
    tenant: str
    key: str
    charge: Charge
    paid_at: float


class Metering:
    """Writes charges into the ledger.

    What cannot be written now, for want of time or of the ledger, is written with the next charge of this process; it
    is lost only if the process ends before that.

    Args:
        ledger: Where they go.
        clock: The time.
        new_id: Makes ids that nobody else makes.
    """

    def __init__(self, ledger: SpendingLedger, clock: Clock, new_id: Callable[[], str]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._new_id = new_id
        self._owed: deque[_Owed] = deque(maxlen=MOST_OWED)
        self._lock = threading.Lock()

    def charge(self, tenant: str, charge: Charge, *, key: str | None = None, until: float | None = None) -> None:
        """Take a charge down, and those that are still owed."""
        if charge.is_nothing:
            return
        with self._lock:
            self._owed.append(_Owed(tenant, key or self._new_id(), charge, self._clock.now()))
            self._settle(until)

    def _settle(self, until: float | None) -> None:
        while self._owed and (until is None or until - self._clock.now() >= CALL_SECONDS):
            first = self._owed[0]
            try:
                self._ledger.add(first.tenant, first.key, first.charge, first.paid_at)
            except RetryableError:
                return
            self._owed.popleft()
