"""A step that is killed, before or after any of its calls to the outside, and run again: the same results, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from docqa.domain.routing import Boundaries
from docqa.models.batch import BatchStatus
from docqa.services.batches import concluding, finding, splitting
from tests.unit.answering.test_killed_workers import Fuse, KilledError
from tests.unit.batches.plant import FIELDS, NOWHERE, PREFIX, BatchPlant, as_jsonl, by_job, runway_of

LINES: list[dict[str, Any] | bytes] = [
    {"question": runway_of(FIELDS[0]), "id": "q-1"},
    b"poison",
    {"question": NOWHERE, "id": "q-3"},
    {"question": runway_of(FIELDS[1]), "id": "q-4"},
    {"question": runway_of(FIELDS[2]), "id": "q-5"},
]
PROMPTS = 3
LOW = Boundaries(realtime_records=1, batch_records=2, batch_waiting=9)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several parts of few questions, each noted by itself."""
    monkeypatch.setattr(splitting, "PART_QUESTIONS", 3)
    monkeypatch.setattr(concluding, "STRIDE", 1)
    monkeypatch.setattr(finding, "STRIDE", 2)


def endanger(plant: BatchPlant, fuse: Fuse) -> Callable[[], None]:
    """Put the fuse around every call to the outside; returns what takes it away again."""
    outside: list[tuple[Any, str]] = [
        *((plant.store, name) for name in ("begin", "complete", "get")),
        *(
            (plant.registry, name)
            for name in (
                "create",
                "get",
                "take_place",
                "free_place",
                "begin",
                "set_split",
                "note_searched",
                "set_route",
                "forget_route",
                "await_replies",
                "replies_are_there",
                "position",
                "advance",
                "end",
                "note_told",
            )
        ),
        *((plant.jobs, name) for name in ("join", "hold", "close", "set_started", "end")),
        *((plant.work, name) for name in ("write", "delete_prefix")),
        (plant.inbox, "write"),
        (plant.executions, "start"),
        (plant.workflow, "succeed"),
        (plant.queue, "send"),
        (plant.library.search, "search"),
        (plant.library.embeddings, "embed_queries"),
        (plant.bus, "publish"),
    ]
    for owner, name in outside:
        setattr(owner, name, fuse.guarded(getattr(owner, name)))

    def disarm() -> None:
        for owner, name in outside:
            delattr(owner, name)

    return disarm


def steps(plant: BatchPlant) -> Callable[[], str]:
    """The whole way of a file; called again after a kill, it goes on with the step that was killed."""
    plant.inbox.put(PREFIX + "a.jsonl", as_jsonl(LINES))
    done: set[str] = set()

    def once(name: str, step: Callable[[], object]) -> None:
        if name not in done:
            step()
            done.add(name)

    def go() -> str:
        once("receive", lambda: plant.receipt.receive(PREFIX + "a.jsonl"))
        (batch_id,) = plant.registry.batches
        once("split", lambda: plant.split.run(batch_id))
        for part in (0, 1):
            once(f"find {part}", lambda part=part: plant.find.run(batch_id, part))
        once("request", lambda: plant.requesting.run(batch_id, "token"))
        if plant.routes:
            once("job", lambda: job(plant))
        for part in (0, 1):
            once(f"conclude {part}", lambda part=part: plant.conclude.run(batch_id, part))
        once("finish", lambda: plant.ending.finish(batch_id))
        return batch_id

    return go


def job(plant: BatchPlant) -> None:
    """What ticks do, until the execution is woken."""
    for _ in range(5):
        plant.clock.time += 1_000.0  # longer than anybody who died can hold a job
        plant.job_service.sweep()
        if "token" in plant.workflow.succeeded:
            return
    raise AssertionError("it was never woken")


def survives(
    plant: BatchPlant, moment: int, expected: list[dict[str, Any]] | None
) -> tuple[list[dict[str, Any]], bool]:
    """Kill at a moment, go on, and compare; the results, and whether there was such a moment."""
    plant.register()
    fuse = Fuse(moment)
    disarm = endanger(plant, fuse)
    go = steps(plant)
    try:
        batch_id = go()
        disarm()
    except KilledError:
        disarm()
        plant.restart()
        batch_id = go()
    batch = plant.batch(batch_id)
    lines = [{**line, "timings_ms": {}} for line in plant.lines(batch_id, batch.principal)]
    assert expected is None or lines == expected
    assert batch.status is BatchStatus.DONE
    assert (batch.counts.answered, batch.counts.abstained, batch.counts.failed) == (3, 1, 1)
    assert {event.batch_id for event in plant.bus.published} == {batch_id}  # type: ignore[attr-defined]
    assert len(plant.store.records) == PROMPTS + 1, "one record a question"
    assert all(record.answer for record in plant.store.records.values())
    assert f"{PREFIX}results/a.jsonl/results.jsonl" in plant.inbox.objects()
    assert plant.registry.places("acme") == frozenset()
    assert set(plant.workflow.succeeded) == {"token"}
    return lines, fuse.blown


def test_in_real_time_every_moment_is_survived() -> None:
    """Promise 41: killed at any moment; a call of the model is repeated only if it was the one that was lost."""
    expected, _ = survives(BatchPlant(), 10_000, None)
    for moment in range(10_000):
        plant = BatchPlant()
        _, blown = survives(plant, moment, expected)
        assert plant.chat is not None
        assert len(plant.chat.prompts) <= PROMPTS + 1
        if not blown:
            break
    assert moment > 80


def test_with_a_job_every_moment_is_survived_and_nothing_is_asked_twice() -> None:
    """Promises 33, 41: killed at any moment, also while a job is begun, handed out and woken from."""
    expected, _ = survives(BatchPlant(routes=[by_job()], boundaries=LOW), 10_000, None)
    for moment in range(10_000):
        way = by_job()
        plant = BatchPlant(routes=[way], boundaries=LOW)
        _, blown = survives(plant, moment, expected)
        assert [len(asked) for asked in way.asked] == [PROMPTS]
        assert plant.chat is not None
        assert plant.chat.prompts == []
        if not blown:
            break
    assert moment > 100


def test_a_step_that_runs_out_of_time_goes_on_where_it_was() -> None:
    plant = BatchPlant(seconds=0.0)
    plant.register()
    batch_id = plant.drop(as_jsonl(LINES))
    plant.prepare(batch_id)
    plant.request(batch_id)
    positions = []
    while not plant.conclude.run(batch_id, 0):
        positions.append(plant.registry.position(batch_id, 0))
    assert positions == [1, 2]
    while not plant.conclude.run(batch_id, 1):
        pass
    done = plant.ending.finish(batch_id)
    assert done.counts.through == len(LINES)
    assert plant.chat is not None
    assert len(plant.chat.prompts) == PROMPTS


def test_a_step_that_is_run_twice_at_once_records_one_answer_a_question() -> None:
    """A hung function's retry overtakes it: whoever is first, both write the same file."""
    plant = BatchPlant()
    plant.register()
    batch_id = plant.drop(as_jsonl(LINES))
    plant.prepare(batch_id)
    plant.request(batch_id)
    complete = plant.store.complete
    inner: list[int] = []

    def overtaken(*arguments: Any) -> Any:
        if not inner:
            inner.append(1)
            plant.restart()
            assert plant.conclude.run(batch_id, 0)
        return complete(*arguments)

    plant.store.complete = overtaken  # type: ignore[method-assign]
    outer = plant.conclude
    assert outer.run(batch_id, 0)
    assert plant.conclude.run(batch_id, 1)
    done = plant.ending.finish(batch_id)
    assert done.counts.through == len(LINES)
    assert [one["line"] for one in plant.lines(batch_id, done.principal)] == [1, 2, 3, 4, 5]
