"""A document through all steps of ingestion, over fakes."""

import json

import pytest

from docqa.errors import StaleVersionError
from docqa.models.document import DocumentStatus, GenerationStatus
from docqa.models.events import DocumentIndexed
from docqa.models.work import ChunkWork, PublicationWork
from tests.fakes.pdfs import joined, scanned_pdf, text_pdf
from tests.unit.ingestion.pipeline import Pipeline

PROSE = "The aircraft left the runway and came to rest in a field. Nobody was hurt. " * 12
OTHER = "The quarterly report tells of revenue, of costs and of what is left of both. " * 30


def test_a_pdf_ends_indexed_with_passages_that_stand_verbatim_on_their_page() -> None:
    pipeline = Pipeline()
    reference = pipeline.drop("acme/reports/accident report.pdf", text_pdf([PROSE, OTHER]))

    pipeline.run(reference)

    document = pipeline.document(reference)
    assert (document.status, document.live_generation) == (DocumentStatus.INDEXED, 1)
    assert document.title == "accident report"
    pages = _pages(pipeline)
    assert len(pipeline.index.searchable) == pipeline.generation(reference).chunks > 2
    for indexed in pipeline.index.searchable.values():
        chunk = indexed.chunk
        assert pages[chunk.page][chunk.start : chunk.end] == chunk.text
        assert (indexed.tenant, indexed.title, indexed.readers) == ("acme", "accident report", document.readers)


def test_publishing_tells_the_world() -> None:
    pipeline = Pipeline()
    reference = pipeline.drop("acme/a.pdf", text_pdf([PROSE]))

    pipeline.run(reference)

    assert pipeline.maintenance.sent == []
    (event,) = pipeline.bus.published
    assert isinstance(event, DocumentIndexed)
    assert (event.pages, event.chunks) == (1, pipeline.generation(reference).chunks)


def test_only_the_scanned_pages_are_extracted_and_stay_where_they_were() -> None:
    pipeline = Pipeline(extracted=["words of the scan"])
    reference = pipeline.drop("acme/mixed.pdf", joined(text_pdf([PROSE, ""]), scanned_pdf(["x"]), text_pdf([OTHER])))

    pipeline.run(reference)

    counts = pipeline.generation(reference).pages
    assert (counts.total, counts.text_layer, counts.ocr, counts.empty) == (4, 2, 1, 1)
    assert _pages(pipeline)[3] == "words of the scan"
    assert pipeline.generation(reference).usage["textract_pages"] == 1


def test_a_smaller_new_version_replaces_every_old_passage() -> None:
    """Promise 15: an overwrite replaces every old chunk; the old version answers until the new one is live."""
    pipeline = Pipeline()
    first = pipeline.drop("acme/a.pdf", text_pdf([OTHER, OTHER]))
    pipeline.run(first)
    second = pipeline.drop("acme/a.pdf", text_pdf([PROSE]))
    assert pipeline.document(second).live_generation == 1

    pipeline.run(second)

    assert pipeline.document(second).live_generation == 2
    assert pipeline.generation(first).status is GenerationStatus.SUPERSEDED
    assert pipeline.maintenance.sent == [{"document_id": second.document_id}]


def test_results_of_a_deleted_document_are_dropped() -> None:
    """Promise 16: late results of a deleted version are dropped."""
    pipeline = Pipeline()
    reference = pipeline.drop("acme/a.pdf", text_pdf([PROSE]))
    pipeline.through_pages(reference)
    chunking = pipeline.chunk.run(reference)

    pipeline.registry.mark_deleted(pipeline.document(reference), pipeline.clock.now())

    for late in (
        lambda: pipeline.embed.run(ChunkWork(reference=reference, span=chunking.spans[0])),
        lambda: pipeline.indexing.run(ChunkWork(reference=reference, span=chunking.spans[0])),
        lambda: pipeline.publication.run(PublicationWork(reference=reference, revision=chunking.revision)),
    ):
        with pytest.raises(StaleVersionError):
            late()
    assert pipeline.document(reference).status is DocumentStatus.DELETED
    assert pipeline.index.written == {}


def test_a_version_that_left_the_bucket_is_stale_not_failed() -> None:
    pipeline = Pipeline()
    reference = pipeline.drop("acme/a.pdf", text_pdf([PROSE]))
    pipeline.documents.versions_of["acme/a.pdf"] = []

    with pytest.raises(StaleVersionError):
        pipeline.inspect.run(reference)


def test_equal_bytes_under_another_key_are_neither_extracted_nor_embedded_again() -> None:
    pipeline = Pipeline(extracted=["words of the scan"])
    scan = scanned_pdf(["x"])
    pipeline.run(pipeline.drop("acme/board minutes.pdf", scan))
    paid = (len(pipeline.extractor.started), len(pipeline.embeddings.embedded))

    pipeline.run(pipeline.drop("acme/copies/board minutes.pdf", scan))

    assert (len(pipeline.extractor.started), len(pipeline.embeddings.embedded)) == paid == (1, 1)


def test_nothing_is_shared_across_tenants() -> None:
    """Promise 42: another tenant's work is never used, not even for equal files."""
    pipeline = Pipeline(extracted=["words of the scan"])
    scan = scanned_pdf(["x"])
    pipeline.run(pipeline.drop("acme/board minutes.pdf", scan))

    pipeline.run(pipeline.drop("umbrella/board minutes.pdf", scan))

    assert len(pipeline.extractor.started) == 2
    assert len(pipeline.embeddings.embedded) == 2


def test_readers_that_changed_during_the_work_are_reconciled() -> None:
    """Promise 43: a grant or revocation between indexing and publishing reaches the index."""
    pipeline = Pipeline()
    reference = pipeline.drop("acme/a.pdf", text_pdf([PROSE]))
    pipeline.through_pages(reference)
    chunking = pipeline.chunk.run(reference)
    changed = pipeline.registry.change_access(pipeline.document(reference), frozenset({"group:x"}), {}, True, 0.0)
    assert changed.revision > chunking.revision
    pipeline.registry.record_chunks(reference, 0)  # nothing has to be found for this test

    pipeline.publication.run(PublicationWork(reference=reference, revision=chunking.revision))

    assert pipeline.maintenance.sent == [{"document_id": reference.document_id}]
    assert pipeline.generation(reference).indexed_revision == chunking.revision


def test_steps_hand_over_counts_and_ranges_never_text() -> None:
    """Promise 11: no state carries document text."""
    pipeline = Pipeline(extracted=["words of the scan"])
    reference = pipeline.drop("acme/a.pdf", joined(text_pdf(["secretword " * 40]), scanned_pdf(["x"])))

    inspection = pipeline.inspect.run(reference)
    pipeline.through_pages(reference)
    states = [inspection, pipeline.prepare.run(reference), pipeline.chunk.run(reference), reference]

    assert not any("secretword" in state.model_dump_json() for state in states)


def _pages(pipeline: Pipeline) -> dict[int, str]:
    (key,) = (key for key in pipeline.artifacts if key.endswith("/pages.jsonl") and "/documents/" in key)
    lines = map(json.loads, pipeline.work.read(key).splitlines())
    return {line["number"]: line["text"] for line in lines}
