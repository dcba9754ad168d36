"""Pages, chunks and sources in the work bucket, streamed line by line."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import IO, Any

from docqa.domain.artifacts import GenerationArtifacts
from docqa.errors import NotFoundError, NotYetVisibleError, StaleVersionError
from docqa.models.chunk import Chunk
from docqa.models.document import GONE, Document, DocumentReference
from docqa.models.page import Page, ReadingMethod
from docqa.models.source import Source
from docqa.models.work import ChunkSpan
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore

# Lines are collected here before they are written as one object; above it they wait on the disk.
_SPILL_BYTES = 16 * 1024 * 1024
_JSON_LINES = "application/jsonl"


def require_current(registry: DocumentRegistry, reference: DocumentReference) -> Document:
    """The document, if this generation is still its newest.

    Raises:
        StaleVersionError: a newer generation was admitted, or the document was deleted or has expired.
    """
    document = registry.get(reference.document_id)
    if document is None or document.latest_generation != reference.generation or document.status in GONE:
        raise StaleVersionError(f"generation {reference.generation} of {reference.document_id} is no longer wanted")
    return document


@contextmanager
def source_file(documents: ObjectStore, reference: DocumentReference) -> Iterator[IO[bytes]]:
    """The file of this generation.

    Raises:
        StaleVersionError: this version of the object was deleted.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(documents.open(reference.key, reference.version_id))
        except NotFoundError as error:
            raise StaleVersionError(f"the version behind {reference.document_id} is gone") from error
        yield file


def load_source(work: ObjectStore, reference: DocumentReference) -> Source:
    """What inspection found."""
    with _written_by_another_step():
        return Source.model_validate_json(work.read(GenerationArtifacts(reference).source))


def load_pages(work: ObjectStore, key: str) -> Iterator[Page]:
    """Pages of an object, one in memory at a time."""
    for line in _lines(work, key):
        yield Page(**{**line, "method": ReadingMethod(line["method"]), "hidden": _spans(line["hidden"])})


def save_pages(work: ObjectStore, key: str, pages: Iterable[Page]) -> None:
    """Write pages as one object; nothing is written when reading them fails."""
    _save(work, key, (asdict(page) for page in pages))


def load_chunks(work: ObjectStore, reference: DocumentReference, span: ChunkSpan) -> list[Chunk]:
    """The chunks of a span."""
    lines = _lines(work, GenerationArtifacts(reference).chunks(span))
    return [Chunk(**{**line, "headings": tuple(line["headings"]), "hidden": _spans(line["hidden"])}) for line in lines]


def save_chunks(work: ObjectStore, reference: DocumentReference, chunks: list[Chunk]) -> ChunkSpan:
    """Write consecutive chunks as one object; the span they make."""
    span = ChunkSpan(first=chunks[0].ordinal, last=chunks[-1].ordinal)
    _save(work, GenerationArtifacts(reference).chunks(span), map(asdict, chunks))
    return span


def load_json(work: ObjectStore, key: str) -> Any:
    """A small JSON object of the work bucket."""
    with _written_by_another_step():
        return json.loads(work.read(key))


def find_json(work: ObjectStore, key: str) -> Any | None:
    """A small JSON object of the work bucket, or None when it was not written yet."""
    try:
        return json.loads(work.read(key))
    except NotFoundError:
        return None


def save_json(work: ObjectStore, key: str, value: Any) -> None:
    """Write a small JSON object."""
    work.write(key, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), "application/json")


def _lines(work: ObjectStore, key: str) -> Iterator[dict[str, Any]]:
    with _written_by_another_step(), work.open(key) as file:
        for line in file:
            yield json.loads(line)


def _spans(pairs: Iterable[Iterable[int]]) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in pairs)


def _save(work: ObjectStore, key: str, lines: Iterable[Mapping[str, Any]]) -> None:
    with tempfile.SpooledTemporaryFile(max_size=_SPILL_BYTES) as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        file.seek(0)
        work.write(key, file, _JSON_LINES)


@contextmanager
def _written_by_another_step() -> Iterator[None]:
    try:
        yield
    except NotFoundError as error:
        raise NotYetVisibleError("what an earlier step wrote cannot be read yet") from error
