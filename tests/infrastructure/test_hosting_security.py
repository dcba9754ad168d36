"""Who may do what with hosted models, and what is encrypted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models import deployments
from tests.infrastructure import hosting

WAYS = deployments.every()
STATEMENTS = [(way, statement) for way in WAYS for statement in hosting.statements(WAYS[way])]
# Actions for which AWS knows no resource to name (Service Authorization Reference).
WITHOUT_RESOURCES = {"ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"}
ACCOUNT = "123456789012"


def allowed(way: str, action: str) -> set[str]:
    """Resources on which a way's role may do this."""
    return {
        resource
        for statement in hosting.statements(WAYS[way])
        if action in hosting.listed(statement["Action"])
        for resource in hosting.listed(statement["Resource"])
    }


@pytest.mark.parametrize(("way", "statement"), STATEMENTS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_statement_names_its_actions_and_its_resources(way: str, statement: dict[str, Any]) -> None:
    """Promise 5: no `*` action; `*` resources only from a short named list."""
    actions = set(hosting.listed(statement["Action"]))
    resources = hosting.listed(statement["Resource"])
    assert statement["Effect"] == "Allow"
    assert not [action for action in actions if "*" in action]
    assert resources
    assert "NotAction" not in statement
    if "*" in resources:
        assert actions <= WITHOUT_RESOURCES
    for resource in resources:
        assert resource == "*" or not resource.endswith((":*", ":::*", "repository/*")), resource


def test_there_is_one_role_without_managed_policies_and_only_sagemaker_takes_it() -> None:
    roles = hosting.of_type(hosting.everything(), "AWS::IAM::Role")
    assert set(roles) == {"ExecutionRole"}
    assert "ManagedPolicyArns" not in roles["ExecutionRole"]
    [trust] = roles["ExecutionRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_a_model_is_read_from_its_own_archive_only() -> None:
    assert allowed("embedding-realtime", "s3:GetObject") == {"arn:aws:s3:::docqa-models-example/embedding.tar.gz"}
    assert allowed("multimodel", "s3:GetObject") == {"arn:aws:s3:::docqa-models-example/shared/*"}
    assert allowed("multimodel", "s3:ListBucket") == {"arn:aws:s3:::docqa-models-example"}
    assert allowed("hub", "s3:GetObject") == set()
    assert allowed("package", "s3:GetObject") == {
        "arn:aws:s3:::jumpstart-cache-prod-eu-west-1/*",
        "arn:aws:s3:::jumpstart-private-cache-prod-eu-west-1/*",
    }


def test_only_modes_with_jobs_touch_the_work_bucket_and_only_what_belongs_to_jobs() -> None:
    for way in WAYS:
        jobs = "asynchronous" in way or "transform" in way or way == "everything"
        touched = {
            resource
            for action in ("s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListBucket")
            for resource in allowed(way, action)
            if "docqa-work-example" in resource
        }
        assert bool(touched) is jobs, way
        assert touched <= {
            "arn:aws:s3:::docqa-work-example",
            "arn:aws:s3:::docqa-work-example/*/inference/*",
            "arn:aws:s3:::docqa-work-example/captured/*",
        }
    assert allowed("embedding-transform", "s3:PutObject") == {"arn:aws:s3:::docqa-work-example/*/inference/*"}
    assert allowed("embedding-asynchronous", "s3:PutObject") == {"arn:aws:s3:::docqa-work-example/*/inference/*"}


def test_results_lie_where_the_main_stack_reads_and_the_role_writes() -> None:
    """The main stack reads */inference/* of its work bucket."""
    config = hosting.stack(WAYS["chat-asynchronous"]).resources()["ChatAsyncConfig"]["Properties"]
    output = config["AsyncInferenceConfig"]["OutputConfig"]
    assert output["S3OutputPath"] == "s3://docqa-work-example/"
    assert output["S3FailurePath"] == "s3://docqa-work-example/failed/inference/"
    moved = {**WAYS["chat-asynchronous"], "AsyncOutputPrefix": "later/"}
    config = hosting.stack(moved).resources()["ChatAsyncConfig"]["Properties"]
    assert config["AsyncInferenceConfig"]["OutputConfig"]["S3OutputPath"] == "s3://docqa-work-example/later/"


def test_listing_the_work_bucket_tells_of_jobs_only() -> None:
    [listing] = [s for s in hosting.statements(WAYS["embedding-transform"]) if s["Action"] == "s3:ListBucket"]
    assert listing["Condition"] == {"StringLike": {"s3:prefix": "*/inference/*"}}


def test_an_image_of_ones_own_is_fetched_from_its_repository_only() -> None:
    own = {resource for resource in allowed("everything", "ecr:BatchGetImage") if f":{ACCOUNT}:" in resource}
    assert own == {f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/{name}" for name in ("embedding", "chat", "multimodel")}
    nested = {**WAYS["embedding-realtime"], "EmbeddingImage": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/a/b:1"}
    resources = [resource for s in hosting.statements(nested) for resource in hosting.listed(s["Resource"])]
    assert f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/a/b" in resources


@pytest.mark.parametrize("kind", ["Success", "Error"])
def test_topics_are_encrypted_and_not_public(kind: str) -> None:
    made = hosting.stack(WAYS["embedding-asynchronous"]).resources()
    assert made[f"Inference{kind}Topic"]["Properties"] == {"KmsMasterKeyId": "alias/aws/sns"}
    assert hosting.everything()[f"Inference{kind}Topic"]["Properties"] == {"KmsMasterKeyId": deployments.KEY}
    policy = made[f"Inference{kind}TopicPolicy"]["Properties"]
    assert policy["Topics"] == [f"Inference{kind}Topic"]
    granted = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert {json.dumps(s["Principal"]) for s in granted} == {
        json.dumps({"AWS": "ExecutionRole.Arn"}),
        json.dumps({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
    }
    [denied] = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert not [action for s in granted for action in hosting.listed(s["Action"]) if "*" in action]


def test_both_topics_are_told_and_no_answer_is_in_a_notification() -> None:
    for task in hosting.TASKS:
        config = hosting.everything()[f"{task}AsyncConfig"]["Properties"]["AsyncInferenceConfig"]
        assert config["OutputConfig"]["NotificationConfig"] == {
            "SuccessTopic": "InferenceSuccessTopic",
            "ErrorTopic": "InferenceErrorTopic",
        }
    assert allowed("everything", "sns:Publish") == {"InferenceSuccessTopic", "InferenceErrorTopic"}
    assert allowed("embedding-realtime", "sns:Publish") == set()


@pytest.mark.parametrize("way", WAYS)
def test_a_container_has_no_network_unless_it_fetches_its_model_or_is_serverless(way: str) -> None:
    """What reads documents opens no connection, as their parsers open none."""
    models = hosting.of_type(hosting.stack(WAYS[way]).resources(), "AWS::SageMaker::Model")
    for name, model in models.items():
        connected = way == "hub" or "Serverless" in name
        assert model.get("EnableNetworkIsolation", False) is not connected, name


def test_a_key_of_ones_own_is_used_wherever_there_is_something_to_encrypt() -> None:
    made = hosting.everything()
    for name, config in hosting.of_type(made, "AWS::SageMaker::EndpointConfig").items():
        assert config.get("KmsKeyId") == (None if "Serverless" in name else deployments.KEY), name
    for task in hosting.TASKS:
        output = made[f"{task}AsyncConfig"]["Properties"]["AsyncInferenceConfig"]["OutputConfig"]
        assert output["KmsKeyId"] == deployments.KEY
        assert made[f"{task}RealtimeConfig"]["Properties"]["DataCaptureConfig"]["KmsKeyId"] == deployments.KEY
    assert allowed("everything", "kms:GenerateDataKey") == {deployments.KEY}
    [grant] = [s for s in hosting.statements(WAYS["everything"]) if s["Action"] == "kms:CreateGrant"]
    assert grant["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert allowed("embedding-asynchronous", "kms:Decrypt") == set()


def test_calls_are_not_captured_unless_it_is_said() -> None:
    for task in hosting.TASKS:
        usual = hosting.stack(deployments.alone(task, "Realtime")).resources()[f"{task}RealtimeConfig"]["Properties"]
        assert "DataCaptureConfig" not in usual
        captured = hosting.everything()[f"{task}RealtimeConfig"]["Properties"]["DataCaptureConfig"]
        assert captured["InitialSamplingPercentage"] == 5
        assert captured["DestinationS3Uri"].startswith("s3://docqa-work-example/captured/")
    assert deployments.template()["Parameters"]["CapturePercentage"]["Default"] == 0


def test_logs_are_kept_for_a_stated_time() -> None:
    """Promise 8: log retention."""
    groups = hosting.of_type(hosting.everything(), "AWS::Logs::LogGroup")
    assert len(groups) == 7
    assert {group["RetentionInDays"] for group in groups.values()} == {365}


def test_no_secret_is_in_an_environment() -> None:
    """Promise 8: a description of a model shows its environment."""
    text = deployments.TEMPLATE.read_text()
    assert not [
        word for word in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_API_TOKEN", "PASSWORD", "SECRET") if word in text
    ]
