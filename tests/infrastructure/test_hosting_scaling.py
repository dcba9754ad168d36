"""Instances of the hosting stack come and go with the load, down to none where nobody waits."""

from __future__ import annotations

from typing import Any

import pytest

from models import deployments
from tests.infrastructure import hosting

MADE = hosting.everything()
TARGETS = hosting.of_type(MADE, "AWS::ApplicationAutoScaling::ScalableTarget")
POLICIES = hosting.of_type(MADE, "AWS::ApplicationAutoScaling::ScalingPolicy")
ALARMS = hosting.of_type(MADE, "AWS::CloudWatch::Alarm")


def policies_of(target: str) -> dict[str, Any]:
    return {name: policy for name, policy in POLICIES.items() if policy["ScalingTargetId"] == target}


def test_every_endpoint_with_instances_scales() -> None:
    endpoints = {target["ResourceId"].split("/")[1].split(".")[0] for target in TARGETS.values()}
    configs = hosting.of_type(MADE, "AWS::SageMaker::EndpointConfig")
    on_instances = {
        name
        for name, endpoint in hosting.of_type(MADE, "AWS::SageMaker::Endpoint").items()
        if "InstanceType" in configs[endpoint["EndpointConfigName"].split(".")[0]]["ProductionVariants"][0]
    }
    assert endpoints == on_instances
    for target in TARGETS.values():
        assert target["ServiceNamespace"] == "sagemaker"
        assert target["ScalableDimension"] == "sagemaker:variant:DesiredInstanceCount"
        assert target["ResourceId"].endswith(".EndpointName/variant/all")
    for config in configs.values():
        assert [variant["VariantName"] for variant in config["ProductionVariants"]] == ["all"]


@pytest.mark.parametrize("task", hosting.TASKS)
def test_where_somebody_waits_there_is_always_an_instance(task: str) -> None:
    target = TARGETS[f"{task}RealtimeInstances"]
    assert 1 <= target["MinCapacity"] <= target["MaxCapacity"]
    [policy] = policies_of(f"{task}RealtimeInstances").values()
    assert policy["PolicyType"] == "TargetTrackingScaling"
    tracked = policy["TargetTrackingScalingPolicyConfiguration"]
    assert tracked["ScaleOutCooldown"] < tracked["ScaleInCooldown"], "quicker there than gone"
    metric = {
        "Embedding": "SageMakerVariantInvocationsPerInstance",
        "Chat": "SageMakerVariantConcurrentRequestsPerModelHighResolution",
    }
    assert tracked["PredefinedMetricSpecification"] == {"PredefinedMetricType": metric[task]}


@pytest.mark.parametrize("task", hosting.TASKS)
def test_an_asynchronous_endpoint_goes_down_to_nothing_and_up_with_its_backlog(task: str) -> None:
    target = TARGETS[f"{task}AsyncInstances"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 1)
    more = hosting.stack(deployments.everything() | {f"{task}AsyncMaxInstances": "7"}).resources()
    assert more[f"{task}AsyncInstances"]["Properties"]["MaxCapacity"] == 7
    tracked = POLICIES[f"{task}AsyncScaling"]["TargetTrackingScalingPolicyConfiguration"]
    assert tracked["CustomizedMetricSpecification"] == {
        "Namespace": "AWS/SageMaker",
        "MetricName": "ApproximateBacklogSizePerInstance",
        "Dimensions": [{"Name": "EndpointName", "Value": f"{task}AsyncEndpoint.EndpointName"}],
        "Statistic": "Average",
    }


@pytest.mark.parametrize("task", hosting.TASKS)
def test_the_first_request_wakes_an_endpoint_without_instances(task: str) -> None:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html"""
    alarm = ALARMS[f"{task}WakeAlarm"]
    assert alarm["AlarmActions"] == [f"{task}AsyncWaking"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SageMaker", "HasBacklogWithoutCapacity")
    assert alarm["Dimensions"] == [{"Name": "EndpointName", "Value": f"{task}AsyncEndpoint.EndpointName"}]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 120
    waking = POLICIES[f"{task}AsyncWaking"]
    assert waking["PolicyType"] == "StepScaling"
    assert waking["ScalingTargetId"] == f"{task}AsyncInstances"
    steps = waking["StepScalingPolicyConfiguration"]
    assert steps["AdjustmentType"] == "ChangeInCapacity"
    assert steps["StepAdjustments"] == [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]


def test_the_wake_alarm_needs_no_topic() -> None:
    made = hosting.stack(deployments.alone("Embedding", "Asynchronous")).resources()
    assert set(hosting.of_type(made, "AWS::CloudWatch::Alarm")) == {"EmbeddingWakeAlarm"}


def test_every_other_alarm_tells_the_topic() -> None:
    """Promise 12: each has an action; a backlog without capacity has one too."""
    telling = {name: alarm for name, alarm in ALARMS.items() if not name.endswith("WakeAlarm")}
    assert len(telling) == 4
    for alarm in telling.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [deployments.TOPIC]


def test_a_new_model_begins_with_the_instances_of_the_old_one() -> None:
    for name, endpoint in hosting.of_type(MADE, "AWS::SageMaker::Endpoint").items():
        assert endpoint.get("RetainAllVariantProperties") is (None if "Serverless" in name else True), name
