from __future__ import annotations

import json
from dataclasses import replace

import pytest

from docqa.domain.artifacts import GenerationArtifacts, generation_prefix
from docqa.errors import NotYetVisibleError, StaleVersionError
from docqa.models.chunk import Chunk
from docqa.models.document import DocumentReference, GenerationStatus
from docqa.models.search_index import IndexConfiguration, SearchIndex
from docqa.models.source import Source
from docqa.models.work import ChunkSpan
from docqa.services.index_filling import IndexFilling
from docqa.services.ingestion.embedding import SpanEmbedder
from docqa.services.ingestion.indexing import ChunkIndexer
from docqa.services.ingestion.storage import save_chunks
from docqa.services.ingestion.vectors import embedded_texts, pack, vectors_name, vectors_prefix
from docqa.services.maintenance import MaintenanceService
from tests.fakes.bucket import VersionedBucket
from tests.fakes.chunk_index import InMemoryChunkIndex
from tests.fakes.lifecycle import Lifecycle

KEY = "acme/a.pdf"


class House:
    """A life of documents with work bucket and index."""

    def __init__(self) -> None:
        self.life = Lifecycle()
        self.work, self.index = VersionedBucket("work"), InMemoryChunkIndex()
        self.active = SearchIndex("docqa-chunks-v1", "model", 2)
        self.life.registry.set_index_configuration(IndexConfiguration("docqa-chunks-v1", "model", 2))
        self.indexer = ChunkIndexer(self.work, lambda _: self.index)
        embedder = SpanEmbedder(self.work, self.life.registry, lambda _: None, self.life.clock)
        filling = IndexFilling(
            self.life.registry,
            lambda _: self.index,
            embedder,
            self.indexer,
            self.life.maintenance_queue,
            self.life.clock,
        )
        self.service = MaintenanceService(self.life.registry, self.work, lambda _: self.index, filling)

    def ingest(self, key: str, chunks: int, *, publish: bool = True) -> DocumentReference:
        """Do what the pipeline does to the newest version of the document."""
        reference, registry = self.life.start(key), self.life.registry
        owner = f"{reference.document_id}:{reference.generation}"
        source = Source(
            media_type="text/plain", content_hash="c", pages=1, title="t", extraction_hash="e", texts_hash="s"
        )
        self.shared = vectors_prefix("acme", source, self.active)
        for prefix in (self.shared, f"acme/extractions/{reference.generation}/"):
            registry.claim_artifact(prefix, owner)
            self.work.write(f"{prefix}x", b"y")
        self.work.write(GenerationArtifacts(reference).source, source.model_dump_json().encode())
        cut = [Chunk(ordinal=n, page=1, start=0, end=2, text=f"p{n}") for n in range(chunks)]
        span = save_chunks(self.work, reference, cut)
        name = vectors_name(span, embedded_texts(source, cut))
        self.work.write(self.shared + name, pack([(1.0, 0.5)] * chunks))
        registry.record_chunks(reference, chunks)
        document = self.life.document(key)
        self.indexer.index_span(reference, document, ChunkSpan(first=0, last=chunks - 1), self.active)
        self.index.refresh()
        if publish:
            registry.publish(reference, document.revision, self.life.clock.now())
            self.life.end(reference)
        return reference

    def left(self, reference: DocumentReference) -> list[str]:
        """Keys of the work bucket that belong to the version alone."""
        prefix = generation_prefix(reference.tenant, reference.document_id, reference.generation)
        return [one.key for one in self.work.list_objects(prefix)]


@pytest.fixture
def house() -> House:
    return House()


def test_a_replaced_version_leaves_no_chunk_and_no_artefact(house: House) -> None:
    """Promise 15: also when the new version has fewer chunks."""
    house.life.drop(KEY)
    old = house.ingest(KEY, chunks=5)
    house.life.drop(KEY, b"newer")
    new = house.ingest(KEY, chunks=2)
    house.service.reconcile(old.document_id, "m")
    assert house.index.count(old.document_id, 1) == 0
    assert house.index.count(new.document_id, 2) == 2
    assert house.left(old) == []
    assert house.left(new) != []
    assert house.work.exists(f"{house.shared}x"), "the new version uses it"
    assert not house.work.exists("acme/extractions/1/x")
    assert house.life.registry.generations[old.document_id, 1].status is GenerationStatus.REMOVED


def test_a_deleted_document_leaves_nothing(house: House) -> None:
    """Promise 16: a deletion hides the document at once, then removes every trace."""
    house.life.drop(KEY)
    reference = house.ingest(KEY, chunks=3)
    house.life.bucket.delete(KEY)
    house.life.receipt.receive(KEY)
    house.service.reconcile(reference.document_id, "m")
    house.service.reconcile(reference.document_id, "m")
    assert house.index.written == {}
    assert house.work.objects() == {}
    assert house.life.registry.owners == {}


def test_artefacts_stay_while_another_document_uses_them(house: House) -> None:
    """Promise 16: a deletion hides the document at once, then removes every trace."""
    house.life.drop(KEY)
    house.life.drop("acme/copy.pdf")
    one = house.ingest(KEY, chunks=1)
    house.ingest("acme/copy.pdf", chunks=1)
    house.life.bucket.delete(KEY)
    house.life.receipt.receive(KEY)
    house.service.reconcile(one.document_id, "m")
    assert house.work.exists(f"{house.shared}x")


def test_what_still_runs_is_cleaned_up_after_it_has_ended(house: House) -> None:
    """Promise 16: late results of a deleted version are dropped."""
    house.life.drop(KEY)
    late = house.ingest(KEY, chunks=3, publish=False)
    house.life.bucket.delete(KEY)
    house.life.receipt.receive(KEY)
    house.service.reconcile(late.document_id, "m")
    assert house.index.count(late.document_id, 1) == 3
    with pytest.raises(StaleVersionError):
        house.life.registry.publish(late, 1, 5.0)
    house.life.maintenance_queue.sent.clear()
    house.life.end(late)
    (message,) = house.life.maintenance_queue.sent
    house.service.reconcile(message["document_id"], "m")
    assert house.index.count(late.document_id, 1) == 0
    assert house.work.objects() == {}


def test_new_readers_reach_the_chunks_without_embedding_again(house: House) -> None:
    """Promise 43: a grant holds within seconds."""
    house.life.drop(KEY)
    reference = house.ingest(KEY, chunks=3)
    house.life.bucket.put(f"{KEY}.metadata.json", json.dumps({"metadataAttributes": {"groups": ["hr"]}}).encode())
    house.life.receipt.receive(f"{KEY}.metadata.json")
    before = house.work.objects()
    house.service.reconcile(reference.document_id, "m")
    assert {one.readers for one in house.index.searchable.values()} == {frozenset({"group:hr"})}
    assert {one.revision for one in house.index.searchable.values()} == {2}
    assert house.life.registry.generations[reference.document_id, 1].indexed_revision == 2
    assert house.work.objects() == before


def test_the_passages_of_an_older_version_never_carry_the_readers_of_a_newer_one(house: House) -> None:
    """Promise 42: the index is not asked to find for everybody what only a newer version is open for."""
    house.life.bucket.put(f"{KEY}.metadata.json", json.dumps({"metadataAttributes": {"groups": ["board"]}}).encode())
    house.life.drop(KEY)
    reference = house.ingest(KEY, chunks=2)
    house.life.bucket.put(f"{KEY}.metadata.json", json.dumps({"metadataAttributes": {"groups": ["*"]}}).encode())
    house.life.drop(KEY, b"redacted")
    house.service.reconcile(reference.document_id, "m")
    assert {one.readers for one in house.index.searchable.values()} == {frozenset({"group:board"})}
    house.ingest(KEY, chunks=1)
    house.service.reconcile(reference.document_id, "m")
    assert {one.readers for one in house.index.searchable.values()} == {frozenset({"tenant"})}


def test_chunks_that_nobody_counted_are_found_and_removed(house: House) -> None:
    house.life.drop(KEY)
    reference = house.ingest(KEY, chunks=6)
    forgetful = house.life.registry.generations[reference.document_id, 1]
    house.life.registry.generations[reference.document_id, 1] = replace(forgetful, chunks=0)
    house.life.bucket.delete(KEY)
    house.life.receipt.receive(KEY)
    house.service.reconcile(reference.document_id, "m")
    assert house.index.count(reference.document_id, 1) == 0


def test_what_is_left_brings_the_message_back(house: House) -> None:
    """Promise 16: a deletion hides the document at once, then removes every trace."""
    house.life.drop(KEY)
    reference = house.ingest(KEY, chunks=1)
    stray = next(iter(house.index.written.values()))
    far = Chunk(ordinal=10_000, page=1, start=0, end=2, text="xx")
    house.index.write([replace(stray, chunk=far)])
    house.life.bucket.delete(KEY)
    house.life.receipt.receive(KEY)
    with pytest.raises(NotYetVisibleError, match="1 chunks of generation 1"):
        house.service.reconcile(reference.document_id, "m")
    assert house.life.registry.generations[reference.document_id, 1].status is GenerationStatus.SUPERSEDED


def test_an_unknown_document_is_nothing_to_do(house: House) -> None:
    house.service.reconcile("0" * 32, "m")
