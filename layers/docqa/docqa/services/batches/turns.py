"""Parts of batches take turns: few are worked on at once, and no tenant keeps the others waiting for its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from docqa.domain.part_places import admits, as_of, freed, next_wait, refused, taken
from docqa.errors import ConcurrentUpdateError
from docqa.models.part_places import PartPlaces
from docqa.ports.batches import BatchRegistry, PartPlaceStore
from docqa.ports.clock import Clock
from docqa.services.batches.on_record import batch_on_record

# A function is stopped after fifteen minutes; a minute more, and nobody works on its part.
HELD_SECONDS = 960.0
_TRIES = 10


@dataclass(frozen=True, slots=True)
class PartTurns:
    """Gives places to parts.

    Attributes:
        capacity: Parts that are worked on at the same time, of all batches and tenants.
    """

    registry: BatchRegistry
    places: PartPlaceStore
    capacity: int
    clock: Clock

    @contextmanager
    def turn(self, batch_id: str, part: int, waited: int) -> Iterator[int]:
        """Hold a place meanwhile. It is given back at the end; of who dies, a minute after its function's time.

        Args:
            batch_id: Whose part is to be worked on.
            part: Which one, from 0.
            waited: Seconds that it waited before it asked; 0: it asks for the first time.

        Returns:
            0: it has its place. Else the seconds after which to ask again, without one.

        Raises:
            ConcurrentUpdateError: others keep changing the places.
        """
        name, tenant = f"{batch_id}#{part}", batch_on_record(self.registry, batch_id).tenant
        wait = self._asked(name, tenant, waited)
        try:
            yield wait
        finally:
            if not wait:
                self._changed(lambda places: freed(places, name))

    def _asked(self, name: str, tenant: str, waited: int) -> int:
        now, wait = self.clock.now(), next_wait(waited)

        def change(places: PartPlaces) -> PartPlaces:
            if admits(places, name, tenant, self.capacity):
                return taken(places, name, tenant, now + HELD_SECONDS)
            return refused(places, tenant, now + wait)

        return 0 if name in self._changed(change).held else wait

    def _changed(self, change: Callable[[PartPlaces], PartPlaces]) -> PartPlaces:
        for _ in range(_TRIES):
            known, version = self.places.read()
            places = change(as_of(known, self.clock.now()))
            if self.places.write(places, version):
                return places
        raise ConcurrentUpdateError("the places of parts of batches are being changed by others")
