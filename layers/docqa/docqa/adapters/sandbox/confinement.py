"""What a child may not do: grow, run for ever, fill the disk, start processes, open connections.

Resource limits and system calls are the kernel's business. The audit hook refuses the same to parsers written in
Python, and holds where the kernel has no such filter (macOS, in development).
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from docqa.adapters.sandbox.privileges import drop_capabilities
from docqa.adapters.sandbox.system_calls import refuse_system_calls
from docqa.domain.parsing_limits import ParsingLimits

# The document, the results, the parser's own temporary files and fonts.
_OPEN_FILES = 64
# A child that its parent forgot, because the parent was killed, ends by this multiple of the wall time.
_FORGOTTEN = 2
_FORBIDDEN_EVENTS = frozenset(
    {
        "ctypes.dlopen", "ftplib.connect", "http.client.connect", "imaplib.open", "nntplib.connect", "os.exec",
        "os.fork", "os.forkpty", "os.kill", "os.killpg", "os.posix_spawn", "os.spawn", "os.system", "poplib.connect",
        "pty.spawn", "smtplib.connect", "subprocess.Popen", "syslog.openlog", "telnetlib.Telnet.open",
        "urllib.Request", "webbrowser.open",
    }
)  # fmt: skip


class ForbiddenActionError(PermissionError):
    """A parser tried what no reader of a document has to do. An OSError: as if the machine had no network."""


def confine(limits: ParsingLimits) -> bool:
    """Take away, for good, what reading a document does not need. A limit that the system lacks is skipped.

    Returns:
        Whether the kernel refuses system calls from now on, and not only the interpreter.
    """
    _limit("RLIMIT_CORE", 0)
    # One second after SIGXCPU, which is not caught, comes SIGKILL.
    _limit("RLIMIT_CPU", limits.cpu_seconds, limits.cpu_seconds + 1)
    _limit("RLIMIT_FSIZE", limits.max_decompressed_bytes)
    _limit("RLIMIT_NOFILE", _OPEN_FILES)
    _limit("RLIMIT_NPROC", 0)
    if size := _address_space():
        _limit("RLIMIT_AS", size + limits.memory_bytes)
    # If memory runs out all the same, this process has to go and not the function.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(_FORGOTTEN * limits.wall_seconds)
    drop_capabilities()
    filtered = refuse_system_calls()
    sys.addaudithook(_refuse)
    return filtered


def close_all_but(kept: Iterable[int]) -> None:
    """Close every file descriptor except these and the standard three."""
    lowest = 3
    for descriptor in sorted(kept):
        os.closerange(lowest, descriptor)
        lowest = max(lowest, descriptor + 1)
    os.closerange(lowest, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _limit(name: str, soft: int, hard: int | None = None) -> None:
    kind = getattr(resource, name, None)
    if kind is None:
        return
    ceiling = resource.getrlimit(kind)[1]
    wanted = [value if ceiling == resource.RLIM_INFINITY else min(value, ceiling) for value in (soft, hard or soft)]
    # macOS knows RLIMIT_AS and refuses to lower it.
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (wanted[0], wanted[1]))


def _address_space() -> int:
    """Bytes of address space that this process has already; 0 where the system does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text().split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith("socket.") or event in _FORBIDDEN_EVENTS:
        raise ForbiddenActionError(f"no parser may do this: {event}")
