"""What no count and no price list says: assumptions.json, each with its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("assumptions.json")


def assumptions() -> dict[str, Any]:
    """The file."""
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found


def seconds(name: str) -> float:
    """How long something takes that is not measured here: `start`, `alarm`, `idle`."""
    return float(assumptions()["seconds"][name]["value"])


def number(name: str) -> float:
    """Any other assumption."""
    return float(assumptions()[name]["value"])


def lines() -> list[str]:
    """As Markdown."""
    found = assumptions()
    named = {f"seconds of {name}": one for name, one in found["seconds"].items()}
    named |= {name.replace("_", " "): one for name, one in found.items() if isinstance(one, dict) and "value" in one}
    return [f"- {name}: {one['value']:,}. {one['why']}" for name, one in named.items()]
