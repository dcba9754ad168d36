"""The sweep that compares bucket and registry, in both directions, should an event have been lost.

It compares in batches and changes nothing itself: what differs is named in a message of the ingest queue, as if its
event came late. So a key that cannot be handled ends in that queue's dead letters and stops nobody else, and many
differences are worked on side by side. What was kept of failed versions for long enough is named to house-keeping.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from docqa import ids
from docqa.domain import keys
from docqa.domain.expiry import is_past
from docqa.domain.kept_results import is_over
from docqa.domain.sweep_progress import Phase, SweepProgress, next_progress
from docqa.errors import InvalidKeyError, RetryableError
from docqa.models.document import GONE, Document, StoredObject
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.messages import WorkQueue
from docqa.ports.objects import ObjectStore

# Objects whose documents are read together, and documents whose objects are looked for together.
PAGE = 500
LOOKERS = 8
# From the beginning of a sweep to the next one's, a little less than a day so that it does not wander.
PAUSE_SECONDS = 23 * 3600.0
# S3's clock is not ours, and an event may have been on its way when the last sweep began.
MARGIN_SECONDS = 3600.0
# What was removed in these days is looked at again, so that a clean-up that got lost is started anew.
REMOVED_SECONDS = 7 * 86400.0
# So many objects of one page that cannot be asked for are no longer theirs, but S3's fault.
FAULTS_MAX = 10


@dataclass(slots=True)
class SweepCounts:
    """What a run did; `asked` are the keys that were handed to receipt."""

    objects: int = 0
    documents: int = 0
    asked: int = 0
    refused: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class BucketSweep:
    """Finds what no event told, page by page; each run goes on where the last one stopped."""

    objects: ObjectStore
    registry: DocumentRegistry
    ingest: WorkQueue
    maintenance: WorkQueue
    clock: Clock
    name: str = "bucket"

    def run(self, seconds: float) -> SweepCounts:
        """Sweep for that long, or to the end; nothing while the last sweep is not a day old.

        Raises:
            RetryableError: a service failed; the next run begins with the page at which it did.
        """
        counts = SweepCounts()
        until = self.clock.now() + seconds
        progress = next_progress(self.registry.sweep_position(self.name), self.clock.now(), PAUSE_SECONDS)
        while progress is not None and progress.phase is not Phase.FINISHED and self.clock.now() < until:
            step = self._objects if progress.phase is Phase.OBJECTS else self._documents
            progress = step(progress, until, counts)
        counts.finished = progress is None or progress.phase is Phase.FINISHED
        return counts

    def _objects(self, progress: SweepProgress, until: float, counts: SweepCounts) -> SweepProgress:
        """Every object against the registry, as far as the time reaches."""
        for page in _pages(self.objects.latest_versions(progress.after)):
            for key in self._unlike(page, progress.since - MARGIN_SECONDS, counts):
                self._ask(key, counts)
            counts.objects += len(page)
            progress = self._keep(progress.at(page[-1].key))
            if self.clock.now() >= until:
                return progress
        return self._keep(progress.enter(Phase.DOCUMENTS))

    def _unlike(self, page: Sequence[StoredObject], since: float, counts: SweepCounts) -> Iterator[str]:
        """Keys of documents that are not as the page shows them, or whose metadata file is new."""
        known = self.registry.get_many(ids.document_id(self.objects.bucket, one.key) for one in page)
        for one in page:
            if ids.is_sidecar(one.key):
                if one.modified_at >= since and _names_document(ids.described_key(one.key)):
                    yield ids.described_key(one.key)
            elif not _names_document(one.key):
                counts.refused += 1  # told when it was written; a sweep does not tell it every day
            elif self._differs(one, known.get(ids.document_id(self.objects.bucket, one.key))):
                yield one.key

    def _differs(self, stored: StoredObject, document: Document | None) -> bool:
        if not stored.version_id:  # deleted
            return document is not None and document.status not in GONE
        if document is None or document.version_id != stored.version_id:
            return True
        past = is_past(document.attributes, self.clock.now())
        return (document.status in GONE) is not past

    def _documents(self, progress: SweepProgress, until: float, counts: SweepCounts) -> SweepProgress:
        """Every document against the bucket, as far as the time reaches."""
        while self.clock.now() < until:
            documents, cursor = self.registry.all_documents(PAGE, progress.after or None)
            mine = [one for one in documents if one.bucket == self.objects.bucket]
            for key in self._missing([one for one in mine if self._lives_on(one)]):
                self._ask(key, counts)
            for document in filter(self._is_over, mine):
                self.maintenance.send({"document_id": document.document_id})
            counts.documents += len(documents)
            progress = self._keep(progress.enter(Phase.FINISHED) if cursor is None else progress.at(cursor))
            if cursor is None:
                break
        return progress

    def _missing(self, documents: Sequence[Document]) -> list[str]:
        """Keys of documents whose object, or whose metadata file, cannot be found, and of those just removed."""
        with ThreadPoolExecutor(LOOKERS) as pool:
            found = list(pool.map(self._is_there, documents))
        faults = [fault for fault in found if isinstance(fault, RetryableError)]
        if len(faults) > FAULTS_MAX:
            raise faults[0]
        return [document.key for document, there in zip(documents, found, strict=True) if there is not True]

    def _is_there(self, document: Document) -> bool | RetryableError:
        if document.status in GONE:
            return False
        try:
            if self.objects.head(document.key) is None:
                return False
            closed = not document.described or not document.readers
            return closed or self.objects.head(ids.sidecar_key(document.key)) is not None
        except RetryableError as fault:
            return fault

    def _lives_on(self, document: Document) -> bool:
        """Whether there may be something of it left to hide or to remove."""
        return document.status not in GONE or self.clock.now() - document.updated_at < REMOVED_SECONDS

    def _is_over(self, document: Document) -> bool:
        """Whether what its failed version paid for is to be removed; told for some days, as a removal is."""
        now = self.clock.now()
        return is_over(document, now) and not is_over(document, now - REMOVED_SECONDS)

    def _ask(self, key: str, counts: SweepCounts) -> None:
        self.ingest.send({"detail": {"bucket": {"name": self.objects.bucket}, "object": {"key": key}}})
        counts.asked += 1

    def _keep(self, progress: SweepProgress) -> SweepProgress:
        self.registry.set_sweep_position(self.name, progress.model_dump_json())
        return progress


def _pages(objects: Iterator[StoredObject]) -> Iterator[list[StoredObject]]:
    while page := list(islice(objects, PAGE)):
        yield page


def _names_document(key: str) -> bool:
    try:
        keys.tenant_of(key)
    except InvalidKeyError:
        return False
    return True
