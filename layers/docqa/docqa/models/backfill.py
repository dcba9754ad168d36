"""Documents of another bucket that are taken in, a part after the other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class BackfillStatus(StrEnum):
    """Where it stands. LISTING: objects are counted; RUNNING: they are taken in; PAUSED: no more is until resumed."""

    LISTING = "LISTING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    DONE = "DONE"


@dataclass(frozen=True, slots=True)
class Backfill:
    """A backfill on record.

    Attributes:
        bucket, prefix: Where the documents are.
        tenant: Whose they become.
        into: Path below the tenant that they are put under; empty, or ends with a slash.
        listed: Objects found.
        parts, parts_done: Parts that they are shared out into, and those that are through.
        copied: Objects taken in.
        unchanged: Objects that were there already, with the same bytes.
        refused: Objects that cannot be documents, such as those with impossible names.
        started_at, ended_at: Seconds since the epoch; 0: not yet.
    """

    backfill_id: str
    bucket: str
    prefix: str
    tenant: str
    into: str
    status: BackfillStatus
    started_at: float
    listed: int = 0
    parts: int = 0
    parts_done: int = 0
    copied: int = 0
    unchanged: int = 0
    refused: int = 0
    ended_at: float = 0.0


@dataclass(frozen=True, slots=True)
class SourceObject:
    """An object of the source, as the list tells it: its key, its bytes and its ETag."""

    key: str
    size: int
    etag: str


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BackfillWork(_Frozen):
    """Go on with listing."""

    backfill_id: str


class ListingProgress(_Frozen):
    """How far the list is: when it is complete, the parts are named."""

    complete: bool
    parts: list[int] = Field(default_factory=list)


class PartWork(_Frozen):
    """Go on with a part."""

    backfill_id: str
    part: int = Field(ge=0)


class PartProgress(_Frozen):
    """Whether the part is through, or is to `wait`: enough documents wait, or the backfill is paused."""

    done: bool
    wait: bool = False
