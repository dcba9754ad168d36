"""The processes in which documents are parsed."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from docqa.domain.parsing_limits import ParsingLimits

if TYPE_CHECKING:
    from docqa.adapters.sandbox import Nursery, Sandboxed, SandboxedDetector
    from docqa.ports.reading import DocumentFormat, TypeDetector

LIMITS = ParsingLimits()


def sandboxed(maker: Callable[[ParsingLimits], DocumentFormat]) -> Sandboxed:
    """A format whose parses run in processes of their own."""
    from docqa.adapters.sandbox import Sandboxed

    return Sandboxed(maker, LIMITS, _nursery())


def sandboxed_detector(maker: Callable[[ParsingLimits], TypeDetector]) -> SandboxedDetector:
    """A detector of media types whose looks into a file happen in processes of their own."""
    from docqa.adapters.sandbox import SandboxedDetector

    return SandboxedDetector(maker, LIMITS, _nursery())


@cache
def _nursery() -> Nursery:
    from docqa.adapters.sandbox import Nursery

    nursery = Nursery()
    # Starts beside the rest of the function's cold start.
    nursery.warm()
    atexit.register(nursery.close)
    return nursery
