"""When nobody works on a batch any more that is on record as running, or will on one whose file is awaited."""

from __future__ import annotations

from docqa.models.batch import Batch, BatchStatus

# Within so many seconds of its beginning a batch is shared out into parts: that step is tried again for about an hour.
STARTING_SECONDS = 2 * 3_600.0
# A form is good for minutes, and its file is told of within seconds.
UPLOADING_SECONDS = 3_600.0


def has_vanished(batch: Batch, now: float) -> bool:
    """Whether its execution was never begun, or ended without a word (seconds since the epoch)."""
    if batch.status is not BatchStatus.RUNNING:
        return False
    was_never_begun = not batch.parts and now >= batch.started_at + STARTING_SECONDS
    return was_never_begun or now >= batch.ends_by


def is_overdue(batch: Batch, now: float) -> bool:
    """Whether its file was to be there by now, and nobody has told of it (seconds since the epoch)."""
    return batch.status is BatchStatus.UPLOADING and now >= batch.created_at + UPLOADING_SECONDS
