"""A bar on a terminal, a line whenever something changed elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cli.batches import progress_line
from cli.output import messages
from docqa.models.batch_api import BatchView


@contextmanager
def shown_progress() -> Iterator[Callable[[BatchView], None]]:
    """What is to be called with each look at the batch."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = messages()
    if not console.is_terminal:
        yield _lines()
        return
    columns = (BarColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def look(batch: BatchView) -> None:
            counts = batch.counts
            # Looking for passages is half of the way: each question is gone through twice.
            through = counts.searched + counts.answered + counts.abstained + counts.failed
            bar.update(task, total=2 * counts.questions or None, completed=through, description=progress_line(batch))

        yield look


def _lines() -> Callable[[BatchView], None]:
    last = ""

    def look(batch: BatchView) -> None:
        nonlocal last
        now = progress_line(batch)
        if now != last:
            last = now
            messages().print(now)

    return look
