"""What a person sees while services start: bars in a terminal, one line a finished step elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class Progress(Protocol):
    """Told from several threads what begins and what is finished."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def begin(self, title: str) -> None:
        """`title` is being worked on."""

    def finish(self, title: str, result: str, seconds: float) -> None:
        """`title` is done."""


class SilentProgress:
    """Says nothing: for tests and programs."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def begin(self, title: str) -> None:
        """`title` is being worked on."""

    def finish(self, title: str, result: str, seconds: float) -> None:
        """`title` is done."""


class ConsoleProgress(SilentProgress):
    """Bars that move in a terminal; without one, a line for each finished step."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(soft_wrap=True, highlight=False)
        self._tasks: dict[str, TaskID] = {}
        self._bars = Bars(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description:<14}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.fields[result]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, title: str) -> None:
        """Show a moving bar for `title`."""
        self._tasks[title] = self._bars.add_task(title, total=None, result="")

    def finish(self, title: str, result: str, seconds: float) -> None:
        """Fill its bar, or print its line."""
        self._bars.update(self._tasks[title], total=1, completed=1, result=result)
        if not self._console.is_terminal:
            self._console.print(f"{title}: {result} ({seconds:.1f} s)")
