"""A bucket of somebody else's, in memory, and a documents bucket that takes its objects over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from docqa.errors import NotFoundError
from docqa.models.backfill import SourceObject


@dataclass
class InMemorySource:
    """Implements `ports.SourceBucket`."""

    content: dict[str, bytes] = field(default_factory=dict)
    taken: dict[str, bytes] = field(default_factory=dict)
    copies: int = 0

    def objects(self, bucket: str, prefix: str, after: str) -> Iterator[SourceObject]:
        for key in sorted(self.content):
            if key.startswith(prefix) and key > after:
                yield SourceObject(key, len(self.content[key]), hashlib.sha256(self.content[key]).hexdigest())

    def take_over(self, bucket: str, source: SourceObject, key: str) -> bool:
        if source.key not in self.content:
            raise NotFoundError("gone")
        if self.taken.get(key) == self.content[source.key]:
            return False
        self.taken[key] = self.content[source.key]
        self.copies += 1
        return True
