"""Work that gives way to questions."""

from __future__ import annotations

import os
import sys
import threading

# Beside a thread of the usual 0 it gets about a tenth of a core.
NICENESS = 10


def give_way() -> None:
    """From now on this thread has a core only where no other thread wants it. Linux only: elsewhere nothing happens."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
