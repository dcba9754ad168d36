"""Two tenants and two groups that must not see each other, on the deployed stack."""

from __future__ import annotations

import json

import pytest

from tests.e2e.stack.cloud import Cloud, Person, eventually
from tests.fakes.pdfs import text_pdf

QUESTION = "What is the alarm code of the boat house?"


@pytest.fixture(scope="module")
def boat_houses(cloud: Cloud) -> dict[str, str]:
    """The same sentence with another code in each place, as documents by their code."""
    places: dict[str, tuple[str, list[str] | None]] = {
        "1111": ("acme/boat/staff.pdf", ["staff"]),
        "2222": ("acme/boat/everybody.pdf", ["*"]),
        "3333": ("acme/boat/closed.pdf", None),
        "4444": ("umbrella/boat/staff.pdf", ["staff"]),
    }
    documents = {
        code: cloud.drop(key, text_pdf([f"The alarm code of the boat house is {code}."]), groups)
        for code, (key, groups) in places.items()
    }
    for document_id in documents.values():
        assert cloud.wait_for_end(document_id) == "INDEXED"
    return documents


def seen(person: Person) -> set[str]:
    """Codes that an answer to this person betrays anywhere."""
    answer = json.dumps(person.ask(QUESTION, top_k=20))
    return {code for code in ("1111", "2222", "3333", "4444") if code in answer}


def test_answers_hold_only_what_the_asker_may_read(
    boat_houses: dict[str, str], ann: Person, bob: Person, eve: Person
) -> None:
    """Promises 42, 44: tenant and groups decide, and a document without stated readers is closed to all."""
    assert seen(ann) <= {"1111", "2222"}
    assert seen(bob) == {"2222"}
    assert seen(eve) == {"4444"}
    assert ann.ask(QUESTION, filters={"document_ids": [boat_houses["1111"]]})["status"] == "answered"


@pytest.mark.parametrize("code", ["3333", "4444"])
def test_naming_a_foreign_document_does_not_open_it(ann: Person, boat_houses: dict[str, str], code: str) -> None:
    """Promise 42: a filter narrows, it never widens."""
    answer = ann.ask(QUESTION, filters={"document_ids": [boat_houses[code]]})

    assert answer["status"] == "abstained"
    assert code not in json.dumps(answer)


def test_a_foreign_document_looks_like_an_absent_one(boat_houses: dict[str, str], bob: Person, eve: Person) -> None:
    """Promise 42: status, content, deletion and readers alike."""
    for person, document_id in ((bob, boat_houses["1111"]), (eve, boat_houses["2222"])):
        absent = person.http.get(f"/documents/{'0' * 32}")
        for method, path, body in (
            ("GET", f"/documents/{document_id}", None),
            ("GET", f"/documents/{document_id}/content", None),
            ("DELETE", f"/documents/{document_id}", None),
            ("PUT", f"/documents/{document_id}/readers", {"tenant": True, "groups": []}),
        ):
            response = person.http.request(method, path, json=body)
            assert (response.status_code, response.json()["title"]) == (404, absent.json()["title"]), (method, path)
        listed = {one["document_id"] for one in person.http.get("/documents").json()["documents"]}
        assert document_id not in listed


def test_nothing_is_served_without_a_token(cloud: Cloud, bob: Person) -> None:
    """Promise 9: the gateway answers 401 before any function runs."""
    for token in ("", "nonsense"):
        assert (
            bob.http.post("/questions", json={"question": QUESTION}, headers={"Authorization": token}).status_code
            == 401
        )


def test_a_message_cannot_say_who_asks(cloud: Cloud, boat_houses: dict[str, str]) -> None:
    """Promise 42: the queue's registration decides; a message that names a tenant is no question."""
    cloud.send(json.dumps({"question": QUESTION, "id": "queue-1", "top_k": 20, "reply_to": "answers"}))

    (reply,) = cloud.replies(1)

    assert {code for code in boat_houses if code in reply["Body"]} <= {"1111", "2222"}


def test_a_permission_taken_away_holds_from_the_next_question(cloud: Cloud, ann: Person, bob: Person) -> None:
    """Promise 43: revoked at once, granted within seconds, without reading the document again."""
    document_id = cloud.drop(
        "acme/boat/key.pdf", text_pdf(["The key of the boat house hangs behind the blue oar."]), ["staff"]
    )
    assert cloud.wait_for_end(document_id) == "INDEXED"
    question = "Where does the key of the boat house hang?"
    stored = ann.ask(question)
    assert "blue oar" in json.dumps(stored)
    assert "blue oar" not in json.dumps(bob.ask(question))

    # granted to everybody
    body = {"tenant": True, "groups": []}
    assert ann.http.put(f"/documents/{document_id}/readers", json=body).status_code == 200
    eventually(lambda: "blue oar" in json.dumps(bob.ask(question)), "the grant holds")

    # revoked from all
    body = {"tenant": False, "groups": []}
    assert ann.http.put(f"/documents/{document_id}/readers", json=body).status_code == 200
    assert "blue oar" not in json.dumps(ann.ask(question))
    assert "blue oar" not in json.dumps(bob.ask(question))
    assert "blue oar" not in ann.http.get(f"/answers/{stored['answer_id']}").text
    item = cloud.item(document_id)
    assert item is not None
    assert item["latest_generation"]["N"] == "1"
