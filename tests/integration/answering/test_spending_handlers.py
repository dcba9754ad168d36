"""Budgets and the ledger, from the event to what leaves, and `docqa cost` and `docqa budget` over the same table."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.stack import Credentials, Stack
from docqa.adapters.dynamodb_ledger import DynamoDBSpendingLedger
from docqa.domain.budgets import day_of, seconds_of_day_left
from docqa.errors import ThrottledError
from docqa.models.spending import BudgetOverride, Charge, SpendingKind
from docqa.services import outcomes
from tests.integration.answering.conftest import REGION, AnsweringStack, sample
from tests.integration.answering.test_handlers import asked, body_of
from tests.integration.spending_table import SPENDING_TABLE

Docqa = Callable[..., Result]


@pytest.fixture
def ledger(stack: AnsweringStack) -> DynamoDBSpendingLedger:
    return DynamoDBSpendingLedger(boto3.client("dynamodb"), SPENDING_TABLE)


def spending(days: str | None = None, tenant: str = "acme") -> dict[str, Any]:
    event = sample("api__show_spending")
    event["queryStringParameters"] = {"days": days} if days is not None else None
    event["requestContext"]["authorizer"]["claims"]["custom:tenant"] = tenant
    return event


def test_what_a_question_cost_is_in_the_tenant_s_report(stack: AnsweringStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 55: the same figures as in the answer."""
    monkeypatch.setenv("TENANT_DAILY_BUDGET_USD", "5")
    usage = body_of(stack.invoke("ask_question", asked()))["usage"]

    report = body_of(stack.invoke("show_spending", spending()))

    assert (report["tenant"], report["budget_usd"]) == ("acme", 5.0)
    assert report["spent_usd"] == pytest.approx(usage["usd"], rel=1e-3)
    assert report["left_usd"] == pytest.approx(5.0 - usage["usd"])
    (day,) = report["days"]
    assert day["day"] == day_of(time.time())
    assert day["units"] == {
        "embedded_tokens": usage["embedded_tokens"],
        "input_tokens": usage["input_tokens"],
        "output_tokens": usage["output_tokens"],
    }


def test_another_tenant_sees_nothing_of_it(stack: AnsweringStack) -> None:
    """Promise 42: spending is a tenant's own matter, administrators of others included."""
    stack.invoke("ask_question", asked())

    report = body_of(stack.invoke("show_spending", spending(tenant="globex")))

    assert (report["tenant"], report["days"], report["spent_usd"]) == ("globex", [], 0.0)


@pytest.mark.parametrize("days", ["0", "91", "-1", "x", "1e3", "9" * 40])
def test_a_number_of_days_that_is_none_is_400(stack: AnsweringStack, days: str) -> None:
    """Promise 36: limits on form are 4xx with a problem document."""
    answer = stack.invoke("show_spending", spending(days))

    assert (answer["statusCode"], body_of(answer)["status"]) == (400, 400)


def test_over_the_budget_a_question_over_http_is_quoted(stack: AnsweringStack, ledger: DynamoDBSpendingLedger) -> None:
    """Promise 55: 200, and the answer says why no model wrote it."""
    ledger.add("acme", "before", Charge({SpendingKind.EXTRACTION: 7.0}), time.time())
    ledger.set_budget("acme", BudgetOverride(6.5))

    answer = body_of(stack.invoke("ask_question", asked()))

    assert (answer["status"], answer["model"], answer["reason"]) == ("answered", None, outcomes.QUOTED_BUDGET_USED_UP)
    assert stack.chat.prompts == []


def test_with_nothing_left_at_all_it_is_429_until_midnight(
    stack: AnsweringStack, ledger: DynamoDBSpendingLedger
) -> None:
    """Promises 37, 55: with Retry-After, and nothing paid."""
    ledger.set_budget("acme", BudgetOverride(0.0))

    answer = stack.invoke("ask_question", asked())

    assert answer["statusCode"] == 429
    assert abs(int(answer["headers"]["Retry-After"]) - seconds_of_day_left(time.time())) <= 2
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert "used up until 00:00 UTC" in body_of(answer)["detail"]
    assert ledger.account("acme", "2020-01-01").days == ()


def test_with_nothing_left_a_queued_question_ends_at_once(
    stack: AnsweringStack, ledger: DynamoDBSpendingLedger
) -> None:
    """Promise 55: a clear result for who asked, and no failed message."""
    ledger.set_budget("acme", BudgetOverride(0.0))

    result = stack.invoke("answer_queued_question", sample("questions__question"))

    (message,) = stack.take("answers")
    answer = json.loads(message["Body"])
    assert result == {"batchItemFailures": []}
    assert (answer["status"], answer["reason"]) == ("failed", outcomes.FAILED_BUDGET_USED_UP)
    assert stack.take("handover") == []


def test_while_embedding_is_throttled_a_queued_question_waits_in_the_other_queue(
    stack: AnsweringStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 39: and is answered from there, where it was asked to be."""
    embed = stack.library.embeddings.embed_query

    def refuse(_: str) -> list[float]:
        raise ThrottledError("too often")

    monkeypatch.setattr(stack.library.embeddings, "embed_query", refuse)
    result = stack.invoke("answer_queued_question", sample("questions__question"))
    sent = boto3.client("sqs").get_queue_attributes(QueueUrl=stack.urls["handover"], AttributeNames=["All"])
    assert result == {"batchItemFailures": []}
    assert sent["Attributes"]["ApproximateNumberOfMessagesDelayed"] == "1"
    assert stack.take("answers") == []

    monkeypatch.setattr(stack.library.embeddings, "embed_query", embed)
    item = boto3.client("dynamodb").scan(TableName="questions")["Items"][0]
    event = sample("handover__question")
    event["Records"][0]["body"] = json.dumps({"answer_id": item["answer_id"]["S"]})
    event["Records"][0]["eventSourceARN"] = "arn:aws:sqs:eu-central-1:111122223333:docqa-handover"
    assert stack.invoke("answer_queued_question", event) == {"batchItemFailures": []}
    (message,) = stack.take("answers")
    assert json.loads(message["Body"])["status"] == "answered"


@pytest.fixture
def docqa(stack: AnsweringStack, monkeypatch: pytest.MonkeyPatch) -> Docqa:
    """The command, for a deployed stack whose operator is asking; the stack's budget is 5 USD."""
    keys = Credentials(access_key_id="testing", secret_access_key="testing")
    found = Stack(name="docqa", region=REGION, outputs={"SpendingTableName": SPENDING_TABLE}, credentials=keys)
    monkeypatch.setattr("cli.connection.find_stack", lambda *_: found)
    monkeypatch.setattr(Stack, "client", _client)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def _client(stack: Stack, service: str) -> Any:
    if service != "cloudformation":
        return stack.session().client(service)  # type: ignore[call-overload]
    deployed = {"Parameters": [{"ParameterKey": "TenantDailyBudgetUsd", "ParameterValue": "5"}]}
    return SimpleNamespace(describe_stacks=lambda StackName: {"Stacks": [deployed]})  # noqa: N803


def test_an_operator_sees_every_tenant(docqa: Docqa, ledger: DynamoDBSpendingLedger) -> None:
    ledger.add("acme", "1", Charge({SpendingKind.EXTRACTION: 5.5, SpendingKind.CHAT: 0.25}), time.time())
    ledger.add("acme", "2", Charge({SpendingKind.QUOTING: 0.000004}), time.time())
    ledger.add("globex", "1", Charge({SpendingKind.EMBEDDINGS: 0.125}), time.time() - 86_400)

    shown = docqa("cost", "--all")
    narrowed = json.loads(docqa("cost", "--tenant", "globex", "--json").stdout)

    assert shown.exit_code == 0, shown.stderr
    lines = " ".join(shown.stdout.split())
    assert "acme" in lines
    assert "globex" in lines
    assert f"{day_of(time.time())} 5.50 0.00 0.25 0.000004 5.75" in lines
    assert "today: 5.75 of 5.00 USD, used up until 00:00 UTC" in lines
    assert "today: 0.00 of 5.00 USD, 5.00 USD left" in lines
    assert [(one["tenant"], one["left_usd"]) for one in narrowed] == [("globex", 5.0)]


def test_an_operator_gives_a_tenant_a_budget_and_takes_it_back(docqa: Docqa, ledger: DynamoDBSpendingLedger) -> None:
    """Promise 55: per tenant, beside the stack's."""
    assert "of 12.50 USD" in docqa("budget", "acme", "12.50").stdout
    assert ledger.account("acme", "2020-01-01").override == BudgetOverride(12.5)
    assert "no budget is set" in docqa("budget", "acme", "none").stdout
    assert ledger.account("acme", "2020-01-01").override == BudgetOverride(None)
    assert "of 5.00 USD" in docqa("budget", "acme", "default").stdout
    assert ledger.account("acme", "2020-01-01").override is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("budget", "acme", "much"),
        ("budget", "acme", "-5"),
        ("budget", "acme", "1e3"),
        ("budget", "a/b", "5"),
        ("cost", "--all", "--tenant", "acme"),
        ("cost", "--all", "--days", "0"),
    ],
)
def test_what_will_not_do_is_told_and_changes_nothing(
    docqa: Docqa, ledger: DynamoDBSpendingLedger, arguments: tuple[str, ...]
) -> None:
    ledger.add("acme", "1", Charge({SpendingKind.CHAT: 1.0}), time.time())
    done = docqa(*arguments)

    assert done.exit_code == 2
    assert done.stderr
    assert ledger.account("acme", "2020-01-01").override is None
