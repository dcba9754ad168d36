"""What decides the outcome of an ingestion: documents, settings, and every source file that a step can reach."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import docqa
import evaluation.local

_LAYER = Path(docqa.__file__).parent.parent
_HERE = Path(evaluation.local.__file__).parent
_REPOSITORY = _HERE.parent.parent
_ROOTS = (
    "docqa.services.ingestion",
    "docqa.bootstrap.sandbox",
    "docqa.adapters.formats.catalogue",
    "docqa.adapters.text_splitter",
    "docqa.adapters.textract",
    "docqa.adapters.opensearch_index",
    "docqa.adapters.opensearch_setup",
    "docqa.adapters.bedrock_embeddings",
)


def ingestion_key(documents: Path, *settings: str) -> str:
    """Sixteen hex digits that change with anything that could change what is in the index."""
    digest = hashlib.sha256()
    for setting in (*settings, code_key()):
        digest.update(f"{len(setting)}:{setting}".encode())
    for path in sorted(path for path in documents.rglob("*") if path.is_file()):
        name = path.relative_to(documents).as_posix()
        digest.update(f"{len(name)}:{name}:{hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return digest.hexdigest()[:16]


@cache
def code_key() -> str:
    """Hash of the source files of ingestion, here and in the layer, of the local models and of the locked libraries."""
    digest = hashlib.sha256()
    files = {file for root in _ROOTS for file in _reached(root)}
    files |= set((_REPOSITORY / "devstack" / "modelserver").rglob("*.py")) | {_HERE / "ingestion.py"}
    files |= set((_REPOSITORY / "requirements").glob("*.txt"))
    for file in sorted(files):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _reached(root: str) -> set[Path]:
    """Source files of the layer that a module or package imports, at once or later, and those that these import."""
    found: set[Path] = set()
    waiting = list(_files(root))
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += [one for name in _imports(file) for one in _module(name)]
    return found


def _files(name: str) -> Iterable[Path]:
    place = _LAYER.joinpath(*name.split("."))
    return place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")]


def _module(name: str) -> Iterator[Path]:
    place = _LAYER.joinpath(*name.split("."))
    yield from (one for one in (place.with_suffix(".py"), place / "__init__.py") if one.is_file())


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
