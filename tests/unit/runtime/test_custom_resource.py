"""CloudFormation gets its answer, whatever happens."""

from __future__ import annotations

import json
import urllib.request
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from docqa.errors import ConfigurationError
from docqa.runtime.custom_resource import custom_resource

EVENT = {
    "RequestType": "Create",
    "ResponseURL": "https://answers.example/signed",
    "StackId": "stack",
    "RequestId": "request",
    "LogicalResourceId": "Index",
}
CONTEXT = SimpleNamespace(aws_request_id="id")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    received: list[dict[str, Any]] = []

    def urlopen(request: urllib.request.Request, timeout: float) -> Any:
        assert (request.full_url, request.get_method()) == (EVENT["ResponseURL"], "PUT")
        assert isinstance(request.data, bytes)
        received.append(json.loads(request.data))
        return nullcontext()

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    return received


def test_success_is_told_under_one_lasting_name(answers: list[dict[str, Any]]) -> None:
    done: list[str] = []

    custom_resource("docqa-chunks")(lambda: done.append("made"))(EVENT, CONTEXT)

    assert done == ["made"]
    assert answers == [
        {
            "Status": "SUCCESS",
            "Reason": "",
            "PhysicalResourceId": "docqa-chunks",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Index",
        }
    ]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConfigurationError("needs a re-embedding"), "ConfigurationError: needs a re-embedding"),
        (ValueError("a value that may be secret"), "ValueError: see the function's log"),
    ],
)
def test_any_error_is_a_failure_with_its_reason(answers: list[dict[str, Any]], error: Exception, reason: str) -> None:
    def fail() -> None:
        raise error

    custom_resource("docqa-chunks")(fail)(EVENT, CONTEXT)

    assert (answers[0]["Status"], answers[0]["Reason"]) == ("FAILED", reason)


def test_deleting_the_resource_keeps_what_it_made(answers: list[dict[str, Any]]) -> None:
    done: list[str] = []

    custom_resource("docqa-chunks")(lambda: done.append("called"))({**EVENT, "RequestType": "Delete"}, CONTEXT)

    assert done == []
    assert answers[0]["Status"] == "SUCCESS"
