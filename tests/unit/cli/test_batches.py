import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from cli.batches import progress_line
from docqa.models.batch_api import BatchView
from tests.fakes.http_api import STORAGE_URL, FakeHttpApi
from tests.unit.cli.conftest import Docqa

BATCH = "b" * 32
LINE = json.dumps({"question": "How long is the runway?", "id": "q-1"})
FILES = {"results.jsonl": b'{"line": 1}\n', "results.csv": b"line\n1\n", "report.html": b"<!doctype html>"}


def view(status: str = "RUNNING", **changes: Any) -> dict[str, Any]:
    counts = {"questions": 1_200, "searched": 1_200, "prompts": 900, "answered": 300, "abstained": 50, "failed": 1}
    body = {"batch_id": BATCH, "status": status, "counts": counts, "created_at": 1.0, "within_seconds": 90_000.0}
    return body | changes


UPLOADING = view(
    "UPLOADING",
    counts={},
    upload={"url": STORAGE_URL, "fields": {"key": f"uploads/{BATCH}.jsonl"}, "expires_in": 300},
)
LINKS = {
    "results": "https://results.test/results.jsonl",
    "table": "https://results.test/results.csv",
    "report": "https://results.test/report.html",
    "expires_in": 120,
}
NONE_FAILED = {"questions": 1_200, "searched": 1_200, "prompts": 900, "answered": 1_100, "abstained": 100, "failed": 0}
DONE = view(
    "DONE",
    counts=NONE_FAILED,
    links=LINKS,
    route="batch",
    route_reason="900 prompts: from 500 on it is a batch",
    cost_usd=0.25,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "questions.jsonl"
    made.write_text(LINE + "\n")
    return made


@pytest.fixture
def in_turn(service: FakeHttpApi, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Views that GET /batches/{id} shows, one after the other; the last one stays."""
    views: list[dict[str, Any]] = []
    route = service._route

    def routed(request: httpx.Request, path: str) -> httpx.Response:
        if (request.method, path) == ("GET", f"/batches/{BATCH}") and views:
            return httpx.Response(200, json=views.pop(0) if len(views) > 1 else views[0])
        return route(request, path)

    serve = service._serve

    def served(request: httpx.Request) -> httpx.Response:
        if request.url.host == "results.test":
            assert "authorization" not in request.headers, "storage must not see the token"
            return httpx.Response(200, content=FILES[request.url.path[1:]])
        return serve(request)

    monkeypatch.setattr(service, "_route", routed)
    monkeypatch.setattr(service, "_serve", served)
    service.served["POST /batches"] = (201, UPLOADING)
    return views


def test_a_file_is_uploaded_and_its_id_is_said(
    docqa: Docqa, service: FakeHttpApi, file: Path, in_turn: list[dict[str, Any]]
) -> None:
    result = docqa("batch", file)

    assert result.exit_code == 0, result.stderr
    assert service.sent("POST", "/batches") == [{"size": file.stat().st_size}]
    assert service.stored == {f"uploads/{BATCH}.jsonl": file.read_bytes()}
    assert BATCH in result.stdout
    assert f"docqa batch show {BATCH}" in result.stderr


def test_waiting_shows_how_far_it_is_and_saves_the_results(
    docqa: Docqa, service: FakeHttpApi, file: Path, in_turn: list[dict[str, Any]], tmp_path: Path
) -> None:
    in_turn += [view(route="batch", waits_for_replies=True, counts={"questions": 1_200, "prompts": 900}), view(), DONE]

    result = docqa("batch", "send", file, "--wait", "--within", 600, "--out", tmp_path / "out")

    assert result.exit_code == 0, result.stderr
    assert service.sent("POST", "/batches")[0]["within_seconds"] == 600
    assert "900 prompts wait for the chat model" in result.stderr
    assert "351 of 1,200 questions answered" in result.stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == FILES
    assert "0.250000 USD" in result.stdout


def test_show_tells_programs_everything(docqa: Docqa, in_turn: list[dict[str, Any]]) -> None:
    in_turn.append(DONE)
    shown = json.loads(docqa("batch", "show", BATCH, "--json").stdout)
    assert (shown["status"], shown["counts"]["answered"], shown["links"]["expires_in"]) == ("DONE", 1_100, 120)


def test_a_batch_that_failed_says_why_and_ends_so(docqa: Docqa, in_turn: list[dict[str, Any]]) -> None:
    in_turn.append(view("FAILED", failure={"code": "BatchError", "message": "The file holds no question."}))
    result = docqa("batch", "show", BATCH, "--wait")
    assert result.exit_code == 1
    assert "holds no question" in result.stderr


def test_a_batch_with_failed_questions_says_how_many_and_the_first_reasons(
    docqa: Docqa, in_turn: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [{"line": 1, "status": "answered"}]
    lines += [{"line": number, "status": "failed", "reason": f"Reason {number}."} for number in range(2, 7)]
    monkeypatch.setitem(FILES, "results.jsonl", "".join(f"{json.dumps(one)}\n" for one in lines).encode())
    in_turn.append(DONE | {"counts": {"questions": 6, "searched": 1, "answered": 1, "failed": 5}})

    result = docqa("batch", "show", BATCH, "--wait")

    assert result.exit_code == 1
    assert "5 of 6 questions failed" in result.stderr
    assert "line 2: Reason 2." in result.stderr
    assert "line 4: Reason 4." in result.stderr
    assert "Reason 5." not in result.stderr


def test_waiting_ends_in_time(docqa: Docqa, in_turn: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    in_turn.append(view())
    moments = iter(range(0, 10_000, 30))
    monkeypatch.setattr("cli.batches.time.monotonic", lambda: float(next(moments)))
    result = docqa("batch", "show", BATCH, "--wait", "--timeout", 100)
    assert result.exit_code == 6
    assert f"docqa batch show {BATCH}" in result.stderr


def test_what_is_no_file_is_refused(docqa: Docqa, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    assert docqa("batch", tmp_path / "absent.jsonl").exit_code == 5
    assert docqa("batch", tmp_path / "empty.jsonl").exit_code == 2
    assert docqa("batch", "show", "../documents").exit_code == 5
    assert "FILE" in docqa("batch", "--help").stdout


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (UPLOADING, "waiting for its file"),
        (view(counts={"questions": 100, "searched": 50}), "50 of 100 questions searched for"),
        (view(seconds_left=180.0), "351 of 1,200 questions answered, 3 minutes left"),
        (DONE, "1,200 of 1,200 questions answered"),
        (view(counts={}), "reading the file of questions"),
    ],
)
def test_progress_is_told_in_a_few_words(body: dict[str, Any], words: str) -> None:
    assert words in progress_line(BatchView.model_validate(body))
