"""A set's documents, ingested once for as long as nothing changes that decides what is in the index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import BaseModel

from devstack.modelserver.models.registry import Models
from docqa.adapters.opensearch_setup import OpenSearchIndexSetup
from docqa.domain.artifacts import GenerationArtifacts
from docqa.errors import DocumentError
from docqa.models.access import Principal
from docqa.models.document import Document, DocumentReference, Generation
from docqa.models.search_index import IndexConfiguration
from docqa.services.ingestion.storage import load_pages
from evaluation.local.fingerprint import ingestion_key
from evaluation.local.ingestion import Ingestion, Place, Reading, document_paths
from evaluation.local.machine import DIMENSIONS, EMBEDDING_MODEL, Machine
from evaluation.local.model_clients import TextractClient
from evaluation.local.stores import FolderStore
from tests.fakes.registry import InMemoryDocumentRegistry

BUCKET = "evaluation"
# While one document is read, another one is embedded.
WORKERS = 2

Item = TypeVar("Item")


class Progress(Protocol):
    """Shows how far an iteration is."""

    def __call__(self, items: Iterable[Item], title: str, total: int) -> Iterable[Item]:
        """The same items, of which there are `total`."""
        ...


class Ingested(BaseModel):
    """One document, as the registry knows it."""

    path: str
    reference: DocumentReference
    document: Document
    generation: Generation


class Snapshot(BaseModel):
    """What an ingestion came to. `failures`: why documents could not be read, by path."""

    index: str
    documents: list[Ingested]
    failures: dict[str, str]


@dataclass(frozen=True)
class Corpus:
    """Documents that can be asked about."""

    snapshot: Snapshot
    place: Place

    @property
    def caller(self) -> Principal:
        """Somebody who may read all of them."""
        return Principal(self.place.tenant, "evaluation")

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """Path below the set's documents, by document id."""
        return {one.document.document_id: one.path for one in self.snapshot.documents}

    @cached_property
    def versions(self) -> Mapping[str, tuple[str, int]]:
        """Document id and generation, by path below the set's documents."""
        return {path: (one.document_id, one.generation) for path, one in self._references.items()}

    @cached_property
    def _references(self) -> Mapping[str, DocumentReference]:
        return {one.path: one.reference for one in self.snapshot.documents}

    def pages(self, path: str) -> Mapping[int, str]:
        """The text of each page, as passages are cut from it and quotes taken; none of a document that failed."""
        if path not in self._references:
            return {}
        return _pages(self.place.work, self._references[path])


@cache
def _pages(work: FolderStore, reference: DocumentReference) -> Mapping[int, str]:
    return {page.number: page.text for page in load_pages(work, GenerationArtifacts(reference).pages)}


def prepare(name: str, folder: Path, machine: Machine, progress: Progress) -> Corpus:
    """The set's documents in the index: as a former run left them, or ingested now."""
    key = ingestion_key(folder / "documents", name, EMBEDDING_MODEL, str(DIMENSIONS))
    home = machine.cache / "sets" / name
    place = _place(name, folder, home)
    setup = OpenSearchIndexSetup(machine.opensearch)
    index, kept = setup.name(DIMENSIONS, f"{name.lower()}-{key}"), home / f"{key}.json"
    place.registry.set_index_configuration(IndexConfiguration(index, EMBEDDING_MODEL, DIMENSIONS))
    if kept.is_file():
        snapshot = Snapshot.model_validate_json(kept.read_bytes())
        if _is_whole(machine, snapshot):
            for one in snapshot.documents:
                place.registry.documents[one.document.document_id] = one.document
            return Corpus(snapshot, place)
    _forget(machine, home, setup, f"{setup.name(DIMENSIONS, name.lower())}-*")
    setup.create(index, DIMENSIONS)
    textract = TextractClient(machine.models, place.work, home / "textract")
    ingestion = Ingestion(place, machine.opensearch, machine.embeddings, textract)
    snapshot = _all(ingestion.run, place, index, progress)
    kept.write_text(snapshot.model_dump_json())
    return Corpus(snapshot, place)


def read_pages(name: str, folder: Path, models: Models, cache: Path, progress: Progress) -> Corpus:
    """The set's documents as far as their pages, for judging what somebody else's index answered."""
    home = cache / "pages" / name
    place = _place(name, folder, home)
    reading = Reading(place, TextractClient(models, place.work, home / "textract"))
    return Corpus(_all(reading.run, place, "", progress), place)


def _place(name: str, folder: Path, home: Path) -> Place:
    tenant = f"evaluation-{name}"
    documents, work = (
        FolderStore(BUCKET, folder / "documents", f"{tenant}/"),
        FolderStore(f"{BUCKET}-work", home / "work"),
    )
    return Place(documents, work, InMemoryDocumentRegistry(), tenant)


def _is_whole(machine: Machine, snapshot: Snapshot) -> bool:
    wanted = sum(one.generation.chunks for one in snapshot.documents)
    if not machine.opensearch.indices.exists(index=snapshot.index):
        return False
    return int(machine.opensearch.count(index=snapshot.index)["count"]) == wanted


def _forget(machine: Machine, home: Path, setup: OpenSearchIndexSetup, pattern: str) -> None:
    """Remove the indexes of former states of the set: they would only fill the disk."""
    home.mkdir(parents=True, exist_ok=True)
    for index in machine.opensearch.indices.get(index=pattern):
        setup.remove(index)
    for file in home.glob("*.json"):
        file.unlink()


def _all(step: Callable[[str], DocumentReference], place: Place, index: str, progress: Progress) -> Snapshot:
    paths = list(document_paths(place.documents.folder))
    failures: dict[str, str] = {}
    references: dict[str, DocumentReference] = {}

    def run(path: str) -> str:
        try:
            references[path] = step(path)
        except DocumentError as error:
            failures[path] = f"{type(error).__name__}: {error}"
        return path

    with ThreadPoolExecutor(WORKERS) as pool:
        for _ in progress(pool.map(run, paths), "documents", len(paths)):
            pass
    registry = place.registry
    found = [
        Ingested(
            path=path,
            reference=reference,
            document=registry.documents[reference.document_id],
            generation=registry.generations[reference.document_id, reference.generation],
        )
        for path, reference in sorted(references.items())
    ]
    return Snapshot(index=index, documents=found, failures=failures)
