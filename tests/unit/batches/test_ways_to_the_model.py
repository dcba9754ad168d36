"""Which way the chat model is asked, and what becomes of replies that do not come, come twice, or come too late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from docqa.domain.budgets import Standing
from docqa.domain.routing import Boundaries
from docqa.errors import ServiceUnavailableError
from docqa.models.batch import BatchStatus
from docqa.models.inference import JobLimits, JobReport, JobState, Reply, Route
from docqa.services.batches.concluding import PATIENCE_SECONDS
from tests.fakes.answering import ScriptedChat
from tests.unit.answering.library import PLAIN, Library, says
from tests.unit.batches.plant import FIELDS, NOWHERE, BatchPlant, by_job, runway_of, same, well_read

ALL = [runway_of(name) for name in FIELDS]
LOW = Boundaries(realtime_records=3, batch_records=6, batch_waiting=2)


def plant_with(*ways: object, boundaries: Boundaries = LOW, **more: object) -> BatchPlant:
    return BatchPlant(routes=ways, boundaries=boundaries, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("prompts", "route"), [(3, "realtime"), (4, "asynchronous"), (6, "batch")])
def test_few_more_and_many_prompts_go_three_ways(prompts: int, route: str) -> None:
    plant = plant_with(by_job(Route.BATCH), by_job(Route.ASYNCHRONOUS, parts=2))
    plant.register()
    batch_id = plant.submit([*ALL[:prompts], NOWHERE]).batch_id

    done = plant.run(batch_id)

    shown = plant.show(batch_id)
    assert (done.prompts, shown.route) == (prompts, route)
    assert f"{prompts} prompts" in shown.route_reason
    assert [one["status"] for one in plant.lines(batch_id)] == ["answered"] * prompts + ["abstained"]
    assert plant.chat is not None
    assert bool(plant.chat.prompts) is (route == "realtime"), "nothing is asked twice"


def test_a_way_that_would_take_longer_than_the_batch_may_is_not_taken() -> None:
    plant = plant_with(by_job())
    shown = plant.submit(ALL, within_seconds=600)
    plant.run(shown.batch_id)
    assert plant.show(shown.batch_id).route == "realtime"
    assert "0.166" in plant.show(shown.batch_id).route_reason


def test_more_prompts_than_a_job_takes_do_not_go_by_it() -> None:
    way = by_job()
    way.limits = JobLimits(1, 7, 3_600.0)
    plant = plant_with(way)
    batch_id = plant.submit(ALL).batch_id
    plant.run(batch_id)
    assert plant.show(batch_id).route == "realtime"


def test_batches_of_a_tenant_that_are_under_way_together_go_together() -> None:
    """A backlog: none of them alone has enough prompts for a job."""
    way = by_job(least=6)
    plant = plant_with(way, boundaries=Boundaries(3, 6, 1))
    first, second = plant.submit(ALL[:4]).batch_id, plant.submit(ALL[4:]).batch_id
    for batch_id in (first, second):
        plant.prepare(batch_id)
        plant.requesting.run(batch_id, f"token-{batch_id}")
    plant.clock.time += 301.0
    plant.job_service.sweep()
    plant.job_service.sweep()

    assert plant.workflow.succeeded == sorted([f"token-{first}", f"token-{second}"])
    assert [len(asked) for asked in way.asked] == [8]
    for batch_id in (first, second):
        plant.answer(batch_id)
        plant.ending.finish(batch_id)
        assert {one["status"] for one in plant.lines(batch_id)} == {"answered"}
    assert plant.chat is not None
    assert plant.chat.prompts == []


def test_only_what_a_job_did_not_bring_is_asked_in_real_time() -> None:
    """Promise 33: shuffled, partly lost, partly with an error, and a reply that says nothing."""
    way = by_job(lost=frozenset({1}), spoilt=frozenset({4}), shuffled=True)
    answer = way.answer
    way.answer = lambda prompt: (
        Reply(" ") if FIELDS[6] in prompt.messages[1][1].split("Question:")[1] else answer(prompt)
    )
    plant = plant_with(way)
    batch_id = plant.submit(ALL).batch_id

    plant.run(batch_id)

    assert plant.chat is not None
    asked = [one.split("Question:")[1] for one in plant.chat.prompts]
    assert len(asked) == 3
    assert all(FIELDS[place] in "".join(asked) for place in (1, 4, 6))
    for line in plant.lines(batch_id):
        assert same(line, plant.alone(line["question"]))


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.EXPIRED])
def test_a_job_that_brings_nothing_costs_no_answer(state: JobState) -> None:
    """Promises 32, 33: failed and expired."""
    way = by_job(lost=frozenset(range(100)))
    plant = plant_with(way)
    batch_id = plant.submit(ALL).batch_id
    plant.prepare(batch_id)
    plant.requesting.run(batch_id, "token")
    plant.job_service.sweep()
    way.reports[plant.job(batch_id, Route.BATCH)] = JobReport(state, "so it went")
    plant.job_service.sweep()
    plant.answer(batch_id)
    plant.ending.finish(batch_id)

    assert plant.workflow.succeeded == ["token"]
    assert {one["status"] for one in plant.lines(batch_id)} == {"answered"}


def test_notifications_twice_and_of_strangers_wake_nobody_twice() -> None:
    """Promise 32: told twice, or of another's job, one outcome."""
    plant = plant_with(by_job(Route.ASYNCHRONOUS, parts=2))
    batch_id = plant.submit(ALL).batch_id
    plant.prepare(batch_id)
    plant.requesting.run(batch_id, "token")
    plant.job_service.sweep()
    job = plant.job(batch_id, Route.ASYNCHRONOUS)
    for part in (f"{job}.0", f"{job}.0", "stranger.1", f"{job}.1", f"{job}.1"):
        plant.job_service.part_ended(part.partition(".")[0], part)
    assert plant.workflow.succeeded == ["token"]


def test_replies_that_came_before_anybody_waited_are_used_and_nobody_waits() -> None:
    """The step that waits was killed after it joined the job, and is run again when the job has ended."""
    plant = plant_with(by_job())
    batch_id = plant.submit(ALL).batch_id
    plant.prepare(batch_id)
    plant.requesting.run(batch_id, "lost")
    plant.job_service.sweep()
    plant.job_service.sweep()

    plant.requesting.run(batch_id, "again")
    plant.answer(batch_id)
    plant.ending.finish(batch_id)

    assert plant.workflow.succeeded == ["lost", "again"]
    assert plant.chat is not None
    assert plant.chat.prompts == []


def test_a_way_that_is_taken_down_while_a_batch_begins_is_not_waited_for() -> None:
    plant = plant_with(by_job())
    batch_id = plant.submit(ALL).batch_id
    plant.prepare(batch_id)
    plant.requesting.run(batch_id, "first")
    bare = replace(plant.requesting, offers=[])
    bare.run(batch_id, "second")
    assert plant.workflow.succeeded == ["second"]


def test_nothing_of_a_job_or_of_the_work_on_a_batch_is_left() -> None:
    plant = plant_with(by_job())
    batch_id = plant.submit(ALL).batch_id
    plant.run(batch_id)
    left = [key.partition(batch_id)[2] for key in plant.work.objects()]
    assert sorted(one.rpartition("/")[2] for one in left) == [
        "answers.jsonl",
        "report.html",
        "results.csv",
        "results.jsonl",
        "sources.json",
    ]


def test_what_batch_inference_wrote_costs_half() -> None:
    """The price of the model's tokens is in the list; the same answers cost the half of real time."""
    model = "amazon.nova-lite-v1:0"
    usd = {}
    for name, ways in (("realtime", ()), ("batch", (by_job(),))):
        plant = plant_with(*ways)
        generator = plant.answering._generator  # type: ignore[attr-defined]
        assert generator is not None
        generator().name = model
        batch_id = plant.submit(ALL).batch_id
        usd[name] = plant.run(batch_id).counts.usd
    assert usd["realtime"] == pytest.approx(len(ALL) * (100 * 0.06 + 10 * 0.24) / 1e6)
    assert usd["batch"] == pytest.approx(usd["realtime"] / 2)


def test_all_that_a_job_brings_is_paid_for_once() -> None:
    """Promise 55: also what says nothing, and what comes when the batch has ended; told again, nothing is added."""
    way = by_job(lost=frozenset({1}))
    answer = way.answer
    way.answer = lambda prompt: (
        Reply(" ", 100, 10) if FIELDS[6] in prompt.messages[1][1].split("Question:")[1] else answer(prompt)
    )
    plant = plant_with(way)
    used, late = (plant.submit(ALL).batch_id for _ in range(2))
    for batch_id in (used, late):
        plant.prepare(batch_id)
        plant.requesting.run(batch_id, "token")
    plant.job_service.sweep()
    plant.ending.fail(late, f"{late}-1", "States.Timeout", "")
    job = plant.jobs.get(plant.job(used, Route.BATCH))
    assert job is not None
    assert job.started is not None
    for _ in range(2):
        plant.contents.deliver(job, way.results("", job.started))
    plant.job_service.sweep()

    paid = [(tenant, charge.units) for tenant, charge in plant.ledger.charges]
    answered = len(ALL) - 1
    assert paid == [("acme", {"input_tokens": 100.0 * answered, "output_tokens": 10.0 * answered})] * 2


def test_samples_of_a_job_vote_as_samples_of_real_time_do() -> None:
    plant = BatchPlant(routes=[by_job()], boundaries=LOW, library=Library(samples=3))
    batch_id = plant.submit(ALL[:2]).batch_id
    plant.run(batch_id)
    assert plant.batch(batch_id).prompts == 6
    assert plant.chat is not None
    assert plant.chat.prompts == []
    trace = plant.store.trace(plant.lines(batch_id)[0]["answer_id"])
    assert trace is not None
    assert len(trace.written) == 3


def test_a_document_that_was_replaced_meanwhile_is_searched_again() -> None:
    """Promise 43: a reply to what does not answer any more is of no use."""
    plant = plant_with(by_job())
    batch_id = plant.submit(ALL).batch_id
    plant.prepare(batch_id)
    plant.request(batch_id)
    plant.library.search.chunks = [one for one in plant.library.search.chunks if one.title != FIELDS[0]]
    plant.library.add(FIELDS[0], f"The runway of {FIELDS[0]} is 999 metres long.", generation=2)

    plant.answer(batch_id)
    plant.ending.finish(batch_id)

    first, *others = plant.lines(batch_id)
    assert "999 metres" in first["text"]
    assert plant.chat is not None
    # In eight small documents every passage is in every prompt: all of them were asked anew.
    assert len(plant.chat.prompts) == len(ALL)
    assert all(same(one, plant.alone(one["question"])) for one in others)


def test_a_model_that_is_away_for_a_moment_is_waited_for() -> None:
    """Promise 30: a throttle makes no batch of quotes."""
    away = [ServiceUnavailableError("busy")] * 4
    chat = ScriptedChat(script=lambda prompt: away.pop() if away else well_read(prompt))
    plant = BatchPlant(chat=chat)
    batch_id = plant.submit(ALL).batch_id
    plant.prepare(batch_id)
    plant.request(batch_id)
    for _ in range(2):
        with pytest.raises(ServiceUnavailableError):
            plant.conclude.run(batch_id, 0)
        plant.clock.time += 60.0
    plant.answer(batch_id)
    plant.ending.finish(batch_id)
    assert {one["model"] for one in plant.lines(batch_id)} == {"scripted"}


def test_a_model_that_stays_away_is_not_waited_for_for_ever() -> None:
    """Promise 39: then the quotes are the answers, and say so."""
    plant = BatchPlant(chat=says(ServiceUnavailableError("gone")))
    batch_id = plant.submit(ALL).batch_id
    plant.prepare(batch_id)
    plant.request(batch_id)
    with pytest.raises(ServiceUnavailableError):
        plant.conclude.run(batch_id, 0)
    plant.clock.time += PATIENCE_SECONDS

    plant.answer(batch_id)
    plant.ending.finish(batch_id)

    lines = plant.lines(batch_id)
    assert {one["status"] for one in lines} == {"answered"}
    assert all("not available" in one["reason"] and one["citations"] for one in lines)


def test_a_batch_whose_time_is_over_waits_for_nobody() -> None:
    plant = BatchPlant(chat=says(ServiceUnavailableError("gone")))
    batch_id = plant.submit(ALL, within_seconds=60).batch_id
    plant.prepare(batch_id)
    plant.request(batch_id)
    plant.clock.time += 61.0
    plant.answer(batch_id)
    assert plant.ending.finish(batch_id).status is BatchStatus.DONE


def test_without_a_chat_model_everything_is_quoted_at_once() -> None:
    plant = BatchPlant(chat=None)
    batch_id = plant.submit([*ALL, NOWHERE]).batch_id
    plant.run(batch_id)
    lines = plant.lines(batch_id)
    assert [one["status"] for one in lines] == ["answered"] * len(ALL) + ["abstained"]
    assert plant.batch(batch_id).prompts == 0
    assert all(same(one, plant.alone(one["question"])) for one in lines)


def test_no_job_is_begun_for_a_tenant_whose_budget_is_used_up() -> None:
    """Promise 55: the reason is shown with the batch."""

    class UsedUp:
        def standing(self, tenant: str) -> Standing:
            assert tenant == "acme"
            return Standing(limit=1.0, spent=1.0)

    way = by_job()
    plant = plant_with(way)
    plant.requesting = replace(plant.requesting, budgets=UsedUp())
    batch_id = plant.submit(ALL).batch_id
    plant.run(batch_id)
    assert way.asked == []
    assert "budget" in plant.show(batch_id).route_reason


def test_over_the_budget_replies_that_are_paid_for_are_used_and_no_other_is_asked_for() -> None:
    """Promise 55: what did not come, or does not hold, is quoted."""
    way = by_job(lost=frozenset({1}))
    answer = way.answer
    way.answer = lambda prompt: (
        Reply("It is 12,345 metres long [1].", 100, 10)
        if FIELDS[6] in prompt.messages[1][1].split("Question:")[1]
        else answer(prompt)
    )
    plant = BatchPlant(routes=[way], boundaries=LOW, library=Library(samples=3))
    batch_id = plant.submit(ALL).batch_id
    plant.prepare(batch_id)
    plant.request(batch_id)
    plant.answering.may_generate = lambda tenant: False  # type: ignore[method-assign]
    plant.answer(batch_id)
    plant.ending.finish(batch_id)

    assert plant.chat is not None
    assert plant.chat.prompts == []
    lines = plant.lines(batch_id)
    assert {one["status"] for one in lines} == {"answered"}
    assert [name for name, one in zip(FIELDS, lines, strict=True) if one["model"] is None] == [FIELDS[6]]
    assert "12,345" not in lines[6]["text"]


def test_the_threshold_is_the_librarys() -> None:
    """What is refused is refused before any prompt is made."""
    strict = replace(PLAIN, threshold=1.0)
    plant = BatchPlant(routes=[by_job()], boundaries=LOW, library=Library(calibration=strict))
    batch_id = plant.submit(ALL).batch_id
    done = plant.run(batch_id)
    assert (done.prompts, done.counts.abstained) == (0, len(ALL))
