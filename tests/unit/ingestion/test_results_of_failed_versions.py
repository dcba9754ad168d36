"""What a failed version paid for serves its successor of the same bytes, and does not stay for ever."""

from __future__ import annotations

import pytest

from docqa.domain.kept_results import FAILED_KEPT_SECONDS
from docqa.models.access import TENANT_READERS
from docqa.models.document import DocumentReference, Failure, GenerationStatus
from docqa.models.work import ChunkWork
from docqa.ports.documents import Receipt
from tests.fakes.pdfs import scanned_pdf
from tests.unit.ingestion.pipeline import Pipeline

KEY = "acme/scan.pdf"
SCAN = scanned_pdf(["one", "two"])


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline(extracted=["Words that only the picture holds.", "More of them."])


def fail_after_everything_was_paid(pipeline: Pipeline, reference: DocumentReference) -> None:
    """Extracted, embedded, and then the index refused it."""
    pipeline.through_pages(reference)
    for span in pipeline.chunk.run(reference).spans:
        pipeline.embed.run(ChunkWork(reference=reference, span=span))
        pipeline.indexing.run(ChunkWork(reference=reference, span=span))
    assert pipeline.registry.fail(reference, Failure("ChunksRejectedError", "m"), pipeline.clock.now())
    pipeline.ended(reference)
    pipeline.house.reconcile(reference.document_id, "m")


def again(pipeline: Pipeline) -> DocumentReference:
    """The same bytes as a new version, with a place."""
    stored = pipeline.documents.head(KEY)
    assert stored is not None
    (known,) = pipeline.registry.documents.values()
    receipt = Receipt(stored, "acme", "", frozenset({TENANT_READERS}), {}, "", "")
    generation = pipeline.registry.admit(receipt, known, pipeline.clock.now())
    reference = pipeline.registry.claim_slot(generation, 100, pipeline.clock.now() + 3600, pipeline.clock.now())
    assert reference is not None
    return reference


def shared(pipeline: Pipeline) -> list[str]:
    return [key for key in pipeline.artifacts if "/extractions/" in key or "/embeddings/" in key]


def test_reprocessing_what_failed_pays_for_nothing_twice(pipeline: Pipeline) -> None:
    """Promise 52: neither text extraction nor embedding is asked again; what is void is removed at once."""
    failed = pipeline.drop(KEY, SCAN)
    fail_after_everything_was_paid(pipeline, failed)
    started, embedded = len(pipeline.extractor.started), len(pipeline.embeddings.embedded)
    assert shared(pipeline)
    assert set(pipeline.artifacts) == set(shared(pipeline)), "what belongs to the version alone is gone"
    assert pipeline.index.count(failed.document_id, 1) == 0

    successor = again(pipeline)
    pipeline.house.reconcile(failed.document_id, "m")  # before it has claimed anything
    pipeline.run(successor)
    pipeline.house.reconcile(failed.document_id, "m")

    assert pipeline.document(successor).status == "INDEXED"
    assert (len(pipeline.extractor.started), len(pipeline.embeddings.embedded)) == (started, embedded)
    assert pipeline.generation(failed).status is GenerationStatus.REMOVED
    assert shared(pipeline)


@pytest.mark.parametrize("end", ["deleted", "expired", "newer bytes", "time"])
def test_it_is_removed_with_its_document_with_newer_bytes_and_in_the_end(pipeline: Pipeline, end: str) -> None:
    """Promise 16: nothing of a deleted document stays, its failed versions included."""
    failed = pipeline.drop(KEY, SCAN)
    fail_after_everything_was_paid(pipeline, failed)
    now = pipeline.clock.now()
    if end == "deleted":
        pipeline.registry.mark_deleted(pipeline.document(failed), now)
    elif end == "expired":
        pipeline.registry.mark_expired(pipeline.document(failed), now)
    elif end == "newer bytes":
        pipeline.drop(KEY, scanned_pdf(["another"]))
    else:
        pipeline.clock.time += FAILED_KEPT_SECONDS - 1
        pipeline.house.reconcile(failed.document_id, "m")
        assert shared(pipeline)
        pipeline.clock.time += 1

    pipeline.house.reconcile(failed.document_id, "m")

    assert shared(pipeline) == []
    assert pipeline.generation(failed).status is GenerationStatus.REMOVED


def test_a_version_of_the_same_bytes_that_fails_again_keeps_it(pipeline: Pipeline) -> None:
    failed = pipeline.drop(KEY, SCAN)
    fail_after_everything_was_paid(pipeline, failed)
    started = len(pipeline.extractor.started)
    second = again(pipeline)
    pipeline.registry.fail(second, Failure("MalformedDocumentError", "m"), pipeline.clock.now())
    pipeline.ended(second)
    pipeline.house.reconcile(failed.document_id, "m")

    pipeline.run(again(pipeline))

    assert len(pipeline.extractor.started) == started
