"""What it means for a document when its parse did not go well."""

from __future__ import annotations

import signal

from docqa import errors
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import DocumentError, MalformedDocumentError, ParserFaultError, ParsingLimitError

_MESSAGE_MAX_CHARACTERS = 1_000
# Ends of a native parser that writes where it must not, or finds itself in a state that cannot be.
_CRASHES = frozenset(
    {signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGABRT, signal.SIGFPE, signal.SIGTRAP, signal.SIGSYS}
)
# An allocation that fails crashes some native parsers; who was this near to the limit has reached it.
_NEARLY_ALL = 0.8
_REMEDY = {
    "max_pages": "Split it and upload the parts.",
    "max_page_characters": "Split it and upload the parts.",
    "max_total_characters": "Split it and upload the parts.",
    "max_decompressed_bytes": "Unpack it and upload what is inside, or save it with smaller pictures.",
    "max_nesting": "Print it to PDF and upload that.",
    "memory_bytes": "Split it, or print it to a new PDF and upload that.",
    "cpu_seconds": "Split it, or print it to a new PDF and upload that.",
    "wall_seconds": "Split it, or print it to a new PDF and upload that.",
}


def limit_reached(name: str, limits: ParsingLimits) -> ParsingLimitError:
    """The error of a limit, by the limit's name."""
    words = {
        "max_pages": f"gave more than {limits.max_pages:,} pages at once",
        "max_page_characters": f"gave a page of more than {limits.max_page_characters:,} characters",
        "max_total_characters": f"gave more than {limits.max_total_characters:,} characters at once",
        "max_decompressed_bytes": f"unpacked to more than {_megabytes(limits.max_decompressed_bytes)}",
        "max_nesting": "went too deep: its parts are nested in each other more often than in any real document",
        "memory_bytes": f"took more than {_megabytes(limits.memory_bytes)} of memory",
        "cpu_seconds": f"took more than {limits.cpu_seconds} seconds of computing",
        "wall_seconds": f"took longer than {limits.wall_seconds} seconds",
    }
    return ParsingLimitError(f"Reading the file {words[name]}, so it was stopped. {_REMEDY[name]}")


def own_error(name: str, message: str) -> DocumentError:
    """An error of ours that was raised inside; only those that are about documents are believed."""
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, DocumentError)):
        raise TypeError(f"a child told of an error that is not about a document: {name!r}")
    return kind(message[:_MESSAGE_MAX_CHARACTERS])


def parser_fault(name: str, frames: tuple[str, ...]) -> ParserFaultError:
    """The error of a parser that stumbled in a way nobody foresaw."""
    return ParserFaultError(
        f"docqa's reader for this type of file stumbled over it ({name}). Open it in its own program and save it anew, "
        "or print it to PDF, and upload that. If it fails again, give the operator the document's id.",
        frames=frames,
    )


def ended_by_signal(number: int, grown_bytes: int, limits: ParsingLimits) -> DocumentError | None:
    """The error of a child that a signal ended; None for a signal from outside, which says nothing of the file."""
    if number == signal.SIGXCPU:
        return limit_reached("cpu_seconds", limits)
    if number == signal.SIGALRM:
        return limit_reached("wall_seconds", limits)
    if number in _CRASHES and grown_bytes > _NEARLY_ALL * limits.memory_bytes:
        return limit_reached("memory_bytes", limits)
    if number in _CRASHES:
        return MalformedDocumentError(
            "The file made its reader crash: it is damaged, or made to do so. "
            "Open it in its own program and save it anew, or print it to PDF, and upload that."
        )
    return None


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"
