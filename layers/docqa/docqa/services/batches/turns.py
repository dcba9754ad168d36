"""Parts of batches take turns: few are worked on at once, and no tenant keeps the others waiting for its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from docqa.domain.backoff import Backoff
from docqa.domain.part_places import USUAL_WAIT, admits, as_of, freed, need_not_hurry, next_wait, refused, taken
from docqa.errors import ConcurrentUpdateError, RetryableError, ThrottledError
from docqa.models.part_places import PartPlaces
from docqa.ports.batches import BatchRegistry, PartPlaceStore
from docqa.ports.clock import Clock
from docqa.services.batches.on_record import batch_on_record

# A function is stopped after fifteen minutes; a minute more, and nobody works on its part.
HELD_SECONDS = 960.0
# Reading and writing take some 10 ms, and of those who do it at once one gets through.
AGAIN = Backoff(attempts=16, first=0.05, longest=2.0)


@dataclass(frozen=True, slots=True)
class PartTurns:
    """Gives places to parts.

    Attributes:
        capacity: Parts that are worked on at the same time, of all batches and tenants.
        sleep: Waits so many seconds.
        chance: Draws evenly between 0 and 1, in each process differently.
        not_freed: Told why a place could not be given back. It is free when its time is over.
    """

    registry: BatchRegistry
    places: PartPlaceStore
    capacity: int
    clock: Clock
    sleep: Callable[[float], None]
    chance: Callable[[], float]
    not_freed: Callable[[Exception], None]

    @contextmanager
    def turn(self, batch_id: str, part: int, waited: int | None) -> Iterator[int]:
        """Hold a place meanwhile. It is given back at the end; of who dies, a minute after its function's time.

        Args:
            batch_id: Whose part is to be worked on.
            part: Which one, from 0.
            waited: Seconds that it waited before it asked; 0: it asks for the first time; None: its execution began
                before parts took turns, and knows of no wait.

        Returns:
            0: it has its place. Else the seconds after which to ask again, without one.

        Raises:
            ConcurrentUpdateError: others keep changing the places.
            ThrottledError: it is refused, and its execution knows retries alone.
        """
        name, tenant = f"{batch_id}#{part}", batch_on_record(self.registry, batch_id).tenant
        until = self.clock.now() + HELD_SECONDS
        wait = self._asked(name, tenant, until, waited)
        if wait and waited is None:
            raise ThrottledError("other parts of batches are worked on")
        try:
            yield wait
        finally:
            if not wait:
                self._free(name, until)

    def _asked(self, name: str, tenant: str, until: float, waited: int | None) -> int:
        wait = 0

        def change(places: PartPlaces) -> PartPlaces:
            nonlocal wait
            now = self.clock.now()
            if admits(places, name, tenant, self.capacity, now):
                wait = 0
                return taken(places, name, tenant, until)
            # An execution that knows retries alone pauses for two minutes at most.
            slow = need_not_hurry(places, tenant, now)
            wait = USUAL_WAIT if waited is None else next_wait(waited, self.chance(), has_time=slow)
            return refused(places, tenant, now, now + wait)

        self._changed(change)
        return wait

    def _free(self, name: str, until: float) -> None:
        """What was done in the place is done, whether it can be given back or not."""
        try:
            self._changed(lambda places: freed(places, name, until))
        except RetryableError as error:
            self.not_freed(error)

    def _changed(self, change: Callable[[PartPlaces], PartPlaces]) -> PartPlaces:
        for attempt in range(1, AGAIN.attempts + 1):
            known, version = self.places.read()
            places = change(as_of(known, self.clock.now()))
            if self.places.write(places, version):
                return places
            if attempt < AGAIN.attempts:
                self.sleep(AGAIN.pause(attempt, self.chance()))
        raise ConcurrentUpdateError("the places of parts of batches are being changed by others")
