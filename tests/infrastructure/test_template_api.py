"""The HTTP API lets in who is signed in, at a bearable rate, with bodies of the stated form."""

import json
from typing import Any

import pytest
from pydantic import BaseModel

from docqa.models.api import ReadersBody, UploadRequest
from docqa.models.batch_api import BatchRequest
from docqa.models.feedback import FeedbackBody
from docqa.models.question import Question
from tests.infrastructure import stack

API = stack.of_type("AWS::ApiGateway::RestApi")["Api"]["Body"]
STAGE = stack.of_type("AWS::ApiGateway::Stage")["Apiv1Stage"]
MODELS: dict[str, type[BaseModel]] = {
    "Question": Question,
    "UploadRequest": UploadRequest,
    "ReadersBody": ReadersBody,
    "FeedbackBody": FeedbackBody,
    "BatchRequest": BatchRequest,
}
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in API["paths"].items()
    for method, operation in methods.items()
}


@pytest.mark.parametrize("route", sorted(OPERATIONS))
def test_a_route_wants_somebody_who_is_signed_in(route: str) -> None:
    """Promise 9: authorizer on every route."""
    assert OPERATIONS[route]["security"] == [{"SignedInUser": []}]


def test_the_authorizer_is_the_stacks_own_user_pool() -> None:
    """Promise 9: tokens of another pool are no tokens."""
    scheme = API["components"]["securitySchemes"]["SignedInUser"]["x-amazon-apigateway-authorizer"]
    assert scheme["type"] == "cognito_user_pools"
    assert list(map(stack.target, scheme["providerARNs"])) == ["UserPool"]


def test_requests_are_throttled_and_none_of_their_content_is_logged() -> None:
    """Promise 9: throttling by parameter on every method."""
    settings = STAGE["MethodSettings"]
    assert [(s["ResourcePath"], s["HttpMethod"]) for s in settings] == [("/*", "*")]
    assert settings[0]["ThrottlingRateLimit"] == {"Ref": "ApiRequestsPerSecond"}
    assert settings[0]["ThrottlingBurstLimit"] == {"Ref": "ApiBurst"}
    assert settings[0]["DataTraceEnabled"] is False


def test_the_access_log_has_ids_and_nothing_about_a_person() -> None:
    """Promise 9: access log."""
    line = json.loads(STAGE["AccessLogSetting"]["Format"])
    assert stack.target(STAGE["AccessLogSetting"]["DestinationArn"]) == "ApiAccessLogGroup"
    assert line["subject"] == "$context.authorizer.claims.sub"
    assert not [value for value in line.values() if "sourceIp" in value or "email" in value or "userAgent" in value]


WITHOUT_BODY = {"POST /documents/{document_id}/reprocess"}


@pytest.mark.parametrize(
    "route", sorted(r for r in OPERATIONS if r.startswith(("POST", "PUT")) and r not in WITHOUT_BODY)
)
def test_a_body_is_checked_before_a_function_starts(route: str) -> None:
    """Promise 9: request models."""
    operation = OPERATIONS[route]
    validator = API["x-amazon-apigateway-request-validators"][operation["x-amazon-apigateway-request-validator"]]
    model = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]

    assert operation["requestBody"]["required"] is True
    assert validator["validateRequestBody"] is True
    assert model.lower() in {name.lower() for name in MODELS}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_gateway_refuses_nothing_that_the_function_takes(name: str) -> None:
    """Promise 9: the gateway's models are a rough form of the functions'."""
    schema = next(s for key, s in API["components"]["schemas"].items() if key.lower() == name.lower())
    ours = MODELS[name].model_json_schema()

    assert set(schema["properties"]) == set(ours["properties"])
    assert set(schema.get("required", [])) == set(ours.get("required", []))
    assert schema["additionalProperties"] is False
    for field, rough in schema["properties"].items():
        for limit in ("maxLength", "maximum", "maxItems", "maxProperties"):
            if limit in rough:
                assert rough[limit] == _limit(ours["properties"][field], limit), f"{field}: {limit}"


def _limit(field: dict[str, Any], limit: str) -> int | None:
    """The limit in the model's schema; a pattern like ^[...]{1,64}$ limits the length too."""
    for choice in field.get("anyOf", [field]):
        if limit in choice:
            return int(choice[limit])
        if limit == "maxLength" and "pattern" in choice:
            bounds = choice["pattern"].rsplit("{", 1)[1].split("}", 1)[0]
            return int(bounds.split(",")[-1])
    return None


@pytest.mark.parametrize(
    "kind", ["BAD_REQUEST_BODY", "UNAUTHORIZED", "ACCESS_DENIED", "THROTTLED", "DEFAULT_4XX", "DEFAULT_5XX"]
)
def test_a_refusal_of_the_gateway_is_a_problem_document(kind: str) -> None:
    """Promise 9: RFC 9457, as the functions answer."""
    response = API["x-amazon-apigateway-gateway-responses"][kind]
    body = json.loads(response["responseTemplates"]["application/json"].replace("$context.error.messageString", '""'))

    assert response["responseParameters"]["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
    assert {"type", "title", "detail", "instance"} <= set(body)
    assert str(body.get("status", "")) == str(response.get("statusCode", body.get("status", "")))


def test_who_is_too_fast_is_told_when_to_come_back() -> None:
    """Promise 9: 429 with Retry-After."""
    response = API["x-amazon-apigateway-gateway-responses"]["THROTTLED"]
    assert int(response["statusCode"]) == 429
    assert response["responseParameters"]["gatewayresponse.header.Retry-After"] == "'1'"


def test_nobody_chooses_a_tenant_for_themselves() -> None:
    """Promise 9: the tenant comes from an administrator, once."""
    pool = stack.of_type("AWS::Cognito::UserPool")["UserPool"]
    client = stack.of_type("AWS::Cognito::UserPoolClient")["UserPoolClient"]
    tenant = next(attribute for attribute in pool["Schema"] if attribute["Name"] == "tenant")

    assert tenant["Mutable"] is False
    assert "custom:tenant" in client["ReadAttributes"]
    assert "custom:tenant" not in client["WriteAttributes"]
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True


def test_a_plain_password_opens_nothing_unless_a_parameter_says_so() -> None:
    flows = stack.of_type("AWS::Cognito::UserPoolClient")["UserPoolClient"]["ExplicitAuthFlows"]
    plain = [flow for flow in flows if isinstance(flow, dict)]
    assert plain == [{"Fn::If": ["PasswordSignIn", "ALLOW_USER_PASSWORD_AUTH", {"Ref": "AWS::NoValue"}]}]
    assert stack.template()["Parameters"]["AllowPasswordSignIn"]["Default"] == "false"
