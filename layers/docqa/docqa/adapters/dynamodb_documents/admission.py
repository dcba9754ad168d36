"""What receipt writes: new versions, deletions, changes of access. Optimistic on the document's `lock`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from docqa import ids
from docqa.adapters.dynamodb_documents.expressions import Change, Put
from docqa.adapters.dynamodb_documents.items import (
    document_item,
    generation_item,
    generation_key,
)
from docqa.adapters.dynamodb_documents.reads import DocumentReads
from docqa.adapters.dynamodb_faults import ConditionFailedError
from docqa.domain.live_access import answer_readers, live_access_after
from docqa.errors import ConcurrentUpdateError
from docqa.models.document import Document, DocumentStatus, Generation, GenerationStatus, Stage
from docqa.ports.documents import Receipt

WORKING = (GenerationStatus.RECEIVED, GenerationStatus.PROCESSING)


class AdmissionWrites(DocumentReads):
    """The part of `ports.DocumentRegistry` that follows the bucket."""

    def admit(self, receipt: Receipt, expected: Document | None, now: float) -> Generation:
        """Admit the observed version as the next generation, in one transaction."""
        document = _admitted(receipt, expected, self._live_version(expected), now)
        generation = _first_state(receipt, document, now)
        writes: list[Change | Put] = [
            Put(document_item(document), "attribute_not_exists(#document_id)")
            if expected is None
            else Put(document_item(document), "#lock = :lock", {"lock": expected.lock}),
            Put(generation_item(generation), "attribute_not_exists(#document_id)"),
        ]
        if expected is not None:
            writes += self._superseding(document.document_id, expected.latest_generation, WORKING)
        self._transact(writes, document.document_id)
        return generation

    def mark_deleted(self, expected: Document, now: float) -> None:
        """Hide the document at once, in one transaction with the end of its versions."""
        self._hide(expected, DocumentStatus.DELETED, now)

    def mark_expired(self, expected: Document, now: float) -> None:
        """Hide the document as a deletion does."""
        self._hide(expected, DocumentStatus.EXPIRED, now)

    def _hide(self, expected: Document, status: DocumentStatus, now: float) -> None:
        hidden = replace(
            expected,
            status=status,
            live_generation=0,
            live_access=None,
            failure=None,
            updated_at=now,
            lock=expected.lock + 1,
        )
        ending = {expected.latest_generation, expected.live_generation} - {0}
        writes: list[Change | Put] = [Put(document_item(hidden), "#lock = :lock", {"lock": expected.lock})]
        for generation in sorted(ending):
            writes += self._superseding(expected.document_id, generation, (*WORKING, GenerationStatus.LIVE))
        self._transact(writes, expected.document_id)

    def change_access(
        self,
        expected: Document,
        readers: frozenset[str],
        attributes: dict[str, str | float | bool | list[str]],
        described: bool,
        now: float,
    ) -> Document:
        """Write new readers and attributes with the next revision."""
        changed = replace(
            expected,
            readers=readers,
            attributes=attributes,
            described=described,
            revision=expected.revision + 1,
            updated_at=now,
            lock=expected.lock + 1,
        )
        self._transact([Put(document_item(changed), "#lock = :lock", {"lock": expected.lock})], expected.document_id)
        return changed

    def _live_version(self, expected: Document | None) -> str:
        """S3 version of what answers; empty: nothing does."""
        if expected is None or not expected.live_generation:
            return ""
        live = self.get_generation(expected.document_id, expected.live_generation)
        return live.version_id if live else ""

    def _superseding(self, document_id: str, number: int, ends: Sequence[GenerationStatus]) -> list[Change | Put]:
        """The write that ends a version, if it is in one of these states; it must not leave that state meanwhile."""
        generation = self.get_generation(document_id, number)
        if generation is None or generation.status not in ends:
            return []
        return [superseded(generation)]

    def _transact(self, writes: Sequence[Change | Put], document_id: str) -> None:
        try:
            self._table.transact(writes)
        except ConditionFailedError as error:
            raise ConcurrentUpdateError(f"document {document_id} was written meanwhile") from error


def superseded(generation: Generation) -> Change:
    """The write that ends a version which something newer, or a deletion, has replaced."""
    return Change(
        generation_key(generation.document_id, generation.generation),
        "SET #status = :superseded REMOVE #work_state, #work_order, #deadline",
        {"superseded": GenerationStatus.SUPERSEDED.value, "seen": generation.status.value},
        when="#status = :seen",
    )


def _admitted(receipt: Receipt, expected: Document | None, live_version_id: str, now: float) -> Document:
    stored = receipt.stored
    admitted = Document(
        document_id=ids.document_id(stored.bucket, stored.key),
        tenant=receipt.tenant,
        bucket=stored.bucket,
        key=stored.key,
        title=receipt.title,
        status=DocumentStatus.RECEIVED,
        latest_generation=(expected.latest_generation if expected else 0) + 1,
        live_generation=expected.live_generation if expected else 0,
        version_id=stored.version_id,
        readers=receipt.readers,
        revision=expected.revision if expected else 1,
        lock=(expected.lock if expected else 0) + 1,
        received_at=now,
        updated_at=now,
        owner=receipt.owner,
        attributes=receipt.attributes,
        described=receipt.described,
        live_access=live_access_after(expected, live_version_id, stored.version_id),
    )
    changed = expected is not None and _access(expected) != _access(admitted)
    return replace(admitted, revision=admitted.revision + changed)


def _access(document: Document) -> tuple[object, ...]:
    """What passages carry of it."""
    return document.readers, answer_readers(document), document.attributes


def _first_state(receipt: Receipt, document: Document, now: float) -> Generation:
    return Generation(
        document_id=document.document_id,
        generation=document.latest_generation,
        tenant=document.tenant,
        bucket=document.bucket,
        key=document.key,
        version_id=document.version_id,
        status=GenerationStatus.RECEIVED,
        received_at=now,
        sequencer=receipt.sequencer,
        size=receipt.stored.size,
        stage=Stage.RECEIVED,
        due=now,
    )
