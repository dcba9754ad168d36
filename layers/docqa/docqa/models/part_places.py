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
class PartPlaces:
    """Places, and who waits for one.

    Attributes:
        held: By the part's name.
        waiting: Tenants that were refused, and when they will have asked again (seconds since the epoch).
    """

    held: Mapping[str, HeldPlace] = field(default_factory=dict)
    waiting: Mapping[str, float] = field(default_factory=dict)
