"""Documents of another bucket are taken in as fast as the pipeline works them off, and no faster."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import islice

from docqa import ids
from docqa.domain import keys
from docqa.errors import InvalidKeyError, NotFoundError
from docqa.models.backfill import Backfill, BackfillStatus, ListingProgress, PartProgress, SourceObject
from docqa.ports.backfills import BackfillRegistry, SourceBucket
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore

# A copy takes some 50 ms: a part is taken in within a minute where nothing makes it wait.
PART_OBJECTS = 1_000
# Between two looks at the line, and at whether somebody paused it.
STRIDE = 25


def part_key(backfill: Backfill, part: int) -> str:
    """Where the objects of a part are listed, in the work bucket."""
    return f"{backfill.tenant}/backfills/{backfill.backfill_id}/{part:06d}.json"


@dataclass(frozen=True, slots=True)
class ListBackfill:
    """Shares the objects of the source out into parts.

    Attributes:
        seconds: How long one call goes on.
    """

    registry: BackfillRegistry
    source: SourceBucket
    work: ObjectStore
    clock: Clock
    seconds: float

    def run(self, backfill_id: str) -> ListingProgress:
        """Go on listing.

        Raises:
            NotFoundError: no such backfill, or bucket.
            ForbiddenError: the source may not be read.
        """
        backfill = _find(self.registry, backfill_id)
        until = self.clock.now() + self.seconds
        after, part = self.registry.list_position(backfill_id)
        found = self.source.objects(backfill.bucket, backfill.prefix, after)
        while objects := list(islice(found, PART_OBJECTS)):
            body = json.dumps([asdict(one) for one in objects], ensure_ascii=False).encode()
            self.work.write(part_key(backfill, part), body, "application/json")
            self.registry.add_part(backfill_id, part, len(objects), objects[-1].key)
            part += 1
            if self.clock.now() >= until:
                return ListingProgress(complete=False)
        status = BackfillStatus.RUNNING if part else BackfillStatus.DONE
        self.registry.set_status(backfill_id, status, BackfillStatus.LISTING)
        return ListingProgress(complete=True, parts=list(range(part)))


@dataclass(frozen=True, slots=True)
class FeedBackfill:
    """Takes a part's objects in, while the tenant's line of waiting documents is short enough.

    Attributes:
        line: Documents that may wait: enough for batches, and few enough to stop soon after a pause.
        seconds: How long one call goes on.
    """

    registry: BackfillRegistry
    documents: DocumentRegistry
    source: SourceBucket
    work: ObjectStore
    clock: Clock
    line: int
    seconds: float

    def run(self, backfill_id: str, part: int) -> PartProgress:
        """Go on with a part.

        Raises:
            NotFoundError: no such backfill.
        """
        backfill = _find(self.registry, backfill_id)
        until = self.clock.now() + self.seconds
        position = self.registry.part_position(backfill_id, part)
        objects = [SourceObject(**one) for one in json.loads(self.work.read(part_key(backfill, part)))]
        while position < len(objects):
            if self._must_wait(backfill):
                return PartProgress(done=False, wait=True)
            stride = objects[position : position + STRIDE]
            counts = Counter(self._take_over(backfill, one) for one in stride)
            position += len(stride)
            done = position == len(objects)
            self.registry.advance_part(backfill_id, part, position, counts, done=done, now=self.clock.now())
            if self.clock.now() >= until and not done:
                return PartProgress(done=False)
        return PartProgress(done=True)

    def _must_wait(self, backfill: Backfill) -> bool:
        if _find(self.registry, backfill.backfill_id).status is BackfillStatus.PAUSED:
            return True
        return self.documents.waiting_of(backfill.tenant, self.clock.now(), self.line) >= self.line

    def _take_over(self, backfill: Backfill, source: SourceObject) -> str:
        key = f"{backfill.tenant}/{backfill.into}{source.key.removeprefix(backfill.prefix).lstrip('/')}"
        if len(key.encode()) > keys.KEY_MAX_BYTES:
            return "refused"
        try:
            keys.tenant_of(ids.described_key(key))
            return "copied" if self.source.take_over(backfill.bucket, source, key) else "unchanged"
        except (InvalidKeyError, NotFoundError):
            return "refused"


def _find(registry: BackfillRegistry, backfill_id: str) -> Backfill:
    backfill = registry.get(backfill_id)
    if backfill is None:
        raise NotFoundError(f"there is no backfill {backfill_id}")
    return backfill
