"""A question set in a deployed stack: its own documents, and nothing else that the stack holds."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cli.api import Api
from cli.errors import UsageError
from evaluation.deployed import DeployedAsking, upload_set
from evaluation.local.corpus import Corpus
from evaluation.question_sets import AskedQuestion
from tests.fakes.http_api import BASE_URL, DOCUMENT_ID, TOKEN, FakeHttpApi, answer_body, document_view

QUESTION = AskedQuestion("How long is the runway?", ("640 metres",), (), answerable=True, id="1")


@pytest.fixture
def service() -> FakeHttpApi:
    return FakeHttpApi(documents={DOCUMENT_ID: [document_view(status="INDEXED")]}, answers=[(200, answer_body())])


@pytest.fixture
def api(service: FakeHttpApi) -> Api:
    return Api(BASE_URL, TOKEN, transport=service.transport())


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    documents = tmp_path / "handbooks" / "documents" / "2023"
    documents.mkdir(parents=True)
    (documents / "runway.md").write_text("The runway is 640 metres long.")
    return tmp_path / "handbooks"


def _states(dataset: Path, stated: Any) -> None:
    (dataset / "documents" / "2023" / "runway.md.metadata.json").write_text(json.dumps(stated))


def test_documents_are_marked_as_the_sets_and_keep_what_their_metadata_says(
    dataset: Path, api: Api, service: FakeHttpApi
) -> None:
    _states(dataset, {"metadataAttributes": {"year": 2023}})

    uploaded = upload_set(api, dataset, seconds=1.0)

    (asked,) = service.sent("POST", "/documents")
    assert asked["path"] == "handbooks/2023/runway.md"
    assert asked["attributes"] == {"year": 2023, "question_set": "handbooks"}
    assert (uploaded.paths, uploaded.failures) == ({DOCUMENT_ID: "2023/runway.md"}, {})


def test_a_broken_metadata_file_stops_it_before_anything_is_uploaded(
    dataset: Path, api: Api, service: FakeHttpApi
) -> None:
    _states(dataset, ["no object"])

    with pytest.raises(UsageError, match=r"runway\.md\.metadata\.json"):
        upload_set(api, dataset, seconds=1.0)
    assert not service.stored


def test_questions_are_asked_of_the_sets_documents_alone(api: Api, service: FakeHttpApi) -> None:
    pages = cast("Corpus", SimpleNamespace(pages=lambda _: {}))

    (outcome,) = DeployedAsking(api, "handbooks", pages, {}).run([QUESTION], lambda items, *_: items)

    (asked,) = service.sent("POST", "/questions")
    assert asked["filters"]["attributes"] == {"question_set": "handbooks"}
    assert outcome.status == "answered"
    assert not outcome.ranked
    assert outcome.milliseconds["http"] > 0


def test_a_question_that_cannot_be_asked_is_an_outcome_too(api: Api, service: FakeHttpApi) -> None:
    service.refusals["POST /questions"] = (503, b'{"detail": "later"}')
    pages = cast("Corpus", SimpleNamespace(pages=lambda _: {}))

    (outcome,) = DeployedAsking(api, "handbooks", pages, {}).run([QUESTION], lambda items, *_: items)

    assert outcome.error
    assert not outcome.answered
