from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from docqa.adapters.dynamodb_part_places import DynamoDbPartPlaces
from docqa.domain import part_places
from docqa.domain.failure_words import EXECUTION_TIMED_OUT
from docqa.errors import ServiceUnavailableError
from docqa.models.inference import Route
from docqa.models.part_places import HeldPlace, PartPlaces
from tests.fakes.inference import ScriptedInferenceJobs
from tests.integration.batches.conftest import INBOX, WORK, BatchStack, sample
from tests.integration.statemachine.machine import FunctionKilledError
from tests.unit.batches.plant import FIELDS, NOWHERE, PREFIX, as_jsonl, by_job, runway_of

RESULTS = f"{PREFIX}results/monday.jsonl/results.jsonl"
LINES: list[dict[str, Any] | bytes] = [
    *({"question": runway_of(name), "id": f"q-{place}"} for place, name in enumerate(FIELDS)),
    {"question": NOWHERE, "tenant": "umbrella", "id": "poison"},
    {"question": NOWHERE, "id": "nowhere"},
]
STATUSES = ["answered"] * len(FIELDS) + ["failed", "abstained"]
NO_FAILURES = {"batchItemFailures": []}


def results(stack: BatchStack) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stack.objects(INBOX)[RESULTS].splitlines()]


def test_a_file_of_a_channel_goes_all_the_way(stack: BatchStack) -> None:
    """Promises 11, 24: the shipped state machine; nothing that it carries is text."""
    assert stack.drop(as_jsonl(LINES)) == NO_FAILURES
    (name,) = stack.running()
    execution = stack.execution(name)

    assert execution.status == "SUCCEEDED"
    assert [one for one in execution.states if one[0].isupper()][:2] == ["SplitQuestions", "FindPassages"]
    assert execution.largest_state_bytes < 500
    assert [one["status"] for one in results(stack)] == STATUSES
    assert [one["id"] for one in results(stack)] == [f"q-{place}" for place in range(8)] + ["poison", "nowhere"]
    (told,) = stack.published()
    assert (told["status"], told["questions"], told["answered"]) == ("DONE", 10, 8)
    for told_again in range(2):
        assert stack.drop(as_jsonl(LINES)) == NO_FAILURES, told_again
    assert stack.running() == [name]


def test_a_prefix_that_is_removed_meanwhile_is_given_no_results(stack: BatchStack) -> None:
    """Promise 42: the registration is read again at the end."""

    def remove() -> None:
        stack.channels.remove_inbox(PREFIX)

    stack.functions.before["answer_batch"] = remove
    stack.drop(as_jsonl(LINES))
    assert stack.execution(stack.running()[0]).status == "SUCCEEDED"
    assert [key for key in stack.objects(INBOX) if "results/" in key] == []
    (told,) = stack.published()
    assert (told["status"], told["answered"]) == ("DONE", 8)


def test_what_is_kept_of_a_batch_carries_the_tag_by_which_it_is_forgotten(stack: BatchStack) -> None:
    stack.drop(as_jsonl(LINES))
    stack.execution(stack.running()[0])
    kept = stack.objects(WORK)
    assert {key.rpartition("/")[2] for key in kept} >= {"answers.jsonl", "sources.json", "results.jsonl"}
    assert "work" not in {folder for key in kept for folder in key.split("/")[:-1]}
    for key in kept:
        tags = stack.s3.get_object_tagging(Bucket=WORK, Key=key)["TagSet"]
        assert tags == [{"Key": "docqa-keep", "Value": "month"}]


def test_questions_over_http_are_answered_and_shown(stack: BatchStack) -> None:
    event = sample("api__create_batch")
    event["body"] = json.dumps({"questions": [{"question": runway_of("Ashford")}, {"question": NOWHERE}]})
    response = stack.invoke("create_batch", event)
    batch = json.loads(response["body"])
    assert (response["statusCode"], batch["status"]) == (202, "RUNNING")
    assert response["headers"]["Location"] == f"/batches/{batch['batch_id']}"
    assert stack.execution(f"{batch['batch_id']}-1").status == "SUCCEEDED"

    shown = stack.show(batch["batch_id"])
    assert (shown["http"], shown["status"], shown["counts"]["answered"]) == (200, "DONE", 1)
    prefix = f"acme/batches/{batch['batch_id']}/results/"
    (key,) = [key for key in stack.objects(WORK) if key.startswith(prefix) and key.endswith("results.jsonl")]
    assert key in shown["links"]["results"]
    assert len(stack.objects(WORK)[key].splitlines()) == 2
    again = stack.invoke("create_batch", event)
    assert json.loads(again["body"])["batch_id"] == batch["batch_id"], "the sample has an idempotency key"
    assert stack.show("f" * 32)["http"] == 404


def test_a_file_of_a_form_is_begun_when_it_comes(stack: BatchStack) -> None:
    event = sample("api__create_batch")
    event["body"] = json.dumps({"size": 500})
    response = stack.invoke("create_batch", event)
    batch = json.loads(response["body"])
    assert (response["statusCode"], batch["status"]) == (201, "UPLOADING")
    assert stack.running() == []

    stack.drop(as_jsonl(LINES[:2]), batch["upload"]["fields"]["key"])

    assert stack.execution(f"{batch['batch_id']}-1").status == "SUCCEEDED"
    assert stack.show(batch["batch_id"])["counts"]["answered"] == 2


def test_too_many_batches_are_refused_and_files_wait(make_stack: Callable[..., BatchStack]) -> None:
    """Promise 37: 429 with Retry-After."""
    stack = make_stack(OPEN_BATCHES="1", CHAT_PROVIDER="none")
    stack.functions.before["arrange_batch"] = lambda: (_ for _ in ()).throw(FunctionKilledError)
    stack.drop(as_jsonl(LINES))
    response = stack.invoke("create_batch", sample("api__create_batch"))
    assert (response["statusCode"], response["headers"]["Retry-After"]) == (429, "60")
    assert json.loads(response["body"])["title"] == "Too many batches"
    assert stack.drop(as_jsonl(LINES[:1]), f"{PREFIX}tuesday.jsonl") == NO_FAILURES
    attributes = stack.sqs.get_queue_attributes(
        QueueUrl=stack.urls["inbox"], AttributeNames=["ApproximateNumberOfMessagesDelayed"]
    )["Attributes"]
    assert attributes["ApproximateNumberOfMessagesDelayed"] == "1"


def test_a_file_that_nobody_may_send_fails_its_message_only(stack: BatchStack) -> None:
    """Promise 42: a place that nobody registered reads for nobody."""
    failed = stack.drop(as_jsonl(LINES), "umbrella/monday.jsonl")
    assert len(failed["batchItemFailures"]) == 1
    assert stack.running() == []


def with_way(make_stack: Callable[..., BatchStack], way: ScriptedInferenceJobs, **more: str) -> BatchStack:
    stack = make_stack(REALTIME_PROMPTS="3", BATCH_PROMPTS="5", **more)
    stack.way = way
    return stack


def test_replies_of_a_job_are_waited_for_by_task_token(make_stack: Callable[..., BatchStack]) -> None:
    """Promise 33: lost and spoilt ones are asked for in real time."""
    way = by_job(shuffled=True, lost=frozenset({2}), spoilt=frozenset({5}))
    stack = with_way(make_stack, way)
    stack.drop(as_jsonl(LINES))
    (name,) = stack.running()
    until = time.monotonic() + 60.0
    while not stack.ends(name, 0.02) and time.monotonic() < until:
        stack.tick()
    assert stack.execution(name).status == "SUCCEEDED"
    assert [one["status"] for one in results(stack)] == STATUSES
    assert len(way.asked[0]) == len(FIELDS)
    assert len(stack.chat.prompts) == 2
    usd = [one["usage"]["usd"] for one in results(stack)[: len(FIELDS)]]
    assert usd.count(max(usd)) == 2, "batch inference costs half"


def test_when_its_time_is_over_a_batch_goes_on_without_replies(make_stack: Callable[..., BatchStack]) -> None:
    """Promise 32: a job of which nobody ever hears."""
    way = by_job(Route.ASYNCHRONOUS)
    way.limits = type(way.limits)(1, 50_000, 0.5)
    stack = with_way(make_stack, way, BATCH_WITHIN_SECONDS="3")
    stack.drop(as_jsonl(LINES))
    execution = stack.execution(stack.running()[0])
    assert execution.status == "SUCCEEDED"
    assert [one["status"] for one in results(stack)] == STATUSES
    assert way.asked == []
    assert len(stack.chat.prompts) == len(FIELDS)


@pytest.mark.parametrize("function", ["arrange_batch", "answer_batch"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_function_that_is_killed_is_run_again(stack: BatchStack, function: str, side: str) -> None:
    """Promise 41: also when its work was done and only its word was lost."""
    kills = iter([True, False] * 50)

    def kill() -> None:
        if next(kills):
            raise FunctionKilledError

    getattr(stack.functions, side)[function] = kill
    stack.drop(as_jsonl(LINES))
    execution = stack.execution(stack.running()[0])
    assert execution.status == "SUCCEEDED"
    assert [one["status"] for one in results(stack)] == STATUSES
    assert len(stack.chat.prompts) == len(FIELDS)


def test_a_part_waits_for_its_turn(make_stack: Callable[..., BatchStack], monkeypatch: pytest.MonkeyPatch) -> None:
    """Promises 10, 34: another tenant's part holds the only place for a while."""
    monkeypatch.setattr(part_places, "FIRST_WAIT", 1)
    stack = make_stack(BATCH_CONCURRENCY="1")
    places = DynamoDbPartPlaces(boto3.client("dynamodb"), "questions")
    assert places.write(PartPlaces({"other#0": HeldPlace("globex", time.time() + 3.0)}), 0)

    stack.drop(as_jsonl(LINES))

    execution = stack.execution(stack.running()[0])
    assert execution.status == "SUCCEEDED"
    assert [one["status"] for one in results(stack)] == STATUSES
    assert "WaitToFind" in execution.states
    known, _ = places.read()
    assert known.held == {}, "it gave its place back"


def test_a_chat_model_that_is_away_for_a_while_is_waited_for(stack: BatchStack) -> None:
    """Promises 10, 30: by the error's class name."""
    away = [ServiceUnavailableError("busy")] * 3
    script = stack.chat.script
    stack.chat.script = lambda prompt: away.pop() if away else script(prompt)
    stack.drop(as_jsonl(LINES))
    assert stack.execution(stack.running()[0]).status == "SUCCEEDED"
    assert {one["model"] for one in results(stack)[: len(FIELDS)]} == {"amazon.nova-lite-v1:0"}


def test_an_empty_file_fails_with_a_sentence_for_its_sender(stack: BatchStack) -> None:
    """Promise 10: the one failure path."""
    stack.drop(b"\n")
    execution = stack.execution(stack.running()[0])
    assert (execution.status, execution.error) == ("FAILED", "BatchError")
    ended = sample("stepfunctions__batch_timed_out")
    batch_id = stack.running()[0].rpartition("-")[0]
    ended["detail"] |= {"name": f"{batch_id}-1", "input": json.dumps({"batch_id": batch_id}), "status": "FAILED"}
    assert stack.invoke("arrange_batch", ended) == {}
    (told,) = stack.published()
    assert told["status"] == "FAILED"
    item = boto3.client("dynamodb").scan(TableName="questions")["Items"]
    assert "no question" in next(one["failure"]["M"]["message"]["S"] for one in item if "failure" in one)


def test_the_event_of_an_execution_that_timed_out_fails_its_batch(stack: BatchStack) -> None:
    """Promise 4: its end is on record, and sent again it goes on."""
    event = sample("api__create_batch")
    stack.functions.before["arrange_batch"] = lambda: (_ for _ in ()).throw(FunctionKilledError)
    batch_id = json.loads(stack.invoke("create_batch", event)["body"])["batch_id"]
    stack.execution(f"{batch_id}-1")
    stack.functions.before.clear()
    ended = sample("stepfunctions__batch_timed_out")
    ended["detail"] |= {"name": f"{batch_id}-1", "input": json.dumps({"batch_id": batch_id})}

    assert stack.invoke("arrange_batch", ended) == {}

    shown = stack.show(batch_id)
    assert (shown["status"], shown["failure"]["code"]) == ("FAILED", EXECUTION_TIMED_OUT)
    again = json.loads(stack.invoke("create_batch", event)["body"])
    assert (again["batch_id"], again["status"]) == (batch_id, "RUNNING")
    assert stack.execution(f"{batch_id}-2").status == "SUCCEEDED"
    assert stack.show(batch_id)["status"] == "DONE"
