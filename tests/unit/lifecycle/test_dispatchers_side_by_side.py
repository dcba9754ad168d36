from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from docqa import ids
from docqa.errors import StaleVersionError
from tests.fakes.interleaving import Shared, interleave
from tests.fakes.lifecycle import Lifecycle
from tests.fakes.registry import InMemoryDocumentRegistry

CAPACITY = 3


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 8),
    st.lists(st.sampled_from(["dispatch", "end", "sweep", "vanish"]), min_size=2, max_size=5),
    st.lists(st.integers(0, 9), max_size=80),
)
def test_dispatchers_side_by_side_never_exceed_the_cap(documents: int, jobs: list[str], choices: list[int]) -> None:
    """Promises 13, 34: whoever takes over from whom at whatever moment, the cap holds and nothing runs twice."""
    registry = InMemoryDocumentRegistry()
    shared = Shared(registry)
    life = Lifecycle(capacity=CAPACITY, registry=cast("InMemoryDocumentRegistry", shared))
    for n in range(documents):
        life.drop(f"acme/{n}.pdf")

    def end() -> None:
        name = min(life.workflow.running(), default=None)
        if name is None:
            return
        reference = life.workflow.started[name]
        with suppress(StaleVersionError):
            shared.publish(reference, 1, 5.0)
        life.workflow.ended.add(name)
        life.dispatcher.ended(name)

    def vanish() -> None:
        life.workflow.ended.update(life.workflow.running())
        life.clock.time += 1_000

    kinds: dict[str, Callable[[], object]] = {
        "dispatch": life.dispatcher.dispatch,
        "end": end,
        "sweep": life.deadline_sweep.run,
        "vanish": vanish,
    }

    def check() -> None:
        assert len(registry.held) <= CAPACITY
        working = Counter(one.document_id for one in registry.generations.values() if one.status == "PROCESSING")
        assert all(registry.generations[ids.execution_parts(name) or ("", 0)] for name in registry.held)
        assert max(working.values(), default=0) <= 1

    for worker in interleave(shared, [kinds[job] for job in jobs], choices, check):
        assert worker.failure is None, worker.failure
    starts = Counter((one.document_id, one.attempt) for one in life.workflow.started.values())
    assert max(starts.values(), default=0) <= 1
    _finish(life)
    assert {one.status.value for one in registry.documents.values()} <= {"INDEXED", "FAILED"}
    assert registry.held == set()


def _finish(life: Lifecycle) -> None:
    """The sweeps and ticks go on until everything has ended."""
    for _ in range(40):
        life.clock.time += 4_000
        life.deadline_sweep.run()
        life.dispatcher.dispatch()
        for name in sorted(life.workflow.running()):
            life.registry.publish(life.workflow.started[name], 1, life.clock.now())
            life.workflow.ended.add(name)
            life.dispatcher.ended(name)
