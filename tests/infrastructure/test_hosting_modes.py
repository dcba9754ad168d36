"""The hosting stack in each mode alone and in all together: what is made, and what it is made of."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from models import deployments
from tests.infrastructure import hosting

ALONE = [(task, mode) for task in hosting.TASKS for mode in hosting.MODES]
WAYS = deployments.every()
TOPICS = {f"Inference{kind}Topic{part}" for kind in ("Success", "Error") for part in ("", "Policy")}
PARTS = {
    "Realtime": [
        "Model",
        "RealtimeConfig",
        "RealtimeLogGroup",
        "RealtimeEndpoint",
        "RealtimeInstances",
        "RealtimeScaling",
    ],
    "Serverless": ["ServerlessModel", "ServerlessConfig", "ServerlessLogGroup", "ServerlessEndpoint"],
    "Asynchronous": [
        *("Model", "AsyncConfig", "AsyncLogGroup", "AsyncEndpoint", "AsyncInstances", "AsyncScaling", "AsyncWaking"),
        "WakeAlarm",
    ],
    "Transform": ["Model"],
}
ALARMS = {f"{task}{alarm}" for task in hosting.TASKS for alarm in ("RealtimeErrorsAlarm", "StuckAlarm")}
MULTIMODEL = {f"MultiModel{part}" for part in ("Model", "Config", "LogGroup", "Endpoint", "Instances", "Scaling")}


def parts(task: str, mode: str) -> set[str]:
    own = {f"{task}{part}" for part in PARTS[mode]}
    return own | (TOPICS if mode == "Asynchronous" else set())


@pytest.mark.parametrize("way", WAYS)
def test_it_is_not_refused_and_refers_to_nothing_that_is_not_made(way: str) -> None:
    stack = hosting.stack(WAYS[way])
    assert stack.refusals() == set()
    assert stack.resources()
    assert stack.outputs()


@pytest.mark.parametrize(("task", "mode"), ALONE)
def test_a_mode_alone_makes_its_own_parts_only(task: str, mode: str) -> None:
    assert set(hosting.stack(deployments.alone(task, mode)).resources()) == {"ExecutionRole"} | parts(task, mode)


def test_all_together_make_all_there_is() -> None:
    made = set(hosting.everything())
    expected = {"ExecutionRole"}.union(*(parts(task, mode) for task, mode in ALONE)) | ALARMS | MULTIMODEL
    assert made == expected
    assert made == set(deployments.template()["Resources"]), "no resource that no way makes"


def test_every_condition_is_used_and_holds_in_some_way_and_not_in_another() -> None:
    template = deployments.template()
    text = json.dumps({name: template[name] for name in ("Conditions", "Resources", "Outputs")})
    stacks = [hosting.stack(parameters) for parameters in WAYS.values()]
    others = [
        hosting.stack(deployments.alone(task, "Realtime") | changes)
        for task, changes in (
            ("Chat", {"ChatContainer": "tgi"}),
            ("Chat", {"ChatContainer": "huggingface", "ChatModelData": "", "ChatHubModel": "a/b"}),
            ("Embedding", {"EmbeddingContainer": "lmi", "EmbeddingInstanceType": "ml.g5.xlarge"}),
            ("Embedding", {"EmbeddingContainer": "huggingface", "EmbeddingModelData": "", "EmbeddingHubModel": "a/b"}),
            ("Embedding", {"EmbeddingContainer": "package", "EmbeddingModelPackage": deployments.PACKAGE}),
            ("Embedding", {"MultiModelContainer": "lmi"}),
            ("Chat", {"ChatServerlessProvisioned": "1"}),
        )
    ]
    for name in template["Conditions"]:
        assert f'"{name}"' in text.replace(f'"{name}": {{', ""), f"{name} is not used"
        assert {stack.condition(name) for stack in stacks + others} == {True, False}, name


def test_both_tasks_are_written_alike() -> None:
    """They differ in what their containers are told and in how real time scales, and in nothing else."""
    resources: dict[str, Any] = deployments.template()["Resources"]
    embedding = {name: resource for name, resource in resources.items() if name.startswith("Embedding")}
    for name, resource in embedding.items():
        other = resources[name.replace("Embedding", "Chat", 1)]
        assert _bare(name, resource, "Embedding") == _bare(name, other, "Chat"), name
    assert len(embedding) == len([name for name in resources if name.startswith("Chat")])


def _bare(name: str, resource: dict[str, Any], task: str) -> str:
    text = json.dumps(resource, sort_keys=True).replace(task, "Task").replace(task.lower(), "task")
    if name.endswith("Model"):
        text = re.sub(r'"Environment": .*?(?="Image")', "", text)
    return re.sub(r'"PredefinedMetricType": "\w+"', "", text)


@pytest.mark.parametrize("way", WAYS)
def test_an_endpoint_waits_for_its_log_and_has_a_name_that_its_arn_has(way: str) -> None:
    made = hosting.stack(WAYS[way]).resources()
    for name, resource in made.items():
        if resource["Type"] == "AWS::SageMaker::Endpoint":
            [group] = resource["DependsOn"]
            endpoint = resource["Properties"]["EndpointName"]
            assert made[group]["Properties"]["LogGroupName"] == f"/aws/sagemaker/Endpoints/{endpoint}", name
            assert endpoint == endpoint.lower()
            assert len(endpoint) <= 63


def test_images_come_from_the_region_that_the_stack_is_in() -> None:
    model = hosting.stack(deployments.alone("Embedding", "Realtime")).resources()["EmbeddingModel"]
    image = model["Properties"]["PrimaryContainer"]["Image"]
    assert image == "141502667606.dkr.ecr.eu-west-1.amazonaws.com/tei-cpu:2.0.1-tei1.8.2-cpu-py310-ubuntu22.04"


def test_the_processor_of_the_instance_chooses_the_image_and_serverless_has_none_but_cpus() -> None:
    parameters = {
        **deployments.alone("Embedding", "Realtime"),
        "EmbeddingServerless": "true",
        "EmbeddingInstanceType": "ml.g5.xlarge",
    }
    made = hosting.stack(parameters).resources()
    images = [
        made[name]["Properties"]["PrimaryContainer"]["Image"] for name in ("EmbeddingModel", "EmbeddingServerlessModel")
    ]
    assert ["/tei:" in images[0], "/tei-cpu:" in images[1]] == [True, True]


def test_a_package_brings_image_and_data_itself() -> None:
    model = hosting.stack(WAYS["package"]).resources()["ChatModel"]["Properties"]
    assert model["PrimaryContainer"] == {"ModelPackageName": deployments.PACKAGE}
    assert model["EnableNetworkIsolation"] is True


def test_a_tgi_container_uses_every_gpu_of_its_instance() -> None:
    parameters = {**deployments.alone("Chat", "Realtime"), "ChatContainer": "tgi", "ChatInstanceType": "ml.g5.12xlarge"}
    model = hosting.stack(parameters).resources()["ChatModel"]["Properties"]
    assert model["PrimaryContainer"]["Environment"]["SM_NUM_GPUS"] == "4"


def test_a_serverless_endpoint_is_kept_warm_only_when_asked() -> None:
    config = hosting.stack(deployments.alone("Embedding", "Serverless")).resources()["EmbeddingServerlessConfig"]
    [variant] = config["Properties"]["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 3072, "MaxConcurrency": 5}
    [warm] = hosting.everything()["EmbeddingServerlessConfig"]["Properties"]["ProductionVariants"]
    assert warm["ServerlessConfig"]["ProvisionedConcurrency"] == 1
