"""The translated template, parsed once, and how the tests of this folder ask it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from tools import translate

Resource = dict[str, Any]


@cache
def template() -> dict[str, Any]:
    """The template as CloudFormation sees it, parameters at their defaults."""
    return translate.translated()


def of_type(kind: str) -> dict[str, Resource]:
    """Properties by logical id of every resource of this type."""
    return {name: r.get("Properties", {}) for name, r in template()["Resources"].items() if r["Type"] == kind}


def leaves(node: Any) -> Iterator[Any]:
    """Every value in a list or in both branches of Fn::If; AWS::NoValue is no value."""
    if isinstance(node, list):
        for item in node:
            yield from leaves(item)
    elif isinstance(node, dict) and set(node) == {"Fn::If"}:
        yield from leaves(node["Fn::If"][1:])
    elif node != {"Ref": "AWS::NoValue"}:
        yield node


def target(value: Any) -> str:
    """Logical id of the resource or parameter that a Ref or Fn::GetAtt names."""
    if "Ref" in value:
        return str(value["Ref"])
    attribute = value["Fn::GetAtt"]
    return str(attribute[0] if isinstance(attribute, list) else attribute.split(".", 1)[0])


def targets(node: Any) -> set[str]:
    """Logical ids of everything that is referenced anywhere below the node."""
    if isinstance(node, dict):
        own = {target(node)} if set(node) in ({"Ref"}, {"Fn::GetAtt"}) else set()
        return own.union(*(targets(value) for value in node.values()))
    return set().union(*(targets(item) for item in node)) if isinstance(node, list) else set()


def functions() -> dict[str, Resource]:
    """Every Lambda function of the template."""
    return of_type("AWS::Lambda::Function")


def mappings() -> dict[str, Resource]:
    """Every event source mapping of the stack's own queues; those of other queues have a condition."""
    resources = template()["Resources"]
    found = of_type("AWS::Lambda::EventSourceMapping")
    return {name: mapping for name, mapping in found.items() if "Condition" not in resources[name]}


def statements(role: Resource) -> Iterator[dict[str, Any]]:
    """Every statement of a role's own policies, whatever its condition."""
    for policy in leaves(role.get("Policies", [])):
        yield from leaves(policy["PolicyDocument"]["Statement"])


def listed(value: Any) -> list[Any]:
    """A policy element that may be one value or several, as a list."""
    return list(leaves(value if isinstance(value, list) else [value]))
