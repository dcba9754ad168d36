"""The document registry in memory: the same contract tests as the DynamoDB one (tests/contracts)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from docqa import ids
from docqa.domain.live_access import answer_readers, live_access_after
from docqa.errors import ConcurrentUpdateError, InvalidRequestError, NotYetVisibleError, StaleVersionError
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
from docqa.models.search_index import IndexConfiguration
from docqa.models.waiting import Waiting
from docqa.ports.documents import Receipt

READ_BATCH = 100
WORKING = (GenerationStatus.RECEIVED, GenerationStatus.PROCESSING)
CLEANABLE = (GenerationStatus.SUPERSEDED, GenerationStatus.FAILED)


class InMemoryDocumentRegistry:
    """One dictionary a kind of item."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.generations: dict[tuple[str, int], Generation] = {}
        self.held: set[str] = set()
        self.owners: dict[str, set[str]] = {}
        self.claimed: dict[str, set[str]] = {}
        self.counted: set[tuple[str, int, str]] = set()
        self.positions: dict[str, str] = {}
        self.configuration: IndexConfiguration | None = None
        self.makers: dict[tuple[str, str], tuple[str, float]] = {}

    # --- reads

    def get(self, document_id: str) -> Document | None:
        return self.documents.get(document_id)

    def get_many(
        self, document_ids: Iterable[str], before_call: Callable[[], None] | None = None
    ) -> dict[str, Document]:
        wanted = set(document_ids)
        for _ in range(0, len(wanted), READ_BATCH):
            if before_call is not None:
                before_call()
        return {one: self.documents[one] for one in wanted if one in self.documents}

    def list_documents(
        self, tenant: str, limit: int, cursor: str | None = None, status: DocumentStatus | None = None
    ) -> tuple[list[Document], str | None]:
        mine = [one for one in self.documents.values() if one.tenant == tenant and status in (None, one.status)]
        return _page(sorted(mine, key=lambda one: (-one.updated_at, one.document_id)), limit, cursor)

    def all_documents(self, limit: int, cursor: str | None = None) -> tuple[list[Document], str | None]:
        return _page(sorted(self.documents.values(), key=lambda one: one.document_id), limit, cursor)

    def get_generation(self, document_id: str, generation: int) -> Generation | None:
        return self.generations.get((document_id, generation))

    def list_generations(self, document_id: str) -> list[Generation]:
        return [one for key, one in sorted(self.generations.items()) if key[0] == document_id]

    def get_generations(self, versions: Iterable[tuple[str, int]]) -> list[Generation]:
        return [self.generations[one] for one in set(versions) if one in self.generations]

    def waiting(self, now: float, limit: int, after: str = "") -> tuple[list[Waiting], str | None]:
        received = GenerationStatus.RECEIVED
        due = [one for one in self.generations.values() if one.status is received and one.due <= now]
        if not due:
            return [], None
        found: list[Waiting] = []
        heads: Counter[tuple[str, bool]] = Counter()
        for one in sorted(due, key=lambda one: (one.tries > 0, f"{one.tenant}/", one.due)):
            line = (one.tenant, one.tries > 0)
            if f"{one.tenant}/" > f"{after}/" and heads[line] < limit:
                found.append(Waiting(one.document_id, one.generation, one.tenant, one.due, one.tries > 0))
            heads[line] += 1
        return found, None

    def place_in_line(self, generation: Generation, limit: int) -> int:
        line = [
            one
            for one in self.generations.values()
            if one.status is GenerationStatus.RECEIVED and one.tenant == generation.tenant
        ]
        turn = (generation.tries > 0, generation.due)
        before = sum((one.tries > 0, one.due) <= turn for one in line if one.tries == 0 or generation.tries > 0)
        return min(max(before, 1), limit)

    def overdue(self, now: float, limit: int) -> list[Generation]:
        found = [one for one in self.generations.values() if one.status is GenerationStatus.PROCESSING]
        return sorted((one for one in found if one.deadline <= now), key=lambda one: one.deadline)[:limit]

    # --- receipt

    def admit(self, receipt: Receipt, expected: Document | None, now: float) -> Generation:
        stored = receipt.stored
        document_id = ids.document_id(stored.bucket, stored.key)
        self._check(document_id, expected)
        if expected is not None:
            self._supersede(document_id, expected.latest_generation, WORKING)
        live = self.generations.get((document_id, expected.live_generation)) if expected else None
        document = _admitted(receipt, expected, live.version_id if live else "", document_id, now)
        generation = Generation(
            document_id=document_id,
            generation=document.latest_generation,
            tenant=receipt.tenant,
            bucket=stored.bucket,
            key=stored.key,
            version_id=stored.version_id,
            status=GenerationStatus.RECEIVED,
            received_at=now,
            sequencer=receipt.sequencer,
            size=stored.size,
            stage=Stage.RECEIVED,
            due=now,
        )
        self.documents[document_id] = document
        self.generations[document_id, generation.generation] = generation
        return generation

    def mark_deleted(self, expected: Document, now: float) -> None:
        self._hide(expected, DocumentStatus.DELETED, now)

    def mark_expired(self, expected: Document, now: float) -> None:
        self._hide(expected, DocumentStatus.EXPIRED, now)

    def _hide(self, expected: Document, status: DocumentStatus, now: float) -> None:
        self._check(expected.document_id, expected)
        self._supersede(expected.document_id, expected.latest_generation, WORKING)
        self._supersede(expected.document_id, expected.live_generation, (GenerationStatus.LIVE,))
        self._write(
            replace(expected, status=status, live_generation=0, live_access=None, updated_at=now, failure=None),
        )

    def change_access(
        self,
        expected: Document,
        readers: frozenset[str],
        attributes: dict[str, str | float | bool | list[str]],
        described: bool,
        now: float,
    ) -> Document:
        self._check(expected.document_id, expected)
        return self._write(
            replace(
                expected,
                readers=readers,
                attributes=attributes,
                described=described,
                revision=expected.revision + 1,
                updated_at=now,
            )
        )

    # --- slots

    def claim_slot(
        self, generation: Generation, capacity: int, deadline: float, now: float
    ) -> DocumentReference | None:
        key = (generation.document_id, generation.generation)
        current = self.generations.get(key)
        if current is None or current.status is not GenerationStatus.RECEIVED:
            raise StaleVersionError(f"generation {key[1]} of {key[0]} is not waiting")
        if len(self.held) >= capacity:
            return None
        claimed = replace(
            current,
            status=GenerationStatus.PROCESSING,
            attempt=current.attempt + 1,
            deadline=deadline,
            stage=Stage.EMBEDDING if current.is_parked else Stage.INSPECTING,
        )
        self.generations[key] = claimed
        self.held.add(ids.execution_name(*key, claimed.attempt))
        self._write(replace(self.documents[key[0]], status=DocumentStatus.PROCESSING, updated_at=now))
        return claimed.reference()

    def slots(self) -> frozenset[str]:
        return frozenset(self.held)

    def release_slot(self, execution: str) -> None:
        self.held.discard(execution)

    def requeue(self, reference: DocumentReference, *, tries: int, due: float, work_done: int | None = None) -> bool:
        generation = self._working(reference)
        if generation is not None:
            received = GenerationStatus.RECEIVED
            self._put(
                replace(
                    generation,
                    status=received,
                    stage=Stage.RECEIVED,
                    deadline=0.0,
                    tries=tries,
                    due=due,
                    work_done_before=generation.work_done_before if work_done is None else work_done,
                ),
            )
            document = self.documents[reference.document_id]
            self._write(replace(document, status=DocumentStatus.RECEIVED))
        return generation is not None

    def park(self, reference: DocumentReference, due: float) -> bool:
        generation = self.generations.get((reference.document_id, reference.generation))
        if generation is None or generation.attempt != reference.attempt:
            return False
        if not generation.is_parked:
            if self._working(reference) is None or not self.requeue(reference, tries=generation.tries, due=due):
                return False
            parked = self.generations[reference.document_id, reference.generation]
            self._put(replace(parked, stage=Stage.EMBEDDING))
        return True

    def hasten(self, document_id: str, generation: int, now: float) -> bool:
        found = self.generations.get((document_id, generation))
        if found is None or not found.is_parked:
            return False
        self._put(replace(found, due=now))
        return True

    def waiting_of(self, tenant: str, now: float, limit: int) -> int:
        waiting = [
            one
            for one in self.generations.values()
            if one.status is GenerationStatus.RECEIVED and one.tenant == tenant and one.due <= now and not one.tries
        ]
        return min(len(waiting), limit)

    # --- pipeline

    def record_inspection(
        self, reference: DocumentReference, media_type: str, content_hash: str, settings_hash: str, title: str
    ) -> None:
        generation = self._current(reference)
        self._put(
            replace(
                generation,
                media_type=media_type,
                content_hash=content_hash,
                settings_hash=settings_hash,
                stage=Stage.READING,
            )
        )
        document = self.documents[reference.document_id]
        self._write(replace(document, title=title or document.title))

    def record_stage(self, reference: DocumentReference, stage: Stage) -> None:
        self._put(replace(self._current(reference), stage=stage))

    def record_pages(self, reference: DocumentReference, pages: PageCounts, warnings: Sequence[str] = ()) -> None:
        noted = replace(self._current(reference), pages=pages, warnings=tuple(warnings), stage=Stage.CHUNKING)
        self._put(noted)

    def record_chunks(self, reference: DocumentReference, chunks: int, route: RouteChoice = AT_ONCE) -> None:
        noted = replace(self._current(reference), chunks=chunks, stage=Stage.EMBEDDING)
        self._put(replace(noted, route=route.route.value, route_reason=route.reason))

    def add_usage(
        self, reference: DocumentReference, key: str, usage: Mapping[str, float], timings: Mapping[str, float]
    ) -> None:
        generation = self.generations.get((reference.document_id, reference.generation))
        count = (reference.document_id, reference.generation, key)
        if generation is None or count in self.counted:
            return
        self.counted.add(count)
        self._put(
            replace(
                generation,
                usage=_sum(generation.usage, usage),
                timings=_sum(generation.timings, timings),
                work_done=generation.work_done + 1,
            )
        )

    def publish(self, reference: DocumentReference, revision: int, now: float) -> Document:
        document = self.documents.get(reference.document_id)
        if document is not None and document.live_generation == reference.generation:
            return document
        generation = self._current(reference)
        document = self.documents[reference.document_id]
        self._supersede(document.document_id, document.live_generation, (GenerationStatus.LIVE,))
        self._put(
            replace(
                generation,
                status=GenerationStatus.LIVE,
                indexed_revision=max(revision, generation.indexed_revision),
                ended_at=now,
                deadline=0.0,
                stage="",
            )
        )
        return self._write(
            replace(
                document,
                status=DocumentStatus.INDEXED if generation.pages.complete else DocumentStatus.PARTIALLY_INDEXED,
                live_generation=reference.generation,
                live_access=None,
                failure=None,
                updated_at=now,
            )
        )

    def fail(self, reference: DocumentReference, failure: Failure, now: float) -> bool:
        generation = self._working(reference)
        if generation is None:
            return False
        self._put(replace(generation, status=GenerationStatus.FAILED, failure=failure, ended_at=now, deadline=0.0))
        document = self.documents[reference.document_id]
        self._write(replace(document, status=DocumentStatus.FAILED, failure=failure, updated_at=now))
        return True

    # --- clean-up

    def set_indexed_revision(self, document_id: str, generation: int, revision: int) -> None:
        found = self.generations.get((document_id, generation))
        if found is not None:
            self._put(replace(found, indexed_revision=max(revision, found.indexed_revision)))

    def mark_removed(self, document_id: str, generation: int) -> None:
        found = self.generations.get((document_id, generation))
        if found is not None and found.status in CLEANABLE:
            self._put(replace(found, status=GenerationStatus.REMOVED))
            self.claimed.pop(f"{document_id}:{generation}", None)

    def claim_artifact(self, prefix: str, owner: str) -> None:
        document_id, _, number = owner.rpartition(":")
        generation = self.generations.get((document_id, int(number)))
        if generation is None or generation.status not in (GenerationStatus.PROCESSING, GenerationStatus.LIVE):
            raise StaleVersionError(f"{owner} is neither being processed nor live")
        if prefix in self.owners and not self.owners[prefix]:
            raise NotYetVisibleError(f"{prefix} is being removed")
        self.owners.setdefault(prefix, set()).add(owner)
        self.claimed.setdefault(owner, set()).add(prefix)

    def release_artifact(self, prefix: str, owner: str) -> bool:
        self.owners.setdefault(prefix, set()).discard(owner)
        return not self.owners[prefix]

    def start_making(self, prefix: str, part: str, owner: str, now: float, until: float) -> bool:
        maker, ends = self.makers.get((prefix, part), (owner, until))
        if maker != owner and ends >= now:
            return False
        self.makers[prefix, part] = (owner, until)
        return True

    def stop_making(self, prefix: str, part: str, owner: str) -> None:
        if self.makers.get((prefix, part), ("", 0.0))[0] == owner:
            del self.makers[prefix, part]

    def forget_artifact(self, prefix: str) -> None:
        if not self.owners.get(prefix, {prefix}):
            del self.owners[prefix]

    def artifacts_of(self, owner: str) -> list[str]:
        return sorted(self.claimed.get(owner, ()))

    # --- single items

    def sweep_position(self, sweep: str) -> str | None:
        return self.positions.get(sweep)

    def set_sweep_position(self, sweep: str, position: str | None) -> None:
        if position is None:
            self.positions.pop(sweep, None)
        else:
            self.positions[sweep] = position

    def index_configuration(self) -> IndexConfiguration | None:
        return self.configuration

    def set_index_configuration(self, configuration: IndexConfiguration) -> IndexConfiguration:
        if configuration.lock != (self.configuration.lock if self.configuration else 0):
            raise ConcurrentUpdateError("the index configuration was written meanwhile")
        self.configuration = replace(configuration, lock=configuration.lock + 1)
        return self.configuration

    # --- inside

    def _check(self, document_id: str, expected: Document | None) -> None:
        current = self.documents.get(document_id)
        if (current and current.lock) != (expected and expected.lock):
            raise ConcurrentUpdateError(f"document {document_id} was written meanwhile")

    def _write(self, document: Document) -> Document:
        written = replace(document, lock=document.lock + 1)
        self.documents[written.document_id] = written
        return written

    def _put(self, generation: Generation) -> None:
        self.generations[generation.document_id, generation.generation] = generation

    def _supersede(self, document_id: str, number: int, statuses: tuple[GenerationStatus, ...]) -> None:
        generation = self.generations.get((document_id, number))
        if generation is not None and generation.status in statuses:
            self._put(replace(generation, status=GenerationStatus.SUPERSEDED, deadline=0.0))

    def _working(self, reference: DocumentReference) -> Generation | None:
        generation = self.generations.get((reference.document_id, reference.generation))
        if generation is None or generation.attempt != reference.attempt:
            return None
        return generation if generation.status is GenerationStatus.PROCESSING else None

    def _current(self, reference: DocumentReference) -> Generation:
        generation = self._working(reference)
        if generation is None:
            raise StaleVersionError(f"generation {reference.generation} of {reference.document_id} is void")
        return generation


def _admitted(
    receipt: Receipt, expected: Document | None, live_version_id: str, document_id: str, now: float
) -> Document:
    admitted = Document(
        document_id=document_id,
        tenant=receipt.tenant,
        bucket=receipt.stored.bucket,
        key=receipt.stored.key,
        title=receipt.title,
        status=DocumentStatus.RECEIVED,
        latest_generation=(expected.latest_generation if expected else 0) + 1,
        live_generation=expected.live_generation if expected else 0,
        version_id=receipt.stored.version_id,
        readers=receipt.readers,
        revision=expected.revision if expected else 1,
        lock=(expected.lock if expected else 0) + 1,
        received_at=now,
        updated_at=now,
        owner=receipt.owner,
        attributes=receipt.attributes,
        described=receipt.described,
        live_access=live_access_after(expected, live_version_id, receipt.stored.version_id),
    )
    changed = expected is not None and _access(expected) != _access(admitted)
    return replace(admitted, revision=admitted.revision + changed)


def _access(document: Document) -> tuple[object, ...]:
    return document.readers, answer_readers(document), document.attributes


def _page(documents: list[Document], limit: int, cursor: str | None) -> tuple[list[Document], str | None]:
    if cursor is not None and not cursor.isdigit():
        raise InvalidRequestError("the cursor is not one of ours")
    start = int(cursor or 0)
    more = len(documents) > start + limit
    return documents[start : start + limit], str(start + limit) if more else None


def _sum(old: Mapping[str, float], new: Mapping[str, float]) -> dict[str, float]:
    return {key: old.get(key, 0) + new.get(key, 0) for key in {*old, *new}}
