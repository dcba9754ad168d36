"""Backfills on record, and the bucket that they read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from docqa.models.backfill import Backfill, BackfillStatus, SourceObject


class BackfillRegistry(Protocol):
    """One item a backfill, one a part. Reads are strongly consistent."""

    def create(self, backfill: Backfill) -> None:
        """Put a new one on record.

        Raises:
            ConflictError: its id is taken.
        """
        ...

    def get(self, backfill_id: str) -> Backfill | None:
        """The backfill, or None."""
        ...

    def list_position(self, backfill_id: str) -> tuple[str, int]:
        """The key after which listing goes on, and how many parts there are so far."""
        ...

    def add_part(self, backfill_id: str, part: int, objects: int, last_key: str) -> None:
        """Note a part that was written; noting it again changes nothing."""
        ...

    def set_status(self, backfill_id: str, status: BackfillStatus, expected: BackfillStatus) -> bool:
        """Change the status, if it still is as expected."""
        ...

    def part_position(self, backfill_id: str, part: int) -> int:
        """How many objects of a part are through."""
        ...

    def advance_part(
        self, backfill_id: str, part: int, position: int, counts: Mapping[str, int], *, done: bool, now: float
    ) -> None:
        """Note how far a part is, counting what was done since (`copied`, `unchanged`, `refused`) once.

        With the last part the backfill is DONE.
        """
        ...


class SourceBucket(Protocol):
    """Where documents come from, and the bucket that takes them."""

    def objects(self, bucket: str, prefix: str, after: str) -> Iterator[SourceObject]:
        """Objects below a prefix, in key order, from after a key.

        Raises:
            ForbiddenError: the bucket may not be read.
            NotFoundError: there is no such bucket.
        """
        ...

    def take_over(self, bucket: str, source: SourceObject, key: str) -> bool:
        """Copy an object to a document's key, unless it was copied with these very bytes before; whether it was now.

        Raises:
            NotFoundError: it is gone from the source.
        """
        ...
