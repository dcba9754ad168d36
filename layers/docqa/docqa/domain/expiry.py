"""When a document stops answering, as the attribute `expires` of its metadata file says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from docqa.models.document import Document

EXPIRES = "expires"


def expires_at(attributes: Mapping[str, object]) -> float | None:
    """Seconds since the epoch from which the document no longer answers; None: it does not expire.

    An ISO 8601 date (`2027-01-31`: from its first moment on) or date and time (`2027-01-31T17:00:00+01:00`), in UTC
    where no offset is named.

    Raises:
        ValueError, TypeError, OverflowError: the attribute is there and is no such thing.
    """
    stated = attributes.get(EXPIRES)
    if stated is None:
        return None
    if not isinstance(stated, str):
        raise TypeError(f"{EXPIRES} is a date in ISO 8601, in quotes")
    moment = datetime.fromisoformat(stated.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def is_past(attributes: Mapping[str, object], now: float) -> bool:
    """Whether the moment that the attributes name has come; one that cannot be read has."""
    try:
        moment = expires_at(attributes)
    except (ValueError, TypeError, OverflowError):
        return True
    return moment is not None and moment <= now


def may_answer(document: Document, now: float) -> bool:
    """Whether some generation of the document may be used in answers now."""
    return document.answers and not is_past(document.attributes, now) and not _is_live_past(document, now)


def _is_live_past(document: Document, now: float) -> bool:
    """Whether the time of the version that answers is over, whatever was said of a newer one."""
    moment = document.live_access.expires if document.live_access else None
    return moment is not None and moment <= now
