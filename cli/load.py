"""A bulk load as it goes on: how many documents are where, how fast they end, how long the rest will take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cli.api import Api
from docqa.models.api import DocumentView
from docqa.models.document import DocumentStatus

# The list of documents is eventually consistent: a change may show up after a later one.
OVERLAP_SECONDS = 10.0
# Long enough to be steady, short enough to follow a change of pace.
RATE_SECONDS = 60.0

UNDER_WAY = (DocumentStatus.RECEIVED, DocumentStatus.PROCESSING)


@dataclass
class Load:
    """What is known of the documents that changed since a moment.

    Attributes:
        since: Seconds since the epoch; documents that ended before are not looked at.
    """

    since: float
    views: dict[str, DocumentView] = field(default_factory=dict)

    def update(self, api: Api) -> None:
        """Read what changed since the last time, and nothing else: the list begins with the newest change."""
        newest = max((view.updated_at for view in self.views.values()), default=self.since)
        for view in _changed(api, max(self.since, newest - OVERLAP_SECONDS)):
            self.views[view.document_id] = view

    def counts(self) -> Counter[str]:
        """Documents by status."""
        return Counter(view.status for view in self.views.values())

    @property
    def under_way(self) -> int:
        """Documents that have not ended."""
        counts = self.counts()
        return sum(counts[status] for status in UNDER_WAY)

    def rate(self, now: float) -> float:
        """Documents that ended a second, over the last minute."""
        start = max(now - RATE_SECONDS, self.since)
        ended = sum(view.status not in UNDER_WAY and view.updated_at >= start for view in self.views.values())
        return ended / max(now - start, 1.0)

    def seconds_left(self, now: float) -> float | None:
        """How long the rest takes at this pace; None while nothing ends."""
        rate = self.rate(now)
        return self.under_way / rate if rate else None

    def failed(self) -> list[DocumentView]:
        """Documents that failed, the latest first."""
        found = [view for view in self.views.values() if view.status == DocumentStatus.FAILED]
        return sorted(found, key=lambda view: view.updated_at, reverse=True)


def _changed(api: Api, since: float) -> Iterator[DocumentView]:
    for view in api.documents():
        if view.updated_at < since:
            return
        yield view
