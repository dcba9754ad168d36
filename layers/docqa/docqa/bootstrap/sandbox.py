"""The processes in which documents are parsed."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from docqa.domain.parsing_limits import ParsingLimits, SystemCallFilter

if TYPE_CHECKING:
    from docqa.adapters.sandbox import Nursery, Sandboxed, SandboxedDetector
    from docqa.ports.reading import DocumentFormat, TypeDetector

LIMITS = ParsingLimits()


def parsing_limits(kernel: SystemCallFilter) -> ParsingLimits:
    """What reading a file may cost, and what it takes to be read at all."""
    return replace(LIMITS, require_filter=kernel is SystemCallFilter.REQUIRED)


def sandboxed(maker: Callable[[ParsingLimits], DocumentFormat], limits: ParsingLimits = LIMITS) -> Sandboxed:
    """A format whose parses run in processes of their own."""
    from docqa.adapters.sandbox import Sandboxed

    return Sandboxed(maker, limits, _nursery())


def sandboxed_detector(
    maker: Callable[[ParsingLimits], TypeDetector], limits: ParsingLimits = LIMITS
) -> SandboxedDetector:
    """A detector of media types whose looks into a file happen in processes of their own."""
    from docqa.adapters.sandbox import SandboxedDetector

    return SandboxedDetector(maker, limits, _nursery())


@cache
def _nursery() -> Nursery:
    from docqa.adapters.sandbox import Nursery
    from docqa.adapters.sandbox.privileges import close_to_others

    # Before anything is parsed: the environment of this process holds the keys of its role.
    close_to_others()
    nursery = Nursery()
    # Starts beside the rest of the function's cold start.
    nursery.warm()
    atexit.register(nursery.close)
    return nursery
