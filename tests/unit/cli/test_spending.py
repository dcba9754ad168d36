from __future__ import annotations

import json
from typing import Any

from tests.fakes.http_api import DOCUMENT_ID, FakeHttpApi, document_view
from tests.unit.cli.conftest import Docqa

DAY = {
    "day": "2026-11-28",
    "total_usd": 1.7500031,
    "usd": {"extraction": 1.5, "chat": 0.25, "quoting": 0.0000031},
    "units": {"textract_pages": 1000},
}
REPORT: dict[str, Any] = {
    "tenant": "ac\x1b[31mme",
    "budget_usd": 2.0,
    "spent_usd": 1.75,
    "left_usd": 0.25,
    "days": [DAY],
}


def test_cost_shows_the_own_tenant_by_day_and_kind_with_what_is_left(docqa: Docqa, service: FakeHttpApi) -> None:
    """Promise 50: what a tenant is called does nothing to the terminal."""
    service.served["GET /spending"] = (200, REPORT)

    result = docqa("cost", "--days", "30")

    assert result.exit_code == 0, result.stderr
    shown = " ".join(result.stdout.split())
    assert "day (UTC) Textract embeddings chat others USD" in shown
    assert "2026-11-28 1.50 0.00 0.25 0.000003 1.75" in shown
    assert "today: 1.75 of 2.00 USD, 0.25 USD left" in shown
    assert "\x1b" not in result.stdout
    assert [request.url.params["days"] for request in service.requests] == ["30"]


def test_cost_as_json_is_what_the_service_says(docqa: Docqa, service: FakeHttpApi) -> None:
    service.served["GET /spending"] = (200, REPORT)

    assert json.loads(docqa("cost", "--json").stdout) == [REPORT]


def test_without_a_budget_or_spending_it_says_so(docqa: Docqa, service: FakeHttpApi) -> None:
    service.served["GET /spending"] = (
        200,
        REPORT | {"budget_usd": None, "left_usd": None, "spent_usd": 0.0, "days": []},
    )

    shown = " ".join(docqa("cost").stdout.split())
    assert "nothing" in shown
    assert "today: 0.00 USD; no budget is set" in shown


def test_a_document_that_waits_for_the_next_day_says_why(docqa: Docqa, service: FakeHttpApi) -> None:
    """Promise 55: with a clear status."""
    sentence = "the daily budget of 5.00 USD is used up until 00:00 UTC"
    service.documents[DOCUMENT_ID] = [document_view(status="RECEIVED", place=3, waiting=sentence)]

    assert f"waiting {sentence}" in " ".join(docqa("show", DOCUMENT_ID).stdout.split())


def test_who_waits_for_an_upload_in_vain_is_told_why(docqa: Docqa, service: FakeHttpApi, tmp_path: Any) -> None:
    """Promise 55: the command does not just run out of time."""
    sentence = "the daily budget of 5.00 USD is used up until 00:00 UTC"
    service.documents[DOCUMENT_ID] = [document_view(status="RECEIVED", waiting=sentence)]
    report = tmp_path / "report.pdf"
    report.write_bytes(b"%PDF-1.7")

    result = docqa("upload", report, "--wait", "--timeout", "1")

    assert result.exit_code == 6
    assert f"Waiting: {sentence}." in result.stderr
