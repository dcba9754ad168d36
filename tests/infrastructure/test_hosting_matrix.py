"""Containers and modes: matrix.toml, the Rules of the template and the README say the same of every pair."""

from __future__ import annotations

import re
from itertools import combinations, product

import boto3
import pytest

from docqa.domain.pricing import instance_hours_usd
from models import deployments, matrix
from tests.infrastructure import hosting

MATRIX = matrix.load()
TEMPLATE = deployments.template()
MODES = {"realtime": "Realtime", "serverless": "Serverless", "asynchronous": "Asynchronous", "transform": "Transform"}
SETS_OF_MODES = [modes for size in range(1, len(MODES) + 1) for modes in combinations(MODES, size)]
CPU, GPU = "ml.c5.xlarge", "ml.g5.xlarge"


def parameters(task: str, container: str, modes: tuple[str, ...], instance: str) -> dict[str, str]:
    """Everything that this needs is given, so that only the pair can be refused."""
    name = MATRIX.tasks[task]
    source = (
        {f"{name}ModelPackage": deployments.PACKAGE}
        if container == "package"
        else {f"{name}ModelData": deployments.DATA.format(task)}
    )
    chosen = {f"{name}{MODES[mode]}": "true" for mode in modes}
    return deployments.SHARED | source | chosen | {f"{name}Container": container, f"{name}InstanceType": instance}


@pytest.mark.parametrize(
    ("task", "container", "mode", "instance"),
    list(product(MATRIX.tasks, MATRIX.containers, MODES, MATRIX.instances)),
)
def test_the_rules_refuse_what_the_matrix_refuses(task: str, container: str, mode: str, instance: str) -> None:
    refused = hosting.stack(parameters(task, container, (mode,), instance)).refusals()
    assert refused == MATRIX.refusals(task, container, (mode,), instance)


@pytest.mark.parametrize("container", MATRIX.containers)
@pytest.mark.parametrize("task", MATRIX.tasks)
def test_modes_together_are_refused_for_the_reasons_of_each(task: str, container: str) -> None:
    for modes, instance in product(SETS_OF_MODES, (CPU, GPU)):
        refused = hosting.stack(parameters(task, container, modes, instance)).refusals()
        assert refused == MATRIX.refusals(task, container, modes, instance), (modes, instance)


@pytest.mark.parametrize(("container", "instance"), list(product(MATRIX.containers, MATRIX.instances)))
def test_models_share_an_endpoint_where_the_matrix_says_so(container: str, instance: str) -> None:
    chosen = {"MultiModelContainer": container, "MultiModelInstanceType": instance}
    refused = hosting.stack(deployments.MULTIMODEL | chosen).refusals()
    assert refused == MATRIX.multimodel_refusals(container, instance)


@pytest.mark.parametrize(("task", "container"), list(product(MATRIX.tasks, MATRIX.containers)))
def test_a_pair_that_is_not_refused_can_be_made(task: str, container: str) -> None:
    for mode, instance in product(MODES, (CPU, GPU)):
        if not MATRIX.refusals(task, container, (mode,), instance):
            made = hosting.stack(parameters(task, container, (mode,), instance)).resources()
            for model in hosting.of_type(made, "AWS::SageMaker::Model").values():
                assert "none" not in model["PrimaryContainer"].get("Image", ""), (mode, instance)


def test_what_nobody_wants_is_not_refused() -> None:
    chosen = {"ChatContainer": "tei", "ChatInstanceType": CPU, "MultiModelContainer": "package"}
    assert hosting.stack(deployments.alone("Embedding", "Realtime") | chosen).refusals() == set()


@pytest.mark.parametrize("name", MATRIX.containers)
def test_what_a_container_cannot_do_has_its_sentence_and_nothing_else_has(name: str) -> None:
    container = MATRIX.containers[name]
    able = {*container.tasks, *container.processors, *container.modes}
    wanted = {*MATRIX.tasks, "cpu", "gpu", *MATRIX.modes}
    assert able <= wanted
    assert set(container.refused) == wanted - able
    assert set(container.format) == set(container.tasks)
    assert all(re.fullmatch(r"[A-Z].*\.", sentence) for sentence in container.refused.values())


def test_no_two_refusals_share_their_words() -> None:
    """A sentence tells which pair it was."""
    sentences = [s for container in MATRIX.containers.values() for s in container.refused.values()]
    assert len(set(sentences)) == len(sentences)


def test_the_parameters_offer_what_the_matrix_has() -> None:
    for name in ("Embedding", "Chat", "MultiModel"):
        assert TEMPLATE["Parameters"][f"{name}Container"]["AllowedValues"] == list(MATRIX.containers)
        assert TEMPLATE["Parameters"][f"{name}InstanceType"]["AllowedValues"] == list(MATRIX.instances)


def test_the_template_knows_each_instance_type_as_the_matrix_does() -> None:
    assert TEMPLATE["Mappings"]["Instances"] == {
        name: {"Processor": instance.processor, "Gpus": str(instance.gpus)}
        for name, instance in MATRIX.instances.items()
    }


def test_each_container_has_an_image_for_each_of_its_processors() -> None:
    for name, container in MATRIX.containers.items():
        images = TEMPLATE["Mappings"]["Images"][name]
        there = {processor for processor in ("cpu", "gpu") if images[processor] != "none"}
        assert there == (set() if name == "package" else set(container.processors))
        assert all(re.fullmatch(r"[a-z-]+:[A-Za-z0-9._-]*\d[A-Za-z0-9._-]*", images[one]) for one in there), "a version"


@pytest.mark.parametrize("name", MATRIX.instances)
def test_an_instance_type_exists_and_has_its_price(name: str) -> None:
    service = boto3.client("sagemaker", region_name="us-east-1").meta.service_model
    assert name in service.shape_for("ProductionVariantInstanceType").enum
    assert name in service.shape_for("TransformInstanceType").enum
    assert instance_hours_usd(name, 1) > 0


@pytest.mark.parametrize(("task", "container"), list(product(MATRIX.tasks, MATRIX.containers)))
def test_the_stack_tells_the_format_that_the_matrix_tells(task: str, container: str) -> None:
    if task in MATRIX.containers[container].tasks:
        outputs = hosting.stack(parameters(task, container, ("realtime",), GPU)).outputs()
        told = outputs.get(f"{MATRIX.tasks[task]}Format", "as its model card says")
        assert told == MATRIX.containers[container].format[task]


def test_an_lmi_archive_has_the_settings_that_its_container_has() -> None:
    """Behind a multi-model endpoint serving.properties stands for the environment."""
    embedding = hosting.stack(parameters("embedding", "lmi", ("realtime",), GPU)).resources()["EmbeddingModel"]
    environment = embedding["Properties"]["PrimaryContainer"]["Environment"]
    options = {name: value for name, value in environment.items() if name.startswith("OPTION_")}
    text = (deployments.TEMPLATE.parent / "embedding" / "serving.properties").read_text()
    found = dict(re.findall(r"^option\.(\w+)=(.*)$", text, re.MULTILINE))
    del found["gpu_memory_utilization"]  # which only a shared GPU needs
    assert {f"OPTION_{name.upper()}": value for name, value in found.items()} == options
