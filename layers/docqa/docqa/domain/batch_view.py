"""What is shown of a batch."""

from __future__ import annotations

from docqa.domain.batch_deadlines import has_vanished
from docqa.models.api import FailureView
from docqa.models.batch import Batch, BatchStatus
from docqa.models.batch_api import BatchCountsView, BatchLinks, BatchUpload, BatchView
from docqa.models.inference import Route

VANISHED = FailureView(
    code="DeadlinePassed",
    message="The batch did not end in time, and nobody works on it any more. Send it again: what was answered is kept.",
)
NEVER_CAME = FailureView(code="FileNeverCame", message="The file of questions never came. Send it again.")


def batch_view(
    batch: Batch,
    now: float,
    upload: BatchUpload | None = None,
    links: BatchLinks | None = None,
    lost: FailureView | None = None,
) -> BatchView:
    """The batch as it is now (seconds since the epoch).

    Args:
        batch: On record.
        now: Seconds since the epoch.
        upload: Where its file is awaited.
        links: Where its results are.
        lost: Why nothing comes of it any more, though nothing of that is on record.
    """
    lost = lost or (VANISHED if has_vanished(batch, now) else None)
    failure = FailureView(code=batch.failure.code, message=batch.failure.message) if batch.failure else None
    pace = _pace(batch, now)
    return BatchView(
        batch_id=batch.batch_id,
        status=BatchStatus.FAILED if lost else batch.status,
        counts=BatchCountsView(
            questions=batch.questions,
            searched=batch.searched,
            prompts=batch.prompts,
            answered=batch.counts.answered,
            abstained=batch.counts.abstained,
            failed=batch.counts.failed,
        ),
        created_at=batch.created_at,
        started_at=batch.started_at or None,
        ended_at=batch.ended_at or None,
        within_seconds=batch.within_seconds,
        route=batch.route,
        route_reason=batch.route_reason,
        waits_for_replies=_waits(batch),
        questions_a_second=pace,
        seconds_left=_seconds_left(batch, pace),
        cost_usd=round(batch.counts.usd, 6),
        failure=lost or failure,
        upload=upload,
        links=links,
    )


def _waits(batch: Batch) -> bool:
    by_job = batch.route not in ("", Route.REALTIME)
    return batch.status is BatchStatus.RUNNING and by_job and not batch.answering_since


def _pace(batch: Batch, now: float) -> float | None:
    """Questions a second since they are being answered; None before the first few have been."""
    if not batch.counts.through or not batch.answering_since:
        return None
    seconds = (batch.ended_at or now) - batch.answering_since
    return round(batch.counts.through / seconds, 3) if seconds > 0 else None


def _seconds_left(batch: Batch, pace: float | None) -> float | None:
    if batch.status is not BatchStatus.RUNNING or not pace:
        return None
    return round((batch.questions - batch.counts.through) / pace, 1)
