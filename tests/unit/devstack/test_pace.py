"""How the local embedding model decides what it takes on."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from devstack.modelserver.models.pace import Pace
from devstack.modelserver.models.ports import EmbeddingBusyError


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_would_be_done_too_late_is_refused_at_once() -> None:
    pace = Pace(workers=2, seconds_a_text=0.1, longest=10.0, clock=Clock())
    with pace.place(150), pytest.raises(EmbeddingBusyError), pace.place(51):
        pass


def test_places_are_free_again_when_the_work_is_done() -> None:
    pace = Pace(workers=2, seconds_a_text=0.1, longest=10.0, clock=Clock())
    with pace.place(150):
        pass
    with pace.place(51):
        pass


def test_who_comes_to_an_idle_model_is_taken_however_much_it_is() -> None:
    pace = Pace(workers=2, seconds_a_text=0.1, longest=10.0, clock=Clock())
    with pace.place(1000):
        pass


def test_a_model_that_has_become_slow_takes_less() -> None:
    clock = Clock()
    pace = Pace(workers=2, seconds_a_text=0.1, longest=10.0, clock=clock)
    # When runs of eight take four seconds instead of one
    for _ in range(30):
        with pace.run(8):
            clock.now += 4.0
    # Then what it took before is too much beside a little
    with ExitStack() as places:
        places.enter_context(pace.place(8))
        with pytest.raises(EmbeddingBusyError):
            places.enter_context(pace.place(150))
