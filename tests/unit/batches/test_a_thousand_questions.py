"""1,000 lines in, 1,000 lines out, in their order, each with the answer that it has when it is asked alone."""

from __future__ import annotations

import pytest

from docqa.models.batch import BatchStatus
from docqa.models.events import BatchCompleted
from docqa.models.inference import Route
from docqa.services.batches.receipt import RESULTS
from tests.unit.answering.library import ANA
from tests.unit.batches.plant import FIELDS, NOWHERE, PREFIX, BatchPlant, as_jsonl, by_job, runway_of, same

LINES = 1_000
POISON = 417  # the line's number


def questions() -> list[str]:
    """Of every tenth the documents say nothing."""
    return [NOWHERE if place % 10 == 9 else runway_of(FIELDS[place % len(FIELDS)]) for place in range(LINES)]


def file_of(asked: list[str]) -> bytes:
    lines: list[dict[str, object] | bytes] = [
        {"question": text, "id": f"q-{number}", "metadata": {"row": str(number)}}
        for number, text in enumerate(asked, start=1)
    ]
    lines[POISON - 1] = b'{"question": "How long is the runway of Ashford?", "tenant": "umbrella", "id": "q-417"}'
    return as_jsonl(lines)


@pytest.mark.parametrize("route", [Route.REALTIME, Route.BATCH])
def test_a_thousand_lines_have_a_thousand_results_whichever_way_the_model_is_asked(route: Route) -> None:
    """Promises 33, 40: in input order, verified as when asked alone; a poison line fails alone."""
    ways = [] if route is Route.REALTIME else [by_job(route, shuffled=True)]
    plant = BatchPlant(routes=ways)
    plant.register()
    asked = questions()
    batch_id = plant.drop(file_of(asked))

    done = plant.run(batch_id)

    results = plant.lines(batch_id)
    assert [one["line"] for one in results] == list(range(1, LINES + 1))
    poison = results.pop(POISON - 1)
    assert (poison["status"], poison["id"], poison["text"]) == ("failed", "q-417", "")
    assert "tenant" in poison["reason"]
    alone = {text: plant.alone(text) for text in set(asked)}
    for one in results:
        assert (one["id"], one["metadata"]) == (f"q-{one['line']}", {"row": str(one["line"])})
        assert same(one, alone[asked[one["line"] - 1]])
    assert {one["status"] for one in results} == {"answered", "abstained"}
    assert all(one["model"] == "scripted" for one in results if one["status"] == "answered")
    assert (done.status, done.questions, done.counts.through) == (BatchStatus.DONE, LINES, LINES)
    assert (done.counts.answered, done.counts.abstained, done.counts.failed) == (899, 100, 1)
    assert done.route == route.value
    assert plant.faults == []
    assert plant.bus.published[-1] == BatchCompleted(
        tenant="acme",
        batch_id=batch_id,
        status="DONE",
        questions=LINES,
        answered=899,
        abstained=100,
        failed=1,
        usd=round(done.counts.usd, 6),
    )
    handed_over = plant.inbox.objects()[f"{PREFIX}{RESULTS}monday.jsonl/results.jsonl"]
    assert handed_over.count(b"\n") == LINES


def test_questions_are_embedded_many_in_a_call() -> None:
    plant = BatchPlant()
    batch_id = plant.submit([runway_of(FIELDS[place % len(FIELDS)]) for place in range(200)]).batch_id
    plant.run(batch_id)
    assert plant.library.embeddings.calls_for_several == [10] * 20


def test_an_answer_of_a_batch_can_be_shown_explained_and_judged_as_any_other() -> None:
    plant = BatchPlant()
    batch_id = plant.submit([runway_of("Ashford"), NOWHERE]).batch_id
    plant.run(batch_id)
    for line in plant.lines(batch_id):
        shown = plant.reader.show(line["answer_id"], ANA)
        assert shown.model_dump(mode="json") == {key: value for key, value in line.items() if key != "line"}
        trace = plant.store.trace(line["answer_id"])
        assert trace is not None
        assert trace.candidates
        assert bool(trace.written) is (line["status"] == "answered")
