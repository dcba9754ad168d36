"""Where the emulator's API Gateway differs from AWS, and what it lacks. Each test says what the emulator does."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.divergences.conftest import Emulator

pytestmark = pytest.mark.e2e


def validated_api() -> dict[str, Any]:
    """An OpenAPI body, as SAM writes it, whose one route demands a `question` and answers 200 by itself."""
    integration = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200"}},
    }
    post = {
        "parameters": [{"in": "body", "name": "Q", "required": True, "schema": {"$ref": "#/definitions/Q"}}],
        "responses": {"200": {"description": "answered"}},
        "x-amazon-apigateway-request-validator": "all",
        "x-amazon-apigateway-integration": integration,
    }
    return {
        "swagger": "2.0",
        "info": {"title": "questions", "version": "1"},
        "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True}},
        "definitions": {"Q": {"type": "object", "required": ["question"]}},
        "paths": {"/questions": {"post": post}},
    }


def test_a_request_body_is_not_validated_against_the_template_s_model(
    emulator: Emulator, within: Callable[[Callable[[], bool], float], bool]
) -> None:
    api = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": validated_api()}}
    stage = {"RestApiId": {"Ref": "Api"}, "StageName": "v1"}
    resources = {"Api": api, "Deployment": {"Type": "AWS::ApiGateway::Deployment", "Properties": stage}}
    formation = emulator.client("cloudformation")
    formation.create_stack(StackName="questions", TemplateBody=json.dumps({"Resources": resources}))

    def is_there() -> bool:
        return bool(formation.describe_stacks(StackName="questions")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE")

    assert within(is_there, 10)
    made = formation.describe_stack_resource(StackName="questions", LogicalResourceId="Api")
    address = made["StackResourceDetail"]["PhysicalResourceId"]
    request = urllib.request.Request(
        f"{emulator.url}/_aws/execute-api/{address}/v1/questions",
        data=b"{}",
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def test_an_imported_api_has_no_routes(emulator: Emulator) -> None:
    gateway = emulator.client("apigateway")
    made = gateway.import_rest_api(body=json.dumps(validated_api()))["id"]
    assert [resource["path"] for resource in gateway.get_resources(restApiId=made)["items"]] == ["/"]


def test_bedrock_embeddings_have_another_shape(emulator: Emulator) -> None:
    answer = emulator.client("bedrock-runtime").invoke_model(
        modelId="amazon.titan-embed-text-v2:0", body=json.dumps({"inputText": "x"})
    )
    assert "embedding" not in json.loads(answer["body"].read())


@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("textract", lambda client: client.get_document_text_detection(JobId="x" * 64)),
        ("sagemaker", lambda client: client.list_endpoints()),
        ("sagemaker-runtime", lambda client: client.invoke_endpoint(EndpointName="e", Body=b"{}")),
        ("comprehend", lambda client: client.detect_dominant_language(Text="x")),
        ("xray", lambda client: client.get_groups()),
    ],
)
def test_services_that_are_absent(emulator: Emulator, service: str, call: Callable[[Any], Any]) -> None:
    with pytest.raises(ClientError):
        call(emulator.client(service))


@pytest.mark.parametrize(
    "kind",
    [
        "AWS::SageMaker::Endpoint",
        "AWS::SES::ReceiptRuleSet",
        "AWS::SES::ReceiptRule",
        "AWS::OpenSearchServerless::Collection",
        "AWS::Bedrock::Guardrail",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::StepFunctions::StateMachineAlias",
    ],
)
def test_resource_types_that_a_stack_cannot_have(
    emulator: Emulator, kind: str, within: Callable[[Callable[[], bool], float], bool]
) -> None:
    formation = emulator.client("cloudformation")
    name = "absent-" + kind.replace("::", "-").lower()
    template = json.dumps({"Resources": {"It": {"Type": kind, "Properties": {}}}})
    try:
        formation.create_stack(StackName=name, TemplateBody=template)
    except ClientError:
        return

    def status() -> str:
        return str(formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    assert within(lambda: status() in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"), 5), status()


def test_a_stack_with_a_metric_math_alarm_fails(
    emulator: Emulator, within: Callable[[Callable[[], bool], float], bool]
) -> None:
    metric = {"Namespace": "AWS/SQS", "MetricName": "NumberOfMessagesDeleted"}
    series = {"Id": "taken", "ReturnData": False, "MetricStat": {"Stat": "Sum", "Period": 60, "Metric": metric}}
    alarm = {
        "Metrics": [{"Id": "stalled", "Expression": "FILL(taken, 0)"}, series],
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "LessThanOrEqualToThreshold",
    }
    resources = {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm}}
    formation = emulator.client("cloudformation")
    formation.create_stack(StackName="metric-math", TemplateBody=json.dumps({"Resources": resources}))

    def is_rolled_back() -> bool:
        return bool(
            formation.describe_stacks(StackName="metric-math")["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"
        )

    assert within(is_rolled_back, 10)
