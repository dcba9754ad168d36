from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from docqa import ids
from docqa.errors import MalformedDocumentError, ThrottledError
from docqa.models.document import DocumentReference
from tests.unit.lifecycle.simulation import Script, VanishedError, World

MINUTE, HOUR = 60.0, 3600.0
# The state machine's ExtractText waits so long for a notification before it asks by itself.
NOTIFICATION_SECONDS = 1800.0


@dataclass(frozen=True)
class Fate:
    """What goes wrong with one document.

    Attributes:
        received: Its event arrives; else only the sweep of the bucket can find it.
        vanish: So many of its executions end without a word, as those do whose dispatcher died before it started them.
        notified: Text extraction tells when it has ended.
        error: What a step raises in the end, if anything.
        throttled: So many tries end because a quota was never free.
    """

    received: bool
    vanish: int
    notified: bool
    error: bool
    throttled: int


FATES = st.lists(
    st.builds(Fate, st.booleans(), st.integers(0, 3), st.booleans(), st.booleans(), st.integers(0, 5)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(FATES)
def test_every_upload_ends_whatever_is_lost_on_the_way(fates: list[Fate]) -> None:
    """Promise 20: lost events and notifications, dispatchers that died, executions that vanished: all have an end."""

    def script(reference: DocumentReference) -> Script:
        fate = fates[int(reference.key.partition("/")[2])]
        tries = world.life.registry.generations[reference.document_id, 1].tries
        yield 5.0
        if tries < fate.vanish:
            raise VanishedError
        if tries < fate.vanish + fate.throttled:
            yield HOUR  # of retries in place
            raise ThrottledError("too many jobs")
        yield 10.0 if fate.notified else NOTIFICATION_SECONDS
        if fate.error:
            raise MalformedDocumentError("The file is damaged.")

    world = World(2, script)
    start = world.now
    for number, fate in enumerate(fates):
        world.life.bucket.put(f"acme/{number}", b"text")
        if fate.received:
            world.life.receipt.receive(f"acme/{number}")
    world.every(MINUTE, world.dispatch)
    world.every(5 * MINUTE, world.life.deadline_sweep.run)
    world.every(5 * MINUTE, world.life.sweep_bucket)
    world.run(start + 30 * HOUR)

    documents = world.life.registry.documents
    assert len(documents) == len(fates), "the sweep found what no event told"
    for number, fate in enumerate(fates):
        document = documents[ids.document_id("documents", f"acme/{number}")]
        lost = fate.vanish >= 3 or fate.vanish + fate.throttled >= 5
        assert document.status == ("FAILED" if lost or fate.error else "INDEXED")
        assert document.status == "INDEXED" or document.failure is not None
    assert world.peak <= 2
    assert world.life.registry.slots() == frozenset()
    told = [type(event).__name__ for event in world.life.bus.published]
    assert told.count("DocumentFailed") == sum(one.status == "FAILED" for one in documents.values())
