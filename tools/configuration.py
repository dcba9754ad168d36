"""docs/configuration.md: every parameter of the template and every setting of a function. Part of `make docs`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from docqa.config import Settings
from tools import translate

ROOT = Path(__file__).resolve().parents[1]

INTRODUCTION = """# Configuration

Everything that can be set is a parameter of the template. `samconfig.toml` holds sets of them: `default`, `dev`,
`prod`, `local`. `sam deploy --guided` asks for them; a function reads its part from its environment, once, at its
start, and names every variable that is missing or wrong. This page is generated: `make docs`."""


def pages() -> dict[str, str]:
    """The one page."""
    template = translate.source()
    parts = [INTRODUCTION, "## Parameters of the template", *parameter_groups(template)]
    parts += ["## Settings of the functions", _SETTINGS_NOTE, *_functions(template)]
    return {"docs/configuration.md": "\n\n".join(parts)}


_SETTINGS_NOTE = """Set by the template; listed to be looked up. What they come from is one of its parameters or
resources. Every function also has `POWERTOOLS_SERVICE_NAME` and `POWERTOOLS_LOG_LEVEL`, and where a parameter replaces
a service's endpoint, `AWS_ENDPOINT_URL_<SERVICE>`."""


def parameter_groups(template: dict[str, Any]) -> Iterator[str]:
    """A heading and a table for each group of the template's parameters."""
    parameters = template["Parameters"]
    interface = template["Metadata"]["AWS::CloudFormation::Interface"]
    for group in interface["ParameterGroups"]:
        rows = [_parameter_row(name, parameters[name]) for name in group["Parameters"]]
        heading = f"### {group['Label']['default']}"
        yield "\n".join([heading, "", "| parameter | default | what it is |", "|---|---|---|", *rows])


def _parameter_row(name: str, parameter: dict[str, Any]) -> str:
    notes = [str(parameter.get("Description", "")).strip()]
    if allowed := parameter.get("AllowedValues"):
        notes.append("One of " + ", ".join(f"`{value}`" for value in allowed) + ".")
    elif "MinValue" in parameter:
        limit = f"{parameter['MinValue']:,}"
        notes.append(f"{limit} to {parameter['MaxValue']:,}." if "MaxValue" in parameter else f"At least {limit}.")
    default = str(parameter.get("Default", ""))
    return f"| `{name}` | {f'`{default}`' if default else ''} | {_cell(' '.join(notes))} |"


def _functions(template: dict[str, Any]) -> Iterator[str]:
    for logical_id, resource in sorted(template["Resources"].items()):
        if isinstance(resource, dict) and resource.get("Type") == "AWS::Serverless::Function":
            properties = resource["Properties"]
            variables = properties.get("Environment", {}).get("Variables", {})
            app = ROOT / properties["CodeUri"] / "app.py"
            if app.exists():
                yield _function_table(Path(properties["CodeUri"]).name, logical_id, app, variables)


def _function_table(name: str, logical_id: str, app: Path, variables: dict[str, Any]) -> str:
    rows = []
    for field, kind, default in settings_of(app):
        source = _cell(_source(variables.get(field.upper())))
        rows.append(f"| `{field.upper()}` | {_cell(kind)} | {f'`{default}`' if default else ''} | {source} |")
    heading = [f"### {name}", "", f"`{logical_id}`"]
    table = ["", "| variable | type | default | comes from |", "|---|---|---|---|", *rows] if rows else []
    return "\n".join(heading + table)


def settings_of(app: Path) -> list[tuple[str, str, str]]:
    """Name, type and default of each setting in an app.py, which is not run: that takes an environment."""
    module = ast.parse(app.read_text())
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in module.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    own = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    loaded = {
        node.args[0].id
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "load_settings"
        and isinstance(node.args[0], ast.Name)
    }
    fields: dict[str, tuple[str, str, str]] = {}
    for name in sorted(loaded):
        fields |= _fields(name, own, imported)
    return list(fields.values())


def _fields(
    name: str, own: dict[str, ast.ClassDef], imported: dict[str, tuple[str, str]]
) -> dict[str, tuple[str, str, str]]:
    if name not in own:
        module, attribute = imported[name]
        return _model_fields(getattr(import_module(module), attribute))
    fields: dict[str, tuple[str, str, str]] = {}
    for base in own[name].bases:
        if isinstance(base, ast.Name):
            fields |= _fields(base.id, own, imported)
        elif isinstance(base, ast.Attribute) and isinstance(base.value, ast.Name):
            package, module = imported[base.value.id]
            fields |= _model_fields(getattr(import_module(f"{package}.{module}"), base.attr))
    for node in own[name].body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            default = ast.unparse(node.value).strip("'\"") if node.value else ""
            fields[node.target.id] = (node.target.id, ast.unparse(node.annotation), default)
    return fields


def _model_fields(model: type[Settings]) -> dict[str, tuple[str, str, str]]:
    found = {}
    for name, field in model.model_fields.items():
        written = field.annotation
        kind = written.__name__ if isinstance(written, type) else str(written).replace("typing.", "")
        found[name] = (name, kind, "" if field.is_required() else str(field.default))
    return found


def _source(value: Any) -> str:
    """Where a variable of the template comes from, in a few words."""
    if not isinstance(value, dict):
        return "" if value is None else f"`{value}`"
    kind, content = next(iter(value.items()))
    if kind in {"Fn::If", "Fn::Join"}:
        parts = content[1:] if kind == "Fn::If" else content[1]
        return (" or " if kind == "Fn::If" else " and ").join(filter(None, (_source(part) for part in parts)))
    if content == "AWS::NoValue":
        return ""
    names = content if isinstance(content, list) else [content]
    return f"`{names[0] if kind == 'Fn::Sub' else '.'.join(str(name) for name in names)}`"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
