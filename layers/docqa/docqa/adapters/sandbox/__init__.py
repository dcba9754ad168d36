"""Files of strangers are parsed in a process of their own, which can do nothing but read them.

    function ── starts once ──▶ nursery process      clean: no credentials, no document; parsers imported
       │                             │ fork (some 2 ms)
       │ document, read-only         ▼
       └──────────────────────▶ child, one a parse   limits of memory, time and files; no network, no programs
                ◀── JSON lines ──────┘               a page at a time

sandboxed: the formats as the services know them. nursery: starting, asking and ending processes. endings: what it
means when one ends. server, work, confinement, system_calls: what runs on the other side.
"""

from docqa.adapters.sandbox.nursery import Nursery, Usage
from docqa.adapters.sandbox.sandboxed import Sandboxed, SandboxedDetector

__all__ = ["Nursery", "Sandboxed", "SandboxedDetector", "Usage"]
