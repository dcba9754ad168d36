"""What a child does: one parse, its results as lines of JSON.

- `{"kind": media type}`: what a file is
- `{"outline": {...}}`: what a file says of itself
- `{"page": {...}}`: a page
- `{"selected": "itself" | "output"}`: the file as it is, or what was written to the output
- `{"error": [class, message]}`: an error of ours, in words for the owner
- `{"limit": name}`: a limit of ParsingLimits that was reached
- `{"unfiltered": true}`: the kernel took no filter of system calls; nothing follows where the limits require one
- `{"fault": [class, code lines]}`: anything else that was raised; never its message, which may quote the document
- `{"done": true}`: always last; without it the child did not finish
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import traceback
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, NoReturn, Self, cast

from docqa.adapters.sandbox.confinement import confine
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import DocumentError
from docqa.ports.reading import DocumentFormat, PageSelector, TypeDetector

Reader = DocumentFormat | TypeDetector

_BLOCK = 1024 * 1024
# Given back when memory has run out, so that there is some to say so.
_RESERVE_BYTES = 512 * 1024
_FRAMES = 8


@dataclass(frozen=True, slots=True)
class Request:
    """One parse.

    Attributes:
        operation: detect, outline, read or select.
        arguments: The file's name; nothing; the first and last page; the pages to take out.
    """

    operation: str
    arguments: tuple[Any, ...]
    limits: ParsingLimits

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Self:
        """The request in a line of JSON."""
        return cls(fields["operation"], tuple(fields["arguments"]), ParsingLimits(**fields["limits"]))


def perform(reader: Reader, request: Request, document: int, results: int, output: int = -1) -> NoReturn:
    """Parse, tell, and end this process without any of the cleaning up that belongs to the one it was forked from."""
    with os.fdopen(document, "rb") as file, os.fdopen(results, "wb", buffering=_BLOCK) as lines:
        _be_silent()
        filtered = confine(request.limits)
        if not filtered:
            _write(lines, {"unfiltered": True})
        if filtered or not request.limits.require_filter:
            _parse(reader, request, file, lines, output)
        _write(lines, {"done": True})
    os._exit(0)


def _parse(reader: Reader, request: Request, file: IO[bytes], lines: IO[bytes], output: int) -> None:
    reserve = bytearray(_RESERVE_BYTES)
    try:
        for record in _records(reader, request, file, output):
            _write(lines, record)
    except BaseException as error:  # noqa: BLE001 - the end of the process: everything has to be told
        del reserve
        _write(lines, _told(error))


def _records(reader: Reader, request: Request, file: IO[bytes], output: int) -> Iterator[dict[str, Any]]:
    match request.operation:
        case "detect":
            yield {"kind": cast("TypeDetector", reader).detect(file, *request.arguments)}
        case "outline":
            yield {"outline": asdict(cast("DocumentFormat", reader).outline(file))}
        case "read":
            for page in cast("DocumentFormat", reader).read(file, *request.arguments):
                yield {"page": asdict(page)}
        case "select":
            with cast("PageSelector", reader).select(file, request.arguments) as selected:
                if selected is not file:
                    with os.fdopen(output, "wb") as written:
                        shutil.copyfileobj(selected, written, _BLOCK)
            yield {"selected": "itself" if selected is file else "output"}


def _told(error: BaseException) -> dict[str, Any]:
    if isinstance(error, DocumentError):
        return {"error": [type(error).__name__, str(error)]}
    if isinstance(error, MemoryError):
        return {"limit": "memory_bytes"}
    if isinstance(error, RecursionError):
        return {"limit": "max_nesting"}
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return {"limit": "max_decompressed_bytes"}
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    lines = [f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}" for frame in frames]
    return {"fault": [type(error).__name__, lines]}


def _write(lines: IO[bytes], record: dict[str, Any]) -> None:
    # Half a surrogate pair, as broken files have them, is no text: it becomes a question mark.
    lines.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(errors="replace") + b"\n")


def _be_silent() -> None:
    """Native parsers print what they stumble over; a log must hold no text of a document."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
