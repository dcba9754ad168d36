"""The hosting stack worked out on paper, and how the tests of this folder ask it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from models import deployments
from tools.on_paper import Stack

Resource = dict[str, Any]
TASKS = ("Embedding", "Chat")
MODES = ("Realtime", "Serverless", "Asynchronous", "Transform")


def stack(parameters: Mapping[str, str]) -> Stack:
    """The stack with these parameters."""
    return Stack(deployments.template(), parameters)


@cache
def everything() -> dict[str, Resource]:
    """All that there can be, by logical id."""
    return stack(deployments.everything()).resources()


def of_type(resources: Mapping[str, Resource], kind: str) -> dict[str, Any]:
    """Properties by logical id of every resource of this type."""
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == kind}


def statements(parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the models' role may do."""
    role = stack(parameters).resources()["ExecutionRole"]["Properties"]
    return [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]


def listed(value: Any) -> list[Any]:
    """A policy element that may be one value or several, as a list."""
    return value if isinstance(value, list) else [value]
