"""The nursery process: it never sees a document, and forks a child for each.

It starts with an empty environment and imports parsers, so that a fork has them at hand. One request at a time: a line
of JSON on the control socket with the descriptors of document and results, answered by how the child ended.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docqa.adapters.sandbox.confinement import close_all_but
from docqa.adapters.sandbox.work import Reader, Request, perform
from docqa.domain.parsing_limits import ParsingLimits

_MAX_DESCRIPTORS = 3
_BLOCK = 65_536
# macOS counts in bytes, Linux in kibibytes.
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def serve(control: int) -> None:
    """Answer requests until the other side closes."""
    connection = socket.socket(fileno=control)
    formats: dict[str, Reader] = {}
    while received := _receive(connection):
        request, descriptors = received
        key = json.dumps([request["format"], request["limits"]])
        if key not in formats:
            formats[key] = _resolve(request["format"])(ParsingLimits(**request["limits"]))
        # What lives here outlives every child: its collector would only copy these pages by marking them.
        gc.freeze()
        started = _resident()
        child = os.fork()
        if child == 0:
            close_all_but(descriptors)
            perform(formats[key], Request.of(request), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        _, status, usage = os.wait4(child, 0)
        ending = {
            "status": os.waitstatus_to_exitcode(status),
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "peak_bytes": usage.ru_maxrss * _MAXRSS_UNIT,
            "start_bytes": started,
        }
        connection.sendall(json.dumps(ending).encode() + b"\n")


def _receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next request and its descriptors; None when there is nobody to send one."""
    line, descriptors = b"", []
    while not line.endswith(b"\n"):
        block, more, _, _ = socket.recv_fds(connection, _BLOCK, _MAX_DESCRIPTORS)
        if not block:
            return None
        line += block
        descriptors += more
    return json.loads(line), descriptors


def _resolve(name: str) -> Callable[[ParsingLimits], Reader]:
    module, _, attribute = name.partition(":")
    maker: Callable[[ParsingLimits], Reader] = getattr(importlib.import_module(module), attribute)
    return maker


def _resident() -> int:
    """Bytes of memory that a child begins with; 0 where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[1]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()
