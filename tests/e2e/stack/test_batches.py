"""Batches of questions on the deployed stack: over HTTP, through a form, and from the inbox, under IAM enforcement."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from cli import channels
from tests.e2e.stack.cloud import Cloud, Person, eventually

pytestmark = pytest.mark.e2e
PAGE = b"""# Balloon meadow

The balloon meadow of Kestrel Hill is 310 metres wide and was mown for the first time in 1952.

## The hangar

The airship hangar of Kestrel Hill is 61 metres long. Its doors weigh 14 tonnes.
"""
WIDTH = "How wide is the balloon meadow of Kestrel Hill?"
HANGAR = "How long is the airship hangar of Kestrel Hill?"
NOWHERE = "Which opera was first performed in Cairo in 1871?"
QUESTIONS = [WIDTH, HANGAR, NOWHERE, WIDTH, HANGAR, WIDTH, HANGAR, WIDTH, NOWHERE, HANGAR]
POISON = 3  # its place among the lines


@pytest.fixture(scope="module", autouse=True)
def meadow(cloud: Cloud) -> str:
    """A document that acme's staff may read."""
    document = cloud.drop("acme/meadow.md", PAGE, ["staff"])
    assert cloud.wait_for_end(document) == "INDEXED"
    return document


def lines() -> bytes:
    """Ten questions, and a line that says who asks."""
    asked: list[dict[str, Any]] = [{"question": text, "id": f"q-{place}"} for place, text in enumerate(QUESTIONS)]
    asked.insert(POISON, {"question": WIDTH, "tenant": "umbrella", "id": "poison"})
    return b"".join(json.dumps(one).encode() + b"\n" for one in asked)


def done(person: Person, batch_id: str) -> dict[str, Any]:
    """The batch, once it has ended."""

    def ended() -> dict[str, Any] | None:
        response = person.http.get(f"/batches/{batch_id}")
        assert response.status_code == 200, response.text
        batch: dict[str, Any] = response.json()
        return batch if batch["status"] in {"DONE", "FAILED"} else None

    return eventually(ended, f"batch {batch_id} ends")


def results(batch: dict[str, Any]) -> list[dict[str, Any]]:
    """What its link leads to."""
    found = httpx.get(batch["links"]["results"], trust_env=False, timeout=30)
    assert found.status_code == 200, found.text
    return [json.loads(line) for line in found.content.splitlines()]


def without_scores(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Its citations. The small local model is quantised: what a question is embedded beside shifts its scores."""
    return [{name: value for name, value in one.items() if name != "score"} for one in answer["citations"]]


def upload(person: Person, body: bytes) -> str:
    """A file through a form; the batch's id."""
    ticket = person.http.post("/batches", json={"size": len(body)}).json()
    sent = httpx.post(ticket["upload"]["url"], data=ticket["upload"]["fields"], files={"file": body}, trust_env=False)
    assert sent.status_code < 300, sent.text
    return str(ticket["batch_id"])


def test_a_file_ends_with_a_result_a_line_in_order_each_as_when_it_is_asked_alone(ann: Person, bob: Person) -> None:
    """Promises 6, 40: a poison line fails alone; the functions may do what they need to."""
    batch = done(ann, upload(ann, lines()))
    found = results(batch)

    assert [one["line"] for one in found] == list(range(1, len(QUESTIONS) + 2))
    poison = found.pop(POISON)
    assert (poison["id"], poison["status"]) == ("poison", "failed")
    assert [one["id"] for one in found] == [f"q-{place}" for place in range(len(QUESTIONS))]
    alone = {text: ann.ask(text) for text in set(QUESTIONS)}
    for one, text in zip(found, QUESTIONS, strict=True):
        for field in ("question", "status", "text", "reason", "model"):
            assert one[field] == alone[text][field], field
        assert without_scores(one) == without_scores(alone[text])
    assert {one["status"] for one in found} == {"answered", "abstained"}
    counts = batch["counts"]
    assert (counts["answered"], counts["abstained"], counts["failed"]) == (8, 2, 1)
    assert batch["route"] == "realtime"
    assert ann.http.get(f"/answers/{found[0]['answer_id']}/explanation").status_code == 200
    assert bob.http.get(f"/batches/{batch['batch_id']}").status_code == 404


def test_questions_in_the_body_are_asked_as_their_sender(bob: Person) -> None:
    """Promise 42: bob is in no group, and the document is for staff."""
    response = bob.http.post("/batches", json={"questions": [{"question": WIDTH}, {"question": HANGAR}]})
    assert response.status_code == 202, response.text
    batch = done(bob, response.json()["batch_id"])
    assert [one["status"] for one in results(batch)] == ["abstained", "abstained"]


def test_what_is_closed_afterwards_is_withheld(cloud: Cloud, ann: Person, meadow: str) -> None:
    """Promise 43: also from results that were made before."""
    response = ann.http.post("/batches", json={"questions": [{"question": WIDTH}]})
    batch = done(ann, response.json()["batch_id"])
    assert results(batch)[0]["status"] == "answered"
    assert ann.http.put(f"/documents/{meadow}/readers", json={"groups": ["nobody-is-in-it"]}).status_code == 200
    try:
        after = ann.http.get(f"/batches/{batch['batch_id']}").json()
        (withheld,) = results(after)
        assert (withheld["status"], withheld["text"], withheld["citations"]) == ("abstained", "", [])
    finally:
        ann.http.put(f"/documents/{meadow}/readers", json={"groups": ["staff"]})
        eventually(lambda: ann.ask(WIDTH)["status"] == "answered" or None, "the document is open again")


def test_a_file_of_a_channel_has_its_results_beside_it(cloud: Cloud) -> None:
    """Promise 42: it is asked as the channel is registered; the same file again is the same batch."""
    assert channels.add_inbox(cloud.stack, "acme/desk", "acme", frozenset({"staff"})) == "acme/desk/"
    s3, inbox = cloud.client("s3"), cloud.stack.output("InboxBucketName")
    for _ in range(2):
        s3.put_object(Bucket=inbox, Key="acme/desk/monday.jsonl", Body=lines())

    def handed_over() -> list[str] | None:
        listed = s3.list_objects_v2(Bucket=inbox, Prefix="acme/desk/results/").get("Contents", [])
        return [one["Key"] for one in listed] if len(listed) == 3 else None

    keys = eventually(handed_over, "results are handed over")
    (key,) = [one for one in keys if one.endswith("results.jsonl")]
    found = [json.loads(line) for line in s3.get_object(Bucket=inbox, Key=key)["Body"].read().splitlines()]
    assert [one["status"] for one in found].count("answered") == 8


@pytest.fixture(scope="module")
def answered(ann: Person) -> str:
    """A batch that is done."""
    response = ann.http.post("/batches", json={"questions": [{"question": WIDTH}]})
    return str(done(ann, response.json()["batch_id"])["batch_id"])


@pytest.mark.parametrize("action", ["dynamodb:GetItem", "dynamodb:BatchGetItem", "s3:GetObject"])
def test_a_batch_cannot_be_shown_without_a_statement(cloud: Cloud, ann: Person, answered: str, action: str) -> None:
    """Promise 6: the batch, the documents that its answers rest on, and which these are."""
    with cloud.without("ShowBatchFunction", action):
        refused = ann.http.get(f"/batches/{answered}")
    allowed = ann.http.get(f"/batches/{answered}")

    assert refused.status_code in (500, 503)
    assert "AccessDenied" not in refused.text
    assert allowed.status_code == 200
    assert [one["status"] for one in results(allowed.json())] == ["answered"]


def test_a_batch_cannot_be_begun_without_its_statement(cloud: Cloud, ann: Person) -> None:
    """Promise 6: the statement is needed, and it is enough."""
    body = {"questions": [{"question": WIDTH}]}
    with cloud.without("CreateBatchFunction", "states:StartExecution"):
        refused = ann.http.post("/batches", json=body)
    allowed = ann.http.post("/batches", json=body)
    assert refused.status_code in (500, 503)
    assert allowed.status_code == 202
    assert done(ann, allowed.json()["batch_id"])["status"] == "DONE"
