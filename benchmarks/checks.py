"""Targets of benchmarks: what is wanted, what was measured, and how a run that missed one ends."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from cli.output import WIDTH_WITHOUT_TERMINAL

# Not the code of a run that could not be made.
TARGET_MISSED = 3

Result = Mapping[str, Any]


@dataclass(frozen=True)
class Check:
    """One target and what was measured.

    Attributes:
        met: None: this run could not tell, because it was smaller than the target.
    """

    what: str
    wanted: str
    found: str
    met: bool | None

    @property
    def verdict(self) -> str:
        """In a word or two."""
        return {True: "met", False: "MISSED", None: "not measured"}[self.met]

    def __str__(self) -> str:
        return f"{self.what}: {self.found} (wanted: {self.wanted})"


def table(checks: Sequence[tuple[str, Check]]) -> list[str]:
    """As Markdown, each with the part that measured it."""
    rows = (f"| {part} | {one.what} | {one.wanted} | {one.found} | {one.verdict} |" for part, one in checks)
    return ["| part | target | wanted | measured | |", "|---|---|---|---|---|", *rows]


def wide_console() -> Console:
    """A console whose lines are not cut where there is no terminal."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    return console


def exit_code(checks: Sequence[tuple[str, Check]]) -> int:
    """0, or TARGET_MISSED with a sentence on stderr for each of these (part, target) that was missed."""
    missed = [(part, check) for part, check in checks if check.met is False]
    for part, check in missed:
        print(f"missed: {part}: {check}", file=sys.stderr)
    return TARGET_MISSED if missed else 0
