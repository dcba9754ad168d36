"""Drop a document, ask, get a cited answer: on the deployed stack, by every way in."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest

from tests.e2e.stack.cloud import Cloud, Person, eventually
from tests.fakes.pdfs import encrypted, joined, scanned_pdf, text_pdf

TYPED = (
    "Accident report of the balloon Aurora. On 12 May 2019 the hot-air balloon Aurora took off from Granby Meadow "
    "with four persons on board. After 41 minutes the pilot, Ines Halloran, descended towards a stubble field. "
    "The basket struck a stone wall and tipped over. One passenger broke a wrist. The wind at the surface was 9 knots."
)
SCANNED = "The burner of the balloon was made by Lindqvist in Uppsala. It had been inspected in March 2019."
QUESTION = "What did the basket of the balloon Aurora strike?"


@pytest.fixture(scope="module")
def report(cloud: Cloud) -> str:
    """A document of one typed and one scanned page, open to acme's staff, indexed."""
    document_id = cloud.drop(
        "acme/reports/balloon aurora+1.pdf", joined(text_pdf([TYPED]), scanned_pdf([SCANNED])), ["staff"]
    )
    assert cloud.wait_for_end(document_id) == "INDEXED"
    return document_id


def test_every_page_says_how_it_was_read(ann: Person, report: str) -> None:
    shown = ann.show(report).json()

    assert shown["status"] == "INDEXED"
    assert shown["pages"]["total"] == 2
    assert (shown["pages"]["text_layer"], shown["pages"]["ocr"]) == (1, 1)
    assert shown["usage"]["textract_pages"] == 1
    assert shown["chunks"] >= 2


@pytest.mark.parametrize(
    ("question", "fact", "page"),
    [(QUESTION, "stone wall", 1), ("Who made the burner of the balloon?", "Lindqvist", 2)],
    ids=["text layer", "scan"],
)
def test_an_answer_quotes_its_page_word_for_word(
    cloud: Cloud, ann: Person, report: str, question: str, fact: str, page: int
) -> None:
    """Promise 40: every quote stands verbatim on the cited page."""
    answer = ann.ask(question)

    assert answer["status"] == "answered"
    assert fact.lower() in (answer["text"] + str(answer["citations"])).lower()
    pages = cloud.pages("acme", report)
    for citation in answer["citations"]:
        assert citation["document_id"] == report
        assert citation["quote"] in pages[citation["page"]]
        assert citation["uri"] == f"/documents/{report}/content#page={citation['page']}"
    assert page in {citation["page"] for citation in answer["citations"]}


def test_what_the_documents_do_not_say_is_not_answered(ann: Person, report: str) -> None:
    """Promise 40: no evidence, no answer, and no model was asked."""
    answer = ann.ask("Which vaccinations does a traveller to Antarctica need?")

    assert answer["status"] == "abstained"
    assert answer["citations"] == []
    assert answer["reason"]
    assert "generate" not in answer["timings_ms"]


def test_a_citation_opens_the_document(ann: Person, report: str) -> None:
    redirect = ann.http.get(f"/documents/{report}/content")

    assert redirect.status_code == 302
    assert httpx.get(redirect.headers["location"], trust_env=False).content.startswith(b"%PDF")


def test_the_same_key_is_the_same_answer(ann: Person, bob: Person, report: str) -> None:
    """Promise 35: one answer for a key and a body; another body is refused; another person never sees it."""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = ann.http.post("/questions", json={"question": QUESTION}, headers=key)
    again = ann.http.post("/questions", json={"question": QUESTION}, headers=key)
    other = ann.http.post("/questions", json={"question": "Who was hurt?"}, headers=key)
    stranger = bob.http.post("/questions", json={"question": QUESTION}, headers=key)

    assert first.json() == again.json()
    assert other.status_code == 422
    assert stranger.json()["answer_id"] != first.json()["answer_id"]
    assert bob.http.get(f"/answers/{first.json()['answer_id']}").status_code == 404


def test_an_answer_is_explained_and_judged(ann: Person, bob: Person, report: str) -> None:
    """Promise 42: for who asked and for administrators; to others it does not exist."""
    answer = ann.ask(QUESTION)
    place = f"/answers/{answer['answer_id']}"
    said = {"verdict": "wrong", "expected": "Another one.", "document_id": report, "page": 1}

    explained = ann.http.get(f"{place}/explanation")
    judged = ann.http.post(f"{place}/feedback", json=said)
    exported = ann.http.get("/feedback")
    refused = [bob.http.get(f"{place}/explanation"), bob.http.post(f"{place}/feedback", json=said)]

    assert explained.status_code == 200
    assert explained.json()["answer"]["text"] == answer["text"]
    assert explained.json()["trace"]["candidates"]
    assert judged.status_code == 200
    assert judged.json() in exported.json()["feedback"]
    assert [one.status_code for one in refused] == [404, 404]
    assert bob.http.get("/feedback").status_code == 403


def test_a_question_can_be_answered_later(ann: Person, report: str) -> None:
    pending = ann.http.post("/questions", json={"question": QUESTION}, headers={"Prefer": "respond-async"})
    assert pending.status_code == 202
    place = pending.headers["location"]

    def answered() -> dict[str, Any] | None:
        response = ann.http.get(place)
        return response.json() if response.status_code == 200 else None

    assert eventually(answered, "the answer is there")["status"] == "answered"


def test_a_research_ends_in_an_answer_also_where_the_model_takes_no_tools(ann: Person, report: str) -> None:
    """Promise 6: the researcher's role is enough; the local model refuses tools, so the answer is the ordinary one."""
    pending = ann.http.post("/questions", json={"question": QUESTION, "mode": "research"})
    assert pending.status_code == 202

    def answered() -> dict[str, Any] | None:
        response = ann.http.get(pending.headers["location"])
        return response.json() if response.status_code == 200 else None

    answer = eventually(answered, "the answer is there")
    assert answer["status"] == "answered"
    assert answer["reason"].startswith(("Answered without research", "Quoted from the documents"))


def test_ten_messages_with_one_poison(cloud: Cloud, report: str) -> None:
    """Promise 38: nine answered once with their correlation, one in the dead-letter queue."""
    for number in range(9):
        cloud.send(json.dumps({"question": QUESTION, "id": f"q-{number}", "reply_to": "answers"}))
    cloud.send(json.dumps({"question": QUESTION, "tenant": "umbrella"}))

    replies = cloud.replies(9)

    assert sorted(json.loads(reply["Body"])["id"] for reply in replies) == [f"q-{number}" for number in range(9)]
    for reply in replies:
        assert json.loads(reply["Body"])["status"] == "answered"
        assert reply["MessageAttributes"]["correlation_id"]["StringValue"] == json.loads(reply["Body"])["id"]


def test_a_replaced_document_answers_from_its_new_version_only(cloud: Cloud, ann: Person) -> None:
    """Promise 15: no stale passage once the new version is live."""
    key, question = "acme/notices/tower.pdf", "On which frequency does the tower of Granby answer?"
    document_id = cloud.drop(key, text_pdf(["The tower of Granby answers on frequency 118.305 MHz."] * 3), ["staff"])
    assert cloud.wait_for_end(document_id) == "INDEXED"
    assert "118.305" in ann.ask(question)["citations"][0]["quote"]

    cloud.drop(key, text_pdf(["The tower of Granby answers on frequency 121.005 MHz."]))
    assert cloud.wait_for_end(document_id, 2) == "INDEXED"

    answer = ann.ask(question)
    assert "121.005" in answer["citations"][0]["quote"]
    assert "118.305" not in json.dumps(answer)


def test_a_deleted_document_is_gone_from_the_next_question(cloud: Cloud, ann: Person) -> None:
    """Promises 16, 43: hidden at once, in stored answers too."""
    document_id = cloud.drop(
        "acme/notices/hangar.pdf", text_pdf(["The hangar door code of the Granby gliding school is 7741."]), ["staff"]
    )
    assert cloud.wait_for_end(document_id) == "INDEXED"
    question = "What is the hangar door code of the Granby gliding school?"
    before = ann.ask(question)
    assert "7741" in json.dumps(before["citations"])

    assert ann.http.delete(f"/documents/{document_id}").status_code == 204

    assert "7741" not in json.dumps(ann.ask(question))
    assert "7741" not in ann.http.get(f"/answers/{before['answer_id']}").text
    assert ann.show(document_id).status_code in (200, 404)


def test_a_poison_document_ends_with_words_for_its_owner(cloud: Cloud, ann: Person) -> None:
    """Promise 19: a stated reason, and what to do."""
    document_id = cloud.drop("acme/secret.pdf", encrypted(text_pdf([TYPED]), "secret"), ["staff"])

    assert cloud.wait_for_end(document_id) == "FAILED"
    failure = ann.show(document_id).json()["failure"]
    assert failure["code"] == "EncryptedDocumentError"
    assert "password" in failure["message"]


def test_an_upload_over_http_is_open_to_whom_it_says(cloud: Cloud, ann: Person, bob: Person) -> None:
    body = text_pdf(["The club's anniversary dinner takes place at the Heron inn on 3 October."])
    ticket = ann.http.post(
        "/documents", json={"path": "club/dinner.pdf", "size": len(body), "readers": {"tenant": True, "groups": []}}
    )
    assert ticket.status_code == 201
    form = ticket.json()
    sent = httpx.post(form["url"], data=form["fields"], files={"file": ("dinner.pdf", body)}, trust_env=False)
    assert sent.status_code in (200, 201, 204)

    assert cloud.wait_for_end(form["document_id"]) == "INDEXED"
    assert "Heron" in bob.ask("Where does the anniversary dinner take place?")["citations"][0]["quote"]
