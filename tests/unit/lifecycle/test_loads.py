"""Bursts, quotas and poison over hours of simulated time."""

from __future__ import annotations

from collections import Counter

import pytest

from docqa.errors import MalformedDocumentError, ParsingLimitError, ServiceUnavailableError
from docqa.models.document import DocumentReference
from tests.unit.lifecycle.simulation import Script, StepError, Textract, World

HOUR = 3600.0


def statuses(world: World) -> Counter[str]:
    return Counter(document.status.value for document in world.life.registry.documents.values())


def burst(world: World, documents: int, tenant: str = "acme", name: str = "d") -> None:
    for n in range(documents):
        world.life.drop(f"{tenant}/{name}{n:05d}.pdf")
    world.dispatch()


@pytest.mark.parametrize(
    ("capacity", "job_seconds", "faults"), [(20, 2.0, 0.05), (500, 2.0, 0.05), (500, 60.0, 0.05), (500, 0.1, 0.3)]
)
def test_a_burst_against_textract_s_quotas_loses_and_fails_nothing(
    capacity: int, job_seconds: float, faults: float
) -> None:
    """Promise 34a: 500 documents at once against 10 starts a second and 25 jobs, with the shipped retries."""

    def scan(_: DocumentReference) -> Script:
        yield 1.0
        yield from world.retried("ExtractText", textract.start)
        yield 3.0

    world = World(capacity, scan)
    textract = Textract(world, job_seconds, fault_share=faults)
    burst(world, 500)
    world.every(60.0, world.dispatch)
    start = world.now
    world.run(start + 3 * HOUR)
    assert statuses(world) == {"INDEXED": 500}
    assert (textract.started, textract.peak <= 25, world.peak <= capacity) == (500, True, True)
    attempts = Counter(reference.attempt for _, reference in world.executions.starts)
    assert attempts == {1: 500}, "nothing had to be tried again as a whole"
    assert max(world.finished.values()) - start < HOUR


def test_within_the_cap_there_is_nothing_to_be_throttled_for() -> None:
    """Promise 34a: places are fewer than jobs that Textract takes at once, so that only the rate of starts is left."""

    def scan(_: DocumentReference) -> Script:
        yield from world.retried("ExtractText", textract.start)

    world = World(20, scan)
    textract = Textract(world, job_seconds=30.0)
    burst(world, 500)
    world.run(world.now + 2 * HOUR)
    assert statuses(world) == {"INDEXED": 500}
    assert textract.peak == 18, "two of the twenty places are kept for other tenants"
    assert textract.refused < 100


def makespan(poison: dict[str, str]) -> float:
    """Seconds until the last sound one of 400 documents is indexed, when some are poison of a kind, by name."""

    def script(reference: DocumentReference) -> Script:
        kind = poison.get(reference.key)
        yield 2.0
        if kind == "damaged":
            raise MalformedDocumentError("The file is damaged.")
        if kind == "endless":
            yield 240.0
            raise ParsingLimitError("Reading the file took longer than a file may.")
        if kind == "kills its function":
            yield from world.retried("PrepareExtraction", _killed)
        if kind == "breaks a service":
            yield from world.retried("InspectDocument", _away)
        yield 18.0

    world = World(20, script)
    burst(world, 400)
    world.every(60.0, world.dispatch)
    start = world.now
    world.run(start + 24 * HOUR)
    failed = {one.key for one in world.life.registry.documents.values() if one.status == "FAILED"}
    assert failed == poison.keys()
    assert statuses(world)["INDEXED"] == 400 - len(poison)
    assert max(reference.attempt for _, reference in world.executions.starts) <= 3
    return max(end for key, end in world.finished.items() if key not in poison) - start


@pytest.fixture(scope="module")
def undisturbed() -> float:
    return makespan({})


@pytest.mark.parametrize("kind", ["damaged", "endless", "kills its function", "breaks a service"])
def test_a_poison_document_is_set_aside_and_slows_nobody(kind: str, undisturbed: float) -> None:
    """Promise 21: at most 3 tries, and the others are at most 10 % slower."""
    assert makespan({"acme/d00037.pdf": kind}) <= 1.10 * undisturbed


def _killed() -> float:
    raise StepError("Sandbox.Timedout", seconds=300.0)


def _away() -> float:
    raise ServiceUnavailableError("the service fails on this document, whenever it is asked")


def test_after_an_outage_new_documents_do_not_wait_behind_the_retries() -> None:
    """Promises 20, 21: what the outage broke is completed, in a tenth of the places while others wait."""

    def script(reference: DocumentReference) -> Script:
        yield 20.0
        if "old" in reference.key and reference.attempt == 1:
            _away()  # an hour of retries in place was not enough

    world = World(20, script)
    burst(world, 60, name="old")
    world.every(60.0, world.dispatch)
    world.run(world.now + 65.0)
    burst(world, 400, name="new")
    generations = world.life.registry.generations
    shares = []
    while sum(one.status == "RECEIVED" and not one.tries for one in generations.values()) > 20:
        world.run(world.now + 5.0)
        holders = [generations[name.rsplit("-", 2)[0], 1] for name in world.life.registry.slots()]
        shares.append(sum(one.tries > 0 for one in holders))
    assert max(shares) == 2
    assert max(end for key, end in world.finished.items() if "new" in key) > world.now - 20.0
    world.run(world.now + HOUR)
    assert statuses(world) == {"INDEXED": 460}


def test_a_tenant_with_one_document_does_not_wait_behind_thousands() -> None:
    """Promise 34: the first place is had at once, each next free one is the other tenant's, and the cap holds."""

    def script(_: DocumentReference) -> Script:
        yield 20.0

    world = World(20, script)
    burst(world, 1000, tenant="many")
    world.run(world.now + 60.0)
    waits_since = world.now
    burst(world, 3, tenant="few")
    world.run(world.now + 60.0)
    few = [moment for moment, one in world.executions.starts if one.tenant == "few"]
    assert len(few) == 3
    assert min(few) == waits_since
    assert max(few) - waits_since <= 20.1, "as long as the shortest execution takes to end"
    assert world.peak <= 20


def test_a_tenant_whose_documents_run_for_hours_does_not_hold_every_place() -> None:
    """Promise 34: places are shared by what runs, too: who has nothing running does not wait for the end of others."""

    def script(reference: DocumentReference) -> Script:
        yield 5 * HOUR if reference.tenant == "large" else 20.0

    world = World(20, script)
    burst(world, 100, tenant="large")
    world.run(world.now + HOUR)
    came = world.now
    for tenant in ("first", "second"):
        burst(world, 3, tenant=tenant)
    world.run(world.now + HOUR)

    starts = [(tenant, moment - came) for moment, one in world.executions.starts if (tenant := one.tenant) != "large"]
    assert min(starts) == ("first", 0.0)
    assert ("second", 0.0) in starts
    assert len(starts) == 6
    assert max(moment for _, moment in starts) <= 41.0, "one after the other, in the place that each of them has"
    assert sum(one.status == "PROCESSING" for one in world.life.registry.documents.values()) == 18
