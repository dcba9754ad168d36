"""Looking for the answers of a part: what was found is kept, whatever happens to the rest."""

from __future__ import annotations

from itertools import count

import pytest

from docqa.errors import ConfigurationError, ThrottledError
from docqa.services.batches.finding import STRIDE
from tests.unit.answering.test_killed_workers import KilledError
from tests.unit.batches.plant import FIELDS, BatchPlant, runway_of

LINES = 50
ALL = [runway_of(FIELDS[place % len(FIELDS)]) for place in range(LINES)]


def split(plant: BatchPlant, questions: list[str] = ALL) -> str:
    """A batch of one part."""
    batch_id = plant.submit(questions).batch_id
    assert plant.split.run(batch_id).parts == [0]
    return batch_id


def test_a_throttled_search_costs_no_other_one() -> None:
    """Promise 41: a tenth of all searches is throttled, and the part ends."""
    plant = BatchPlant()
    batch_id, searches, tries = split(plant), count(1), 0

    def throttle() -> None:
        if next(searches) % 10 == 0:
            raise ThrottledError("429")

    plant.library.search.before_search = throttle
    while True:
        tries += 1
        try:
            assert plant.find.run(batch_id, 0)
            break
        except ThrottledError:
            assert tries < LINES, "it never ends"
            plant.restart()

    assert tries == 6
    assert len(plant.library.search.asked) == LINES
    assert sum(plant.library.embeddings.calls_for_several) <= LINES + STRIDE * (tries - 1)
    assert plant.run(batch_id).counts.answered == LINES


def test_a_killed_step_looks_for_no_more_than_its_last_few_questions_again() -> None:
    """Promise 41: ten, whatever the size of the part."""
    plant = BatchPlant()
    batch_id, searches = split(plant), count(1)

    def kill() -> None:
        if next(searches) == LINES:
            raise KilledError

    plant.library.search.before_search = kill
    with pytest.raises(KilledError):
        plant.find.run(batch_id, 0)
    plant.restart()
    assert plant.find.run(batch_id, 0)
    assert len(plant.library.search.asked) <= LINES + 10


def test_a_step_that_runs_out_of_time_goes_on_where_it_was() -> None:
    """Promise 10: a call ends long before its function is stopped."""
    plant = BatchPlant(seconds=90.0)
    batch_id, calls = split(plant, ALL[:8]), 1

    def slow() -> None:
        plant.clock.time += 30.0

    plant.library.search.before_search = slow
    while not plant.find.run(batch_id, 0):
        plant.restart()
        calls += 1

    assert (calls, len(plant.library.search.asked)) == (3, 8)
    assert plant.run(batch_id).counts.answered == 8


def test_a_model_that_refuses_every_question_is_the_batchs_failure_however_many_calls_it_took() -> None:
    """Promise 4: sent again, all of them are looked for again."""
    plant = BatchPlant(seconds=0.0)
    batch_id = split(plant, ALL[:3])

    def refuse() -> None:
        raise ConfigurationError("no such index")

    plant.library.search.before_search = refuse
    assert [plant.find.run(batch_id, 0) for _ in range(2)] == [False, False]
    with pytest.raises(ConfigurationError, match="no such index"):
        plant.find.run(batch_id, 0)

    plant.library.search.before_search = lambda: None
    plant.restart()
    assert plant.run(batch_id).counts.answered == 3


def test_a_model_that_refuses_some_questions_fails_these_alone() -> None:
    plant = BatchPlant()
    batch_id, searches = split(plant, ALL[:4]), count(1)

    def refuse() -> None:
        if next(searches) > 1:
            raise ConfigurationError("too long")

    plant.library.search.before_search = refuse
    assert plant.find.run(batch_id, 0)
    plant.library.search.before_search = lambda: None
    done = plant.run(batch_id)
    assert (done.counts.answered, done.counts.failed) == (1, 3)
