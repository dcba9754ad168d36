"""Places for parts of batches that are worked on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HeldPlace:
    """A place that a part holds.

    Attributes:
        until: Seconds since the epoch after which nobody works on the part any more, whether that was told or not.
    """

    tenant: str
    until: float


@dataclass(frozen=True, slots=True)
class WaitingTenant:
    """A tenant that was refused a place and got none since.

    Attributes:
        since: Seconds since the epoch when it was refused first.
        until: When it will have asked again (seconds since the epoch); who has not does not wait any more.
    """

    since: float
    until: float


@dataclass(frozen=True, slots=True)
class PartPlaces:
    """Places, and who waits for one.

    Attributes:
        held: By the part's name.
        waiting: By the tenant's name.
    """

    held: Mapping[str, HeldPlace] = field(default_factory=dict)
    waiting: Mapping[str, WaitingTenant] = field(default_factory=dict)
