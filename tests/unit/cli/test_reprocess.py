import json

import httpx
import pytest

from tests.fakes.http_api import DOCUMENT_ID, FakeHttpApi, document_view
from tests.unit.cli.conftest import Docqa


def ids_of(service: FakeHttpApi, status: str) -> list[str]:
    return [views[0]["document_id"] for views in service.documents.values() if views[0]["status"] == status]


@pytest.fixture
def library(service: FakeHttpApi) -> FakeHttpApi:
    """Nine documents: three that failed, three that are indexed, three that wait."""
    for number in range(9):
        status = ("FAILED", "INDEXED", "RECEIVED")[number % 3]
        identifier = f"{number:032x}"
        service.documents[identifier] = [document_view(identifier, status=status, received_at=1000.0 + number)]
    return service


def test_named_documents_are_processed_again(docqa: Docqa, library: FakeHttpApi) -> None:
    """Promise 52: what failed is completed once its cause is gone."""
    failed = ids_of(library, "FAILED")
    result = docqa("reprocess", *failed, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == {"reprocessed": failed, "already": [], "refused": []}


def test_all_that_failed_or_all_that_is_not_under_way(docqa: Docqa, library: FakeHttpApi) -> None:
    """Promise 52: one command after the fault is gone, however many there are."""
    failed, indexed = ids_of(library, "FAILED"), ids_of(library, "INDEXED")
    assert json.loads(docqa("reprocess", "--all", "--before", "1003", "--json").stdout)["reprocessed"] == [
        f"{0:032x}",
        f"{1:032x}",
    ]
    rest = json.loads(docqa("reprocess", "--all", "--json").stdout)["reprocessed"]
    assert set(rest) < {*failed, *indexed}
    assert ids_of(library, "RECEIVED") == list(library.documents)
    assert json.loads(docqa("reprocess", "--failed", "--json").stdout)["reprocessed"] == []


def test_one_that_is_under_way_is_no_failure(docqa: Docqa, service: FakeHttpApi) -> None:
    service.documents[DOCUMENT_ID] = [document_view(status="PROCESSING")]
    result = docqa("reprocess", DOCUMENT_ID)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "1 were under way already" in result.stderr


def test_others_go_on_when_one_is_refused(docqa: Docqa, library: FakeHttpApi) -> None:
    failed = ids_of(library, "FAILED")
    result = docqa("reprocess", "f" * 32, failed[0])
    assert result.exit_code == 5
    assert "1 documents are processed again, 1 were refused." in result.stderr


def test_documents_of_others_are_passed_over_when_nobody_named_them(docqa: Docqa, library: FakeHttpApi) -> None:
    """Promise 42: whoever may only read has nothing processed."""
    failed = ids_of(library, "FAILED")
    problem = json.dumps({"title": "Not allowed", "status": 403, "detail": "Only its owner."}).encode()
    library.refusals[f"POST /documents/{failed[1]}/reprocess"] = (403, problem)
    result = docqa("reprocess", "--failed", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["reprocessed"] == [failed[0], failed[2]]
    assert docqa("reprocess", failed[1]).exit_code == 4


def test_a_busy_service_is_waited_for_and_then_says_how_to_go_on(
    docqa: Docqa, library: FakeHttpApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 37: over the rate the command waits instead of losing documents."""
    busy = {"left": 10}
    serve = FakeHttpApi._reprocess

    def sometimes(self: FakeHttpApi, identifier: str) -> httpx.Response:
        busy["left"] -= 1
        return serve(self, identifier) if busy["left"] < 0 else httpx.Response(429, json={"message": "Slow down"})

    monkeypatch.setattr(FakeHttpApi, "_reprocess", sometimes)
    assert docqa("reprocess", "--failed").exit_code == 0
    busy["left"] = 1000
    result = docqa("reprocess", "--all", "--before", "2000")
    assert result.exit_code == 7
    assert "go on with docqa reprocess --all --before 2000" in result.stderr


@pytest.mark.parametrize(
    "arguments", [[], ["--all", "--failed"], [DOCUMENT_ID, "--all"], [DOCUMENT_ID, "--before", "1"]]
)
def test_it_must_be_clear_which_documents_are_meant(docqa: Docqa, service: FakeHttpApi, arguments: list[str]) -> None:
    assert docqa("reprocess", *arguments).exit_code == 2
    assert service.requests == []


def test_the_list_can_be_narrowed_to_a_status(docqa: Docqa, library: FakeHttpApi) -> None:
    result = docqa("documents", "--status", "failed", "--json")
    assert [view["document_id"] for view in json.loads(result.stdout)] == ids_of(library, "FAILED")
