"""What the kernel lets processes of one user do to each other, taken away on both sides.

A function's environment holds the keys of its role, and processes of the same user may read it (`/proc/<pid>/environ`,
`/proc/<pid>/mem`) unless the function is not to be looked into: then it takes a capability, and a child has none.
"""

from __future__ import annotations

import ctypes
import sys

_PR_SET_DUMPABLE = 4
# Of capset(2): three sets of 64 bits in two words each.
_CAPABILITY_VERSION = 0x20080522
_WORDS = 2 * 3


def close_to_others() -> bool:
    """Let no other process look into this one's memory and environment; whether the kernel did so.

    Programs that it starts begin without this: what must not be seen is not in their environment.
    """
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)


def drop_capabilities() -> bool:
    """Give up, for good, what root may do and nobody else; whether the kernel did so."""
    if sys.platform != "linux":
        return False
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    nothing = (ctypes.c_uint32 * _WORDS)()
    return bool(ctypes.CDLL(None).capset(ctypes.byref(header), ctypes.byref(nothing)) == 0)
