"""What every HTTP handler shares."""

import base64
import json
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from docqa.errors import BudgetUsedUpError, IdempotencyMismatchError, NotFoundError, ThrottledError
from docqa.runtime.http import Request, Response, endpoint

CONTEXT = SimpleNamespace(aws_request_id="r", get_remaining_time_in_millis=lambda: 30_000)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str


def event(body: str | None = None, **claims: Any) -> dict[str, Any]:
    return {
        "headers": {"Idempotency-Key": "k-1"},
        "pathParameters": {"id": "7"},
        "body": body,
        "requestContext": {
            "requestId": "request-9",
            "authorizer": {"claims": claims or {"sub": "ann", "custom:tenant": "acme"}},
        },
    }


@pytest.mark.parametrize(
    ("claim", "groups"),
    [
        ("[hr finance]", {"hr", "finance"}),
        ("hr,finance", {"hr", "finance"}),
        ("hr", {"hr"}),
        (["hr"], {"hr"}),
        ("", set()),
        (None, set()),
    ],
)
def test_groups_are_read_in_every_form_that_the_gateway_hands_over(claim: object, groups: set[str]) -> None:
    seen: list[Request[Any]] = []

    @endpoint()
    def handler(request: Request[Any]) -> Response:
        seen.append(request)
        return Response(204)

    handler(event(**{"sub": "ann", "custom:tenant": "acme", "cognito:groups": claim}), CONTEXT)

    assert seen[0].principal.groups == groups
    assert seen[0].headers["idempotency-key"] == "k-1"


@pytest.mark.parametrize("claims", [{"sub": "ann"}, {"custom:tenant": "acme"}, {"custom:tenant": "", "sub": "ann"}])
def test_without_a_verified_tenant_and_subject_nothing_is_served(claims: dict[str, str]) -> None:
    """Promise 42: no tenant claim, no data."""

    @endpoint()
    def handler(request: Request[Any]) -> Response:
        raise AssertionError("must not run")

    assert handler(event(**claims), CONTEXT)["statusCode"] == 401


@pytest.mark.parametrize("body", ["", "nonsense", "[]", '{"text": 5, "tenant": "other"}'])
def test_a_malformed_body_is_a_problem_document(body: str) -> None:
    @endpoint(Body)
    def handler(request: Request[Body]) -> Response:
        raise AssertionError("must not run")

    answer = handler(event(body), CONTEXT)

    assert answer["statusCode"] == 400
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert json.loads(answer["body"])["instance"] == "request-9"


def test_a_base64_body_is_decoded() -> None:
    @endpoint(Body)
    def handler(request: Request[Body]) -> Response:
        return Response(200, request.body)

    encoded = event(base64.b64encode('{"text": "Köln"}'.encode()).decode()) | {"isBase64Encoded": True}

    assert json.loads(handler(encoded, CONTEXT)["body"]) == {"text": "Köln"}


def test_who_is_over_the_budget_is_told_when_to_come_back() -> None:
    """Promises 37, 55: 429 with Retry-After."""

    @endpoint()
    def handler(request: Request[Any]) -> Response:
        raise BudgetUsedUpError("Not answered: the daily budget is used up.", 1234)

    answer = handler(event(), CONTEXT)

    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (429, "1234")
    assert json.loads(answer["body"])["title"] == "Budget used up"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("no such document"), 404),
        (IdempotencyMismatchError("another body"), 422),
        (ThrottledError("model"), 503),
        (ValueError("SECRET"), 500),
    ],
)
def test_each_kind_of_error_has_its_status_and_tells_nothing_private(error: Exception, status: int) -> None:
    @endpoint()
    def handler(request: Request[Any]) -> Response:
        raise error

    answer = handler(event(), CONTEXT)

    assert answer["statusCode"] == status
    assert json.loads(answer["body"])["status"] == status
    assert "SECRET" not in answer["body"]
