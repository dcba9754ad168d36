"""The functions of the repository, as the tests of this folder ask for them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from tools import translate

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ROOT / "functions"


def names() -> list[str]:
    """Every folder that holds a Lambda."""
    return sorted(path.parent.name for path in FUNCTIONS.glob("*/app.py"))


@cache
def source() -> dict[str, Any]:
    """template.yaml as it is written, its loops written out; read once, because that takes half a second."""
    return translate.source()


def in_template() -> dict[str, dict[str, Any]]:
    """Folder name to the properties of its function in template.yaml, the Globals' environment included."""
    template = source()
    shared = template.get("Globals", {}).get("Function", {}).get("Environment", {}).get("Variables", {})
    found = {}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            own = properties.get("Environment", {}).get("Variables", {})
            name = Path(properties["CodeUri"]).name
            found[name] = {**properties, "Environment": {"Variables": {**shared, **own}}}
    return found


def layers(name: str) -> list[dict[str, str]]:
    """A function's layers, those that every function has first, as SAM puts them together."""
    shared: list[dict[str, str]] = source()["Globals"]["Function"]["Layers"]
    return [*shared, *in_template()[name].get("Layers", [])]


def environment(name: str) -> dict[str, str]:
    """A function's environment as the template gives it in AWS; parameters at their defaults, the rest made up."""
    template = source()
    variables = in_template()[name]["Environment"]["Variables"]
    # Endpoints are only replaced on one machine: in AWS these variables are not there.
    given = {key: value for key, value in variables.items() if not key.startswith("AWS_ENDPOINT_URL")}
    return {key: _resolved(key, value, template) for key, value in given.items()}


def _resolved(key: str, value: object, template: dict[str, Any]) -> str:
    if isinstance(value, dict) and "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return str(separator).join(_resolved(key, part, template) for part in parts)
    if (
        isinstance(value, dict) and "Fn::If" in value
    ):  # what is set up only on request is not, where that is written out
        written = [branch for branch in value["Fn::If"][1:] if isinstance(branch, str)]
        return written[-1] if written else _made_up(key)
    if isinstance(value, dict) and "Fn::FindInMap" in value:
        mapping, *keys = value["Fn::FindInMap"]
        return str(template["Mappings"][mapping][keys[0]][keys[1]])
    if isinstance(value, dict):
        default = template.get("Parameters", {}).get(str(value.get("Ref")), {}).get("Default")
        return str(default) if default is not None else _made_up(key)
    return str(value) if not isinstance(value, bool) else json.dumps(value)


def _made_up(key: str) -> str:
    return f"made-up-{key.lower().replace('_', '-')}"
