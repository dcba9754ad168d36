"""What the demo is doing now, and how long each part took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Stages:
    """Names each part as it begins and keeps its seconds."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: dict[str, float] = {}
        self._began = time.monotonic()

    @contextmanager
    def stage(self, name: str, sentence: str) -> Iterator[None]:
        """One part of the demo; its seconds are kept also when it fails."""
        self.console.print(f"[bold]{sentence}[/bold]")
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = time.monotonic() - began

    def total(self) -> float:
        """Seconds since the demo began."""
        return time.monotonic() - self._began
