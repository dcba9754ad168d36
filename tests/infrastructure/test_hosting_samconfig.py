"""The environments of models/samconfig.toml can be deployed, with what they say is missing."""

from __future__ import annotations

import tomllib

import pytest

from models import deployments
from tests.infrastructure import hosting

CONFIG = tomllib.loads(deployments.TEMPLATE.with_name("samconfig.toml").read_text())
# What a set leaves to whoever deploys it: the comment above the set names it.
MISSING = {
    "serverless": {},
    "realtime": deployments.MODELS,
    "jobs": deployments.MODELS | deployments.SHARED,
    "multimodel": {"MultiModelData": deployments.MULTIMODEL["MultiModelData"]},
}


def overrides(environment: str) -> dict[str, str]:
    entries = CONFIG[environment]["deploy"]["parameters"].get("parameter_overrides", [])
    return dict(entry.split("=", 1) for entry in entries)


def test_the_sets_are_those_of_this_test() -> None:
    assert set(CONFIG) - {"version", "default"} == set(MISSING)
    assert overrides("default") == {}


@pytest.mark.parametrize("environment", MISSING)
def test_a_set_is_deployed_with_what_it_misses(environment: str) -> None:
    stack = hosting.stack(overrides(environment) | MISSING[environment])
    assert stack.refusals() == set()
    assert stack.resources()


@pytest.mark.parametrize("environment", [name for name in MISSING if MISSING[name]])
def test_a_set_says_what_it_misses(environment: str) -> None:
    assert hosting.stack(overrides(environment)).refusals()
    text = deployments.TEMPLATE.with_name("samconfig.toml").read_text()
    comment = text.split(f"[{environment}.global.parameters]")[0].rstrip().splitlines()[-1]
    assert all(name in comment for name in MISSING[environment])


@pytest.mark.parametrize("environment", ["default", *MISSING])
def test_the_role_may_be_made(environment: str) -> None:
    assert CONFIG[environment]["deploy"]["parameters"]["capabilities"] == ["CAPABILITY_IAM"]
