"""Files made to exhaust whoever reads them: small, valid enough to be opened, and endless inside.

Each is made by a function, called when the file is needed; BOMBS has them all with the names they would come under.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

from tests.fakes.bombs import binaries, packages, pdfs, texts


class Bomb(NamedTuple):
    """A file's name, and how it is made."""

    file_name: str
    make: Callable[[], bytes]


_SUFFIXES = {"mail": "eml", "zip": "eml", "markdown": "md"}


def _bombs(*modules: ModuleType) -> dict[str, Bomb]:
    """Every public function of these modules; a name begins with the type of the file."""
    found = {}
    for module in modules:
        for name, make in vars(module).items():
            if callable(make) and make.__module__ == module.__name__ and not name.startswith("_"):
                kind = name.partition("_")[0]
                found[name] = Bomb(f"{name}.{_SUFFIXES.get(kind, kind)}", make)
    return found


BOMBS = _bombs(pdfs, packages, texts, binaries)
