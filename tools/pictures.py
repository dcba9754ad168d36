"""docs/state-machines.md: each state machine as a picture that GitHub draws. Part of `make docs`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

INTRODUCTION = """# State machines

Drawn from statemachines/*.asl.json: `make docs`. Dotted arrows are taken when a state fails."""


def pages() -> dict[str, str]:
    """The one page."""
    files = sorted((ROOT / "statemachines").glob("*.asl.json"))
    parts = [INTRODUCTION, *(_section(file) for file in files)]
    return {"docs/state-machines.md": "\n\n".join(parts)}


def _section(file: Path) -> str:
    machine = json.loads(file.read_text())
    lines = ["```mermaid", "flowchart TD", *(f"  {line}" for line in _lines(machine, "")), "```"]
    return "\n".join([f"## {file.name.removesuffix('.asl.json')}", "", str(machine.get("Comment", "")), "", *lines])


def _lines(machine: dict[str, Any], prefix: str) -> Iterator[str]:
    """The states of one machine, or of the machine inside a Map."""
    yield f"{prefix}Start(( )) --> {_identifier(prefix + machine['StartAt'])}"
    for name, state in machine["States"].items():
        identifier = _identifier(prefix + name)
        inner = state.get("ItemProcessor") or state.get("Iterator")
        if inner:
            yield f'subgraph {identifier} ["{name}, for each"]'
            yield from (f"  {line}" for line in _lines(inner, identifier))
            yield "end"
        else:
            yield _shape(identifier, name, state["Type"])
        for target in _targets(state):
            yield f"{identifier} --> {_identifier(prefix + target)}"
        for target in dict.fromkeys(catch["Next"] for catch in state.get("Catch", [])):
            yield f"{identifier} -.-> {_identifier(prefix + target)}"


def _identifier(name: str) -> str:
    return re.sub(r"\W", "", name)


def _shape(identifier: str, name: str, kind: str) -> str:
    opening, closing = {"Choice": ("{", "}"), "Succeed": ("([", "])"), "Fail": ("([", "])")}.get(kind, ("[", "]"))
    return f'{identifier}{opening}"{name}"{closing}'


def _targets(state: dict[str, Any]) -> Iterator[str]:
    for choice in state.get("Choices", []):
        yield choice["Next"]
    for key in ("Default", "Next"):
        if key in state:
            yield state[key]
