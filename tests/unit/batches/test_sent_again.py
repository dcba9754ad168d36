"""A batch that was stopped while a job of the chat model had its prompts, and is sent again: nothing is paid twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from docqa.domain.routing import Boundaries
from docqa.models.batch import BatchStatus
from docqa.models.inference import Route
from tests.fakes.answering import ScriptedChat
from tests.fakes.inference import ScriptedInferenceJobs
from tests.unit.batches.plant import FIELDS, BatchPlant, by_job, runway_of

ALL = [runway_of(name) for name in FIELDS]
LOW = Boundaries(realtime_records=3, batch_records=6, batch_waiting=2)


def waiting(way: ScriptedInferenceJobs) -> tuple[BatchPlant, str]:
    """A batch whose execution waits for a job that has not begun."""
    plant = BatchPlant(routes=[way], boundaries=LOW)
    batch_id = plant.submit(ALL, key="k").batch_id
    plant.prepare(batch_id)
    plant.requesting.run(batch_id, "stopped")
    return plant, batch_id


def stop(plant: BatchPlant, batch_id: str) -> None:
    attempt = plant.batch(batch_id)
    plant.ending.fail(batch_id, attempt.execution, "ExecutionAborted", "")
    assert plant.batch(batch_id).status is BatchStatus.FAILED


def again(plant: BatchPlant) -> None:
    """Sent again, as it was, and answered."""
    batch_id = plant.submit(ALL, key="k").batch_id
    assert plant.run(batch_id).status is BatchStatus.DONE
    assert {line["status"] for line in plant.lines(batch_id)} == {"answered"}


def by_realtime(plant: BatchPlant) -> int:
    assert isinstance(plant.chat, ScriptedChat)
    return len(plant.chat.prompts)


def test_replies_that_came_while_it_had_failed_are_its_answers() -> None:
    """They are paid for: the job was answering when the batch was stopped, and ended before it was sent again."""
    way = by_job()
    plant, batch_id = waiting(way)
    plant.job_service.sweep()
    stop(plant, batch_id)
    plant.job_service.sweep()
    assert plant.workflow.succeeded == [], "nobody waits"

    again(plant)

    assert by_realtime(plant) == 0
    assert [len(asked) for asked in way.asked] == [len(ALL)]
    assert len(plant.ledger.charges) == 1


def test_a_job_that_is_still_answering_when_it_is_sent_again_is_waited_for() -> None:
    way = by_job()
    plant, batch_id = waiting(way)
    plant.job_service.sweep()
    stop(plant, batch_id)

    again(plant)

    assert by_realtime(plant) == 0
    assert [len(asked) for asked in way.asked] == [len(ALL)]


def test_a_job_that_never_began_is_followed_by_another() -> None:
    """Nothing was asked for a batch that had failed; its next attempt has a job, and not the full price."""
    way = by_job()
    plant, batch_id = waiting(way)
    stop(plant, batch_id)
    plant.job_service.sweep()
    assert way.asked == []

    again(plant)

    assert by_realtime(plant) == 0
    assert [len(asked) for asked in way.asked] == [len(ALL)]
    assert plant.show(batch_id).route == "batch"


def test_a_shared_job_that_began_without_it_neither_holds_it_up_nor_wakes_it() -> None:
    """The others' job goes on; the batch, sent again meanwhile, has one of its own or asks in real time."""
    way = by_job(least=10)
    plant = BatchPlant(routes=[way], boundaries=Boundaries(realtime_records=3, batch_records=20, batch_waiting=1))
    batch_id, second, third = (plant.submit(ALL, key=key).batch_id for key in ("k", "second", "third"))
    for one, token in ((batch_id, "stopped"), (second, "second"), (third, "third")):
        plant.prepare(one)
        plant.requesting.run(one, token)
    (shared,) = plant.jobs.live()
    stop(plant, batch_id)
    plant.clock.time += 301.0
    plant.job_service.sweep()

    plant.submit(ALL, key="k")
    plant.prepare(batch_id)
    plant.requesting.run(batch_id, "again")

    assert plant.jobs.jobs[shared].members == {batch_id, second, third}
    assert plant.show(batch_id).route == "realtime", "eight prompts are too few for a job"
    assert plant.workflow.succeeded == ["again"]
    plant.job_service.sweep()
    assert sorted(plant.workflow.succeeded) == ["again", "second", "third"]
    assert [{one.split(":")[0] for one in asked} for asked in way.asked] == [{second, third}]


def test_a_job_of_an_earlier_attempt_does_not_wake_the_next_one_too_early() -> None:
    """It is told of late, when the next attempt waits for its own job."""
    way = by_job()
    plant, batch_id = waiting(way)
    first = plant.job(batch_id, Route.BATCH)
    stop(plant, batch_id)
    told = plant.jobs.get(first)
    assert told is not None
    assert list(plant.contents.records(told)) == []
    plant.submit(ALL, key="k")
    plant.prepare(batch_id)
    plant.requesting.run(batch_id, "again")
    assert plant.job(batch_id, Route.BATCH) != first

    plant.contents.wake(told)
    assert plant.workflow.succeeded == []


def test_one_that_is_sent_again_just_when_its_job_begins_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It had failed when it was looked at, and is running when that is noted."""
    way = by_job()
    plant, batch_id = waiting(way)
    stop(plant, batch_id)
    forget = plant.registry.forget_route

    def overtaken(failed: str) -> None:
        plant.submit(ALL, key="k")
        forget(failed)

    monkeypatch.setattr(plant.registry, "forget_route", overtaken)
    plant.job_service.sweep()
    monkeypatch.undo()

    again(plant)
    assert by_realtime(plant) == 0
    assert [len(asked) for asked in way.asked] == [len(ALL)]


def test_what_was_answered_in_real_time_is_not_asked_by_a_job_as_well() -> None:
    """Its time was over before the job began, and half of it was answered when it failed."""
    way = by_job()
    plant, batch_id = waiting(way)
    assert not replace(plant.conclude, seconds=0.0).run(batch_id, 0)
    stop(plant, batch_id)
    plant.job_service.sweep()
    plant.restart()

    again(plant)

    assert way.asked == []
    assert by_realtime(plant) == len(ALL)
