"""The system calls that a child is refused by the kernel, whoever makes them: a native parser, or an exploit in one.

A filter of Linux's seccomp, as seccomp(2) describes it: a program of classic BPF that sees each call's number. It needs
no privilege, is inherited, and cannot be taken off. Elsewhere than on Linux there is none.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys

_PR_SET_NO_NEW_PRIVS = 38
_PR_SET_SECCOMP = 22
_SECCOMP_MODE_FILTER = 2
_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000 | errno.EACCES
# Of the instruction set: load a word, jump if equal, jump if greater or equal, return.
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
# Where the kernel shows the program a call's number and architecture.
_NUMBER, _ARCHITECTURE = 0, 4
# x86-64 knows each call a second time, under numbers from here on (the x32 ABI).
_SECOND_NUMBERS = 0x40000000

# The architecture's constant, then: connections (io_uring can open them too), other programs, other processes' memory.
_CALLS = {
    "x86_64": (
        0xC000003E,
        {
            "socket": 41, "connect": 42, "io_uring_setup": 425,
            "execve": 59, "execveat": 322,
            "kill": 62, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "socket": 198, "connect": 203, "io_uring_setup": 425,
            "execve": 221, "execveat": 281,
            "kill": 129, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
        },
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def refuse_system_calls() -> bool:
    """Refuse them to this process from now on, with "permission denied"; whether the kernel took the filter."""
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        return False
    libc = ctypes.CDLL(None)
    program = _program(*_CALLS[platform.machine()])
    filled = _Program(len(program) // 8, program)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(filled), 0, 0) == 0)


def _program(architecture: int, calls: dict[str, int]) -> bytes:
    """Instructions: refuse what is of another architecture or is listed, allow the rest."""
    numbers = sorted(calls.values())
    # A jump names how many instructions to skip; the last two are "allow" and "refuse".
    to_refuse = len(numbers) + 1
    return b"".join(
        [
            _instruction(_LOAD, _ARCHITECTURE),
            _instruction(_IF_EQUAL, architecture, otherwise=to_refuse + 2),
            _instruction(_LOAD, _NUMBER),
            _instruction(_IF_AT_LEAST, _SECOND_NUMBERS, then=to_refuse),
            *(_instruction(_IF_EQUAL, number, then=to_refuse - at) for at, number in enumerate(numbers, start=1)),
            _instruction(_RETURN, _ALLOW),
            _instruction(_RETURN, _REFUSE),
        ]
    )


def _instruction(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)
