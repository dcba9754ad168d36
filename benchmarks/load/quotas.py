"""AWS's default quotas, from one dated file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("quotas.json")


@dataclass(frozen=True)
class Quota:
    """One of them.

    Attributes:
        a_second: How much of it there is in a second; for concurrency, how many seconds of work a second holds.
    """

    title: str
    a_second: float
    adjustable: bool
    source: str


def date() -> str:
    """Of the file."""
    return str(_file()["date"])


def quotas() -> dict[str, Quota]:
    """By name."""
    return {
        name: Quota(one["title"], one["value"] / one["seconds"], one["adjustable"], one["source"])
        for name, one in _file()["quotas"].items()
    }


def lines() -> list[str]:
    """As Markdown."""
    found = _file()
    rows = [
        f"| {one['title']} | {one['value']:,} | {'yes' if one['adjustable'] else 'no'} | {one['source']} |"
        for one in found["quotas"].values()
    ]
    return [
        f"{found['account']} {found['region']}, {found['date']}.",
        "",
        "| quota | default | adjustable | source |",
        "|---|---|---|---|",
        *rows,
    ]


def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found
