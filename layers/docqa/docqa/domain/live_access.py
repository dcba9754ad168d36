"""Who may read the version that answers, while a newer one is on its way or has failed.

A metadata file speaks of the bytes that it lies beside. What it says once newer bytes are there may be true of those
alone: a redacted version is open to everybody, the one before it was not. So what is said now takes away from the
older version at once, and gives nothing of it until the newer one answers.
"""

from __future__ import annotations

from docqa.domain.expiry import expires_at
from docqa.models.access import TENANT_READERS
from docqa.models.document import Document, LiveAccess


def live_access_after(expected: Document | None, live_version_id: str, version_id: str) -> LiveAccess | None:
    """What holds for the version that answers once these bytes are the newest; None: whatever is said of them.

    Args:
        expected: The document before.
        live_version_id: S3 version of what answers.
        version_id: S3 version of the newest bytes.
    """
    if expected is None or not expected.live_generation or live_version_id == version_id:
        return None
    return expected.live_access or LiveAccess(expected.readers, expires_at(expected.attributes))


def answer_readers(document: Document) -> frozenset[str]:
    """Readers of the version that answers: those that were named for it and still are."""
    if document.live_access is None:
        return document.readers
    return _in_both(document.live_access.readers, document.readers)


def passage_readers(document: Document, generation: int) -> frozenset[str]:
    """Readers that the passages of one version carry in the index."""
    return answer_readers(document) if generation == document.live_generation else document.readers


def _in_both(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """Tokens of those whom both let in: everybody in the tenant is in every group of it."""
    if TENANT_READERS in one:
        return other
    return one if TENANT_READERS in other else one & other
