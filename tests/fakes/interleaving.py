"""Threads of which one runs at a time, and others take over exactly where a test says: at calls to a shared fake."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any


class Worker:
    """A job that stops before every call to the shared thing, until it is let on."""

    def __init__(self, job: Callable[[], object]) -> None:
        self.done = False
        self.failure: Exception | None = None
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, args=(job,), daemon=True)
        self._thread.start()

    def step(self) -> None:
        """Let it on to its next stop, or to its end."""
        self._go.release()
        self._stopped.acquire()

    def pause(self) -> None:
        """Called by the job's own thread: wait to be let on."""
        self._stopped.release()
        self._go.acquire()

    def is_current(self) -> bool:
        return threading.current_thread() is self._thread

    def _run(self, job: Callable[[], object]) -> None:
        self._go.acquire()
        try:
            job()
        except Exception as failure:  # noqa: BLE001 - the test decides what it means
            self.failure = failure
        self.done = True
        self._stopped.release()


class Shared:
    """Wraps a fake so that a worker pauses before each call to it; calls from elsewhere go straight through."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.workers: list[Worker] = []

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not callable(value):
            return value

        def call(*args: Any, **named: Any) -> Any:
            for worker in self.workers:
                if worker.is_current():
                    worker.pause()
            return value(*args, **named)

        return call


def interleave(
    shared: Shared, jobs: Sequence[Callable[[], object]], choices: Sequence[int], check: Callable[[], None]
) -> list[Worker]:
    """Run the jobs side by side: each choice says which one goes on to its next call; then they run to their ends."""
    shared.workers = [Worker(job) for job in jobs]
    for choice in choices:
        waiting = [worker for worker in shared.workers if not worker.done]
        if not waiting:
            break
        waiting[choice % len(waiting)].step()
        check()
    for worker in shared.workers:
        while not worker.done:
            worker.step()
            check()
    return shared.workers
