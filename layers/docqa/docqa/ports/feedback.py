"""What people say about answers, kept."""

from __future__ import annotations

from typing import Protocol

from docqa.models.feedback import FeedbackRecord


class FeedbackStore(Protocol):
    """At most one record an answer: the latest. It goes with its answer, which it lets live on."""

    def record(self, tenant: str, feedback: FeedbackRecord, now: float) -> bool:
        """Keep it; False: the answer is no longer there, or not for good."""
        ...

    def list(self, tenant: str, limit: int, cursor: str | None) -> tuple[list[FeedbackRecord], str | None]:
        """A tenant's feedback, newest first, at most `limit`, and where the next page begins.

        Raises:
            InvalidRequestError: the cursor is none.
        """
        ...
