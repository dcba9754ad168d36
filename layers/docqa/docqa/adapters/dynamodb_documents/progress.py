"""What the pipeline writes about the version it works on. A void version refuses every write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from docqa.adapters.dynamodb_documents.admission import superseded
from docqa.adapters.dynamodb_documents.expressions import Change, Put
from docqa.adapters.dynamodb_documents.items import document_item, document_key, failure_map, key_of, pages_map
from docqa.adapters.dynamodb_documents.slots import SlotWrites
from docqa.adapters.dynamodb_faults import ConditionFailedError
from docqa.errors import ConcurrentUpdateError, StaleVersionError
from docqa.models.document import (
    Document,
    DocumentReference,
    DocumentStatus,
    Failure,
    Generation,
    GenerationStatus,
    PageCounts,
    Stage,
)
from docqa.models.inference import AT_ONCE, RouteChoice

# Receipts, deletions and requeues change the status in their own transaction, so this one item says it all.
CURRENT = "#status = :processing AND #attempt = :attempt"


class ProgressWrites(SlotWrites):
    """The part of `ports.DocumentRegistry` that the pipeline's steps use."""

    def record_inspection(
        self, reference: DocumentReference, media_type: str, content_hash: str, settings_hash: str, title: str
    ) -> None:
        """Note what inspection found; an empty title leaves the one from the key."""
        found = {
            "media_type": media_type,
            "content_hash": content_hash,
            "settings_hash": settings_hash,
            "stage": Stage.READING.value,
        }
        writes: list[Change | Put] = [_noting(reference, found)]
        if title:
            writes.append(
                Change(
                    document_key(reference.document_id),
                    "SET #title = :title, #lock = #lock + :one",
                    {"title": title, "one": 1, "generation": reference.generation},
                    when="#latest_generation = :generation",
                )
            )
        try:
            self._table.transact(writes)
        except ConditionFailedError as error:
            raise _void(reference) from error

    def record_stage(self, reference: DocumentReference, stage: Stage) -> None:
        """Note what is being done with the version."""
        self._note(reference, {"stage": stage.value})

    def record_pages(self, reference: DocumentReference, pages: PageCounts, warnings: Sequence[str] = ()) -> None:
        """Note how the pages were read, and what their owner should know about it."""
        noted = {"pages": pages_map(pages), "warnings": list(warnings), "stage": Stage.CHUNKING.value}
        self._note(reference, noted)

    def record_chunks(self, reference: DocumentReference, chunks: int, route: RouteChoice = AT_ONCE) -> None:
        """Note how many chunks there are, and how they are embedded."""
        told = {"route": route.route.value, "route_reason": route.reason}
        self._note(reference, {"chunks": chunks, "stage": Stage.EMBEDDING.value, **told})

    def add_usage(
        self, reference: DocumentReference, key: str, usage: Mapping[str, float], timings: Mapping[str, float]
    ) -> None:
        """Add counted work and seconds once per `key`, for void versions too: the work was paid."""
        sums = [(f"n{n}", *sum_) for n, sum_ in enumerate([*_sums("usage", usage), *_sums("timings", timings)])]
        adding = ", ".join(f"#{field}.#{n} = if_not_exists(#{field}.#{n}, :zero) + :{n}" for n, field, _, _ in sums)
        change = Change(
            key_of(reference),
            (f"SET {adding} " if sums else "") + "ADD #usage_keys :keys",
            {
                "keys": frozenset({key}),
                "key": key,
                **({"zero": 0} if sums else {}),
                **{n: value for n, _, _, value in sums},
            },
            when="attribute_exists(#usage) AND NOT contains(#usage_keys, :key)",
            names={n: name for n, _, name, _ in sums},
        )
        try:
            self._table.update(change)
        except ConditionFailedError:
            return  # counted before, or an item that is not there

    def publish(self, reference: DocumentReference, revision: int, now: float) -> Document:
        """Make the version live in one transaction."""
        document = self.get(reference.document_id)
        generation = self.get_generation(reference.document_id, reference.generation)
        if document is not None and document.live_generation == reference.generation:
            return document
        if document is None or generation is None or not _works_on(generation, reference):
            raise _void(reference)
        published = _published(document, generation, now)
        writes: list[Change | Put] = [
            Put(document_item(published), "#lock = :lock", {"lock": document.lock}),
            _live(reference, max(revision, generation.indexed_revision), now),
        ]
        replaced = self.get_generation(document.document_id, document.live_generation)
        if replaced is not None:
            writes.append(superseded(replaced))
        try:
            self._table.transact(writes)
        except ConditionFailedError as error:
            raise ConcurrentUpdateError(f"document {document.document_id} was written meanwhile") from error
        return published

    def fail(self, reference: DocumentReference, failure: Failure, now: float) -> bool:
        """Record why this attempt failed its version."""
        try:
            self._table.transact([_failed(reference, failure, now), _failing(reference, failure, now)])
        except ConditionFailedError:
            return False
        return True

    def _note(self, reference: DocumentReference, values: Mapping[str, object]) -> None:
        try:
            self._table.update(_noting(reference, values))
        except ConditionFailedError as error:
            raise _void(reference) from error


def _sums(field: str, values: Mapping[str, float]) -> list[tuple[str, str, float]]:
    return [(field, name, value) for name, value in values.items()]


def _void(reference: DocumentReference) -> StaleVersionError:
    return StaleVersionError(
        f"attempt {reference.attempt} of generation {reference.generation} of {reference.document_id} is void"
    )


def _works_on(generation: Generation, reference: DocumentReference) -> bool:
    return generation.status is GenerationStatus.PROCESSING and generation.attempt == reference.attempt


def _current(reference: DocumentReference) -> dict[str, object]:
    return {"processing": GenerationStatus.PROCESSING.value, "attempt": reference.attempt}


def _noting(reference: DocumentReference, values: Mapping[str, object]) -> Change:
    update = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
    return Change(key_of(reference), update, {**values, **_current(reference)}, when=CURRENT)


def _published(document: Document, generation: Generation, now: float) -> Document:
    return replace(
        document,
        status=DocumentStatus.INDEXED if generation.pages.complete else DocumentStatus.PARTIALLY_INDEXED,
        live_generation=generation.generation,
        live_access=None,
        failure=None,
        updated_at=now,
        lock=document.lock + 1,
    )


def _live(reference: DocumentReference, revision: int, now: float) -> Change:
    return Change(
        key_of(reference),
        "SET #status = :live, #indexed_revision = :revision, #ended_at = :now "
        "REMOVE #work_state, #work_order, #deadline, #stage",
        {"live": GenerationStatus.LIVE.value, "revision": revision, "now": now, **_current(reference)},
        when=CURRENT,
    )


def _failed(reference: DocumentReference, failure: Failure, now: float) -> Change:
    return Change(
        key_of(reference),
        "SET #status = :failed, #failure = :failure, #ended_at = :now REMOVE #work_state, #work_order, #deadline",
        {
            "failed": GenerationStatus.FAILED.value,
            "failure": failure_map(failure),
            "now": now,
            **_current(reference),
        },
        when=CURRENT,
    )


def _failing(reference: DocumentReference, failure: Failure, now: float) -> Change:
    return Change(
        document_key(reference.document_id),
        "SET #status = :failed, #failure = :failure, #updated_at = :now, #lock = #lock + :one",
        {
            "failed": DocumentStatus.FAILED.value,
            "failure": failure_map(failure),
            "now": now,
            "one": 1,
            "generation": reference.generation,
        },
        when="#latest_generation = :generation",
    )
