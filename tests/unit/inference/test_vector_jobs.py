from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from docqa.domain.routing import Boundaries, Offer
from docqa.errors import StaleVersionError, ThrottledError
from docqa.models.document import DocumentReference
from docqa.models.inference import JobGroup, JobKind, JobLimits, JobReport, JobState, JobStatus, Route
from docqa.models.work import Chunking, ChunkWork, PublicationWork
from docqa.services.inference.job_model import JobModel
from docqa.services.inference.jobs import InferenceJobService
from docqa.services.inference.vector_contents import VectorContents
from docqa.services.inference.vector_requests import RequestVectors
from docqa.services.ingestion.embedding_route import EmbeddingRouter
from tests.fakes.inference import ScriptedInferenceJobs
from tests.fakes.inference_jobs import InMemoryInferenceRegistry
from tests.fakes.messages import RecordingQueue
from tests.unit.ingestion.pipeline import DIMENSIONS, MODEL, Pipeline

GATHER = 300.0
EMBEDS = JobModel(MODEL, DIMENSIONS)
LIMITS = JobLimits(1, 1_000, 3_600.0)
BOUNDARIES = Boundaries(realtime_records=3, batch_records=8, batch_waiting=50)


def text_of(paragraphs: int, word: str = "pump") -> bytes:
    return "\n\n".join(f"Paragraph {n} says what {word} number {n} does. " * 8 for n in range(paragraphs)).encode()


@dataclass
class Plant:
    """The pipeline with two routes beside real time, and somebody who looks after jobs."""

    asynchronous: ScriptedInferenceJobs | None = None
    batch: ScriptedInferenceJobs | None = None
    pipeline: Pipeline = field(default_factory=Pipeline)

    def __post_init__(self) -> None:
        pipe = self.pipeline
        embed = pipe.embeddings.embed_query
        self.asynchronous = self.asynchronous or ScriptedInferenceJobs(embed, Route.ASYNCHRONOUS, LIMITS, parts=2)
        self.batch = self.batch or ScriptedInferenceJobs(embed, Route.BATCH, LIMITS)
        for service in (self.asynchronous, self.batch):
            service.answer = lambda text: tuple(embed(text))
        services = {Route.ASYNCHRONOUS: self.asynchronous, Route.BATCH: self.batch}
        self.jobs, self.queue, self.dispatch = InMemoryInferenceRegistry(), RecordingQueue(), RecordingQueue()
        offers = [
            Offer(route, service.limits, float(route is Route.ASYNCHRONOUS)) for route, service in services.items()
        ]
        router = EmbeddingRouter(pipe.registry, EMBEDS, offers, BOUNDARIES, 86_400.0, pipe.clock)
        pipe.chunk = type(pipe.chunk)(pipe.work, pipe.registry, pipe.chunk.splitter, router, pipe.clock)
        limits = {route: service.limits for route, service in services.items()}
        self.request = RequestVectors(pipe.registry, self.jobs, EMBEDS, limits, GATHER, self.queue, pipe.clock)
        contents = VectorContents(pipe.registry, pipe.work, self.dispatch, pipe.clock)
        self.service = InferenceJobService(
            self.jobs,
            pipe.work,
            lambda group: services.get(group.route),
            {JobKind.VECTORS: contents},
            GATHER,
            pipe.clock,
        )

    def chunk(self, key: str, paragraphs: int, word: str = "pump") -> tuple[DocumentReference, Chunking]:
        """Take a document as far as its passages."""
        reference = self.pipeline.drop(key, text_of(paragraphs, word))
        self.pipeline.through_pages(reference)
        return reference, self.pipeline.chunk.run(reference)

    def park(self, key: str, paragraphs: int, word: str = "pump") -> DocumentReference:
        """Take a document into the job that its route says."""
        reference, chunking = self.chunk(key, paragraphs, word)
        self.request.run(reference, chunking)
        self.pipeline.ended(reference)
        return reference

    def go_on(self, reference: DocumentReference) -> None:
        """The execution that is started once the version has its turn again."""
        pipe = self.pipeline
        waiting = pipe.generation(reference)
        assert waiting.is_parked
        assert waiting.due <= pipe.clock.now()
        again = pipe.registry.claim_slot(waiting, 100, pipe.clock.now() + 3600, pipe.clock.now())
        assert again is not None
        chunking = pipe.chunk.go_on(again)
        for span in chunking.spans:
            pipe.embed.run(ChunkWork(reference=again, span=span))
            pipe.indexing.run(ChunkWork(reference=again, span=span))
        pipe.publication.run(PublicationWork(reference=again, revision=chunking.revision))
        pipe.ended(again)

    def vectors(self, reference: DocumentReference) -> dict[int, tuple[float, ...]]:
        """What the index holds of a document, by ordinal."""
        self.pipeline.index.refresh()
        found = self.pipeline.index.searchable.values()
        return {one.chunk.ordinal: tuple(one.vector) for one in found if one.document_id == reference.document_id}

    @property
    def only_job(self) -> str:
        (job_id,) = self.jobs.live()
        return job_id


def answers_with_another_model(plant: Plant) -> None:
    """The next model's index took over, and no deployment has named that model yet."""
    registry = plant.pipeline.registry
    configuration = registry.index_configuration()
    assert configuration is not None
    registry.set_index_configuration(replace(configuration, embedding_model="the next model"))


def test_no_job_makes_vectors_for_an_index_of_another_model() -> None:
    """Promise 28: vectors of two models look alike and mean nothing to each other."""
    plant = Plant()
    answers_with_another_model(plant)

    _, chunking = plant.chunk("acme/a.txt", 30)

    assert chunking.route is Route.REALTIME
    assert plant.jobs.live() == frozenset()


def test_a_document_joins_no_job_when_another_models_index_took_over_meanwhile() -> None:
    """Promise 28: it has its turn again at once, and goes on in real time."""
    plant = Plant()
    reference, chunking = plant.chunk("acme/a.txt", 30)
    assert chunking.route is Route.BATCH
    answers_with_another_model(plant)

    plant.request.run(reference, chunking)

    assert plant.jobs.live() == frozenset()
    waiting = plant.pipeline.generation(reference)
    assert waiting.is_parked
    assert waiting.due <= plant.pipeline.clock.now()


@pytest.mark.parametrize(("paragraphs", "route"), [(2, "realtime"), (6, "asynchronous"), (30, "batch")])
def test_small_middle_and_large_documents_go_three_ways_and_have_the_same_vectors(paragraphs: int, route: str) -> None:
    """Promise 31: the same vectors on every route."""
    plain = Pipeline()
    expected = plain.drop("acme/a.txt", text_of(paragraphs))
    plain.run(expected)
    plain.index.refresh()
    vectors = {one.chunk.ordinal: tuple(one.vector) for one in plain.index.searchable.values()}
    plant = Plant()

    if route == "realtime":
        reference = plant.pipeline.drop("acme/a.txt", text_of(paragraphs))
        plant.pipeline.run(reference)
    else:
        reference = plant.park("acme/a.txt", paragraphs)
        plant.pipeline.clock.time += GATHER
        plant.service.sweep()  # starts
        plant.service.sweep()  # hands out
        plant.go_on(reference)

    found = plant.vectors(reference)
    assert found.keys() == vectors.keys()
    assert all(found[place] == pytest.approx(vectors[place], abs=1e-6) for place in vectors)
    assert plant.pipeline.generation(reference).route == route
    assert plant.pipeline.generation(reference).route_reason
    assert bool(plant.pipeline.embeddings.embedded) is (route == "realtime"), "nothing is embedded twice"


def test_a_waiting_version_holds_no_place_and_is_not_failed_for_waiting() -> None:
    plant = Plant()
    reference = plant.park("acme/a.txt", 6)

    assert plant.pipeline.registry.slots() == frozenset()
    plant.pipeline.clock.time += 3_000.0
    assert plant.pipeline.registry.overdue(plant.pipeline.clock.now(), 10) == []
    assert plant.pipeline.registry.waiting(plant.pipeline.clock.now(), 10)[0] == []
    assert plant.pipeline.generation(reference).is_parked


def test_documents_gather_in_one_job_of_their_tenant() -> None:
    plant = Plant()
    for key in ("acme/a.txt", "acme/b.txt", "other/c.txt"):
        plant.park(key, 12, word=key)

    plant.service.sweep()
    assert plant.batch is not None
    assert plant.batch.asked == [], "it waits for others to join"
    plant.pipeline.clock.time += GATHER
    plant.service.sweep()

    owners = [{record.partition(":")[0] for record in asked} for asked in plant.batch.asked]
    assert sorted(map(len, owners)) == [1, 2], "nothing is shared across tenants"


def test_equal_documents_of_a_tenant_are_embedded_once() -> None:
    plant = Plant()
    first, second = plant.park("acme/one/a.txt", 12), plant.park("acme/two/a.txt", 12)
    plant.pipeline.clock.time += GATHER
    plant.service.sweep()
    plant.service.sweep()
    plant.go_on(first)
    plant.go_on(second)

    assert plant.batch is not None
    assert len(plant.batch.asked[0]) == len(plant.vectors(first)) == len(plant.vectors(second))
    assert plant.pipeline.embeddings.embedded == []


@pytest.mark.parametrize("route", [Route.ASYNCHRONOUS, Route.BATCH])
def test_only_what_is_missing_is_embedded_again(route: Route) -> None:
    """Promises 32, 33: results shuffled, some lost, some with an error."""
    scripted = ScriptedInferenceJobs(
        lambda text: text, route, LIMITS, lost=frozenset({1}), spoilt=frozenset({3}), shuffled=True
    )
    plant = Plant(asynchronous=scripted) if route is Route.ASYNCHRONOUS else Plant(batch=scripted)
    paragraphs = 6 if route is Route.ASYNCHRONOUS else 12
    reference = plant.park("acme/a.txt", paragraphs)
    plant.pipeline.clock.time += GATHER
    plant.service.sweep()
    plant.service.sweep()
    plant.go_on(reference)

    passages = len(plant.vectors(reference))
    assert passages == plant.pipeline.generation(reference).chunks
    assert len(plant.pipeline.embeddings.embedded) == 2
    usage = plant.pipeline.generation(reference).usage
    assert usage["embedded_texts"] == passages
    assert usage["embedded_tokens"] == 3 * (passages - 2)


def test_vectors_that_the_index_could_not_hold_are_embedded_again() -> None:
    """Promise 29: refused before the index."""
    plant = Plant()
    assert plant.asynchronous is not None
    bad = iter([(1.0,), tuple([0.0] * 16), tuple([float("nan")] * 16)])
    good = plant.asynchronous.answer
    plant.asynchronous.answer = lambda text: next(bad, None) or good(text)
    reference = plant.park("acme/a.txt", 6)
    plant.service.sweep()
    delivered = plant.service.sweep()
    plant.go_on(reference)

    assert delivered["refused"] == 3
    assert len(plant.pipeline.embeddings.embedded) == 3
    assert len(plant.vectors(reference)) == plant.pipeline.generation(reference).chunks


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.EXPIRED])
def test_a_job_that_brings_nothing_costs_no_document(state: JobState) -> None:
    """Promises 32, 33: failed and expired."""
    plant = Plant()
    reference = plant.park("acme/a.txt", 6)
    plant.service.sweep()
    assert plant.asynchronous is not None
    plant.asynchronous.reports[plant.only_job] = JobReport(state, "so it went")
    plant.asynchronous.lost = frozenset(range(100))
    plant.service.sweep()
    plant.go_on(reference)

    assert len(plant.pipeline.embeddings.embedded) == plant.pipeline.generation(reference).chunks


def test_notifications_twice_out_of_order_and_of_strangers_have_one_outcome() -> None:
    """Promise 32: one outcome, however often it is told."""
    plant = Plant()
    reference = plant.park("acme/a.txt", 6)
    plant.service.sweep()
    job_id = plant.only_job
    assert plant.service.part_ended("stranger", "stranger.0") == {}
    assert plant.service.part_ended(job_id, f"{job_id}.1") == {}
    assert plant.service.part_ended(job_id, f"{job_id}.1") == {}
    delivered = plant.service.part_ended(job_id, f"{job_id}.0")
    assert delivered["delivered"] == plant.pipeline.generation(reference).chunks
    assert plant.service.part_ended(job_id, f"{job_id}.0") == {}
    assert plant.dispatch.sent == [{}]
    plant.go_on(reference)
    assert plant.pipeline.embeddings.embedded == []


def test_a_job_of_which_nobody_ever_hears_is_found_by_the_sweep_and_else_by_the_clock() -> None:
    """Promise 32: no notification."""
    plant = Plant()
    reference = plant.park("acme/a.txt", 6)
    plant.service.sweep()
    assert plant.asynchronous is not None
    plant.asynchronous.reports[plant.only_job] = JobReport(JobState.RUNNING)
    plant.service.sweep()
    assert plant.pipeline.generation(reference).due > plant.pipeline.clock.now()

    plant.pipeline.clock.time += LIMITS.longest_seconds + 1
    plant.service.sweep()

    assert plant.asynchronous.stopped
    plant.go_on(reference)
    assert len(plant.vectors(reference)) == plant.pipeline.generation(reference).chunks


def test_without_anybody_to_look_after_jobs_documents_go_on_in_real_time_when_their_wait_is_over() -> None:
    """Promise 20: every upload reaches an end."""
    plant = Plant()
    reference = plant.park("acme/a.txt", 6)
    plant.pipeline.clock.time += LIMITS.longest_seconds
    plant.go_on(reference)
    assert len(plant.pipeline.embeddings.embedded) == plant.pipeline.generation(reference).chunks


def test_a_batch_that_is_too_small_for_its_service_goes_on_in_real_time() -> None:
    plant = Plant(batch=ScriptedInferenceJobs(lambda text: text, Route.BATCH, JobLimits(1, 1_000, 3_600.0)))
    reference = plant.park("acme/a.txt", 30)
    assert plant.batch is not None
    plant.batch.limits = JobLimits(10_000, 20_000, 3_600.0)
    plant.pipeline.clock.time += GATHER
    plant.service.sweep()
    plant.go_on(reference)
    assert len(plant.pipeline.embeddings.embedded) == plant.pipeline.generation(reference).chunks


def test_a_throttled_start_is_tried_again_with_the_next_look() -> None:
    plant = Plant()
    reference = plant.park("acme/a.txt", 6)
    assert plant.asynchronous is not None
    plant.asynchronous.throttled = 2
    with pytest.raises(ThrottledError):
        plant.service.advance(plant.only_job)
    assert plant.service.sweep() == {"jobs": 1, "throttled": 1}
    assert plant.service.sweep()["started"] == plant.pipeline.generation(reference).chunks
    assert len(plant.asynchronous.asked) == 1


def test_two_that_look_after_a_job_at_once_start_it_once() -> None:
    plant = Plant()
    plant.park("acme/a.txt", 6)
    now = plant.pipeline.clock.now()
    assert plant.jobs.hold(plant.only_job, now, now + 60.0)
    assert plant.service.advance(plant.only_job) == {}
    assert plant.asynchronous is not None
    assert plant.asynchronous.asked == []


def test_a_version_that_was_replaced_while_it_waited_takes_nothing_and_costs_nothing_more() -> None:
    """Promise 16: late results are dropped."""
    plant = Plant()
    first = plant.park("acme/a.txt", 6)
    second = plant.pipeline.drop("acme/a.txt", text_of(2, "valve"))
    plant.service.sweep()

    assert plant.asynchronous is not None
    assert plant.asynchronous.asked == [], "nobody needs them any more"
    assert second.generation == 2
    with pytest.raises(StaleVersionError):
        plant.request.run(first, Chunking(chunks=6, spans=[], revision=1, route=Route.ASYNCHRONOUS))


def test_nothing_of_a_job_is_left_in_the_work_bucket() -> None:
    plant = Plant()
    reference = plant.park("acme/a.txt", 6)
    plant.service.sweep()
    plant.pipeline.work.write(f"acme/inference/{plant.only_job}/input/1", b"text of the document")
    plant.service.sweep()
    assert [key for key in plant.pipeline.artifacts if "/inference/" in key] == []
    assert plant.pipeline.generation(reference).is_parked


def test_a_version_that_waits_after_its_job_has_ended_has_its_turn_at_once() -> None:
    plant = Plant()
    reference, chunking = plant.chunk("acme/a.txt", 6)
    group = JobGroup(JobKind.VECTORS, Route.ASYNCHRONOUS, "acme", plant.pipeline.registry.configuration.index)  # type: ignore[union-attr]
    alone = JobGroup(group.kind, group.route, group.tenant, group.subject, reference.execution)
    job = plant.jobs.join(alone, reference.execution, chunking.chunks, 1_000, plant.pipeline.clock.now())
    plant.jobs.end(job.job_id, "", plant.pipeline.clock.now())
    assert plant.jobs.get(job.job_id).status is JobStatus.ENDED  # type: ignore[union-attr]

    plant.request.run(reference, chunking)

    assert plant.pipeline.generation(reference).due == plant.pipeline.clock.now()
