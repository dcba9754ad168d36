"""The environments of samconfig.toml fit the template."""

import re
import tomllib
from typing import Any

import pytest

from tests.infrastructure import stack
from tools import translate

CONFIG = tomllib.loads((translate.ROOT / "samconfig.toml").read_text())
ENVIRONMENTS = ["default", "dev", "prod", "local"]
OVERRIDES = [
    (environment, *entry.split("=", 1))
    for environment in ENVIRONMENTS
    for entry in CONFIG[environment]["deploy"]["parameters"].get("parameter_overrides", [])
]


@pytest.mark.parametrize(("environment", "name", "value"), OVERRIDES)
def test_a_parameter_exists_and_takes_the_value(environment: str, name: str, value: str) -> None:
    parameter: dict[str, Any] = stack.template()["Parameters"][name]

    assert value in map(str, parameter.get("AllowedValues", [value]))
    assert re.search(parameter.get("AllowedPattern", ""), value)
    if parameter["Type"] == "Number":
        assert parameter.get("MinValue", 0) <= int(value) <= parameter.get("MaxValue", int(value))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_environment_can_read_the_templates_loops(environment: str) -> None:
    assert CONFIG[environment]["global"]["parameters"]["language_extensions"] is True
    assert "CAPABILITY_AUTO_EXPAND" in CONFIG[environment]["deploy"]["parameters"]["capabilities"]


def test_what_only_the_emulator_needs_is_used_by_nothing_else() -> None:
    local_only = {"AllowPlainHttp", "AllowMetricMath", "TextractEndpointUrl", "BedrockRuntimeEndpointUrl"}
    assert not [
        (environment, name) for environment, name, _ in OVERRIDES if name in local_only and environment != "local"
    ]


def test_the_local_questions_queue_asks_for_the_demos_tenant() -> None:
    from devstack.demo import material

    values = {name: value for environment, name, value in OVERRIDES if environment == "local"}
    assert values["QuestionsQueueTenant"] == material.TENANT
    assert values["QuestionsQueueGroups"] == material.GROUP
