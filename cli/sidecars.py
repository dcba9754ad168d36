"""Metadata files beside the files to upload: `report.pdf.metadata.json` says who may read `report.pdf`, and what it is.

The API takes no files but documents, so what such a file states is sent along with its document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.errors import UsageError
from docqa.domain.readers import SIDECAR_MAX_BYTES, read_sidecar
from docqa.ids import described_key, is_sidecar, sidecar_key
from docqa.models.api import ReadersBody


@dataclass(frozen=True)
class Sidecar:
    """What a metadata file states.

    Attributes:
        readers: None: it names none.
        attributes: All others, as they stand in it.
    """

    file: Path
    readers: ReadersBody | None
    attributes: dict[str, Any]


def sidecar_of(file: Path) -> Sidecar | None:
    """The metadata file beside a document, if there is one.

    Raises:
        UsageError: it is broken: the document would be closed.
    """
    beside = file.with_name(sidecar_key(file.name))
    if not beside.is_file():
        return None
    with beside.open("rb") as opened:
        content = opened.read(SIDECAR_MAX_BYTES + 1)
    try:
        readers, attributes = read_sidecar(content)
    except ValueError as error:
        raise UsageError(f"{beside} is no metadata file: {error}. Nothing was uploaded.") from error
    return Sidecar(beside, readers, attributes)


def orphans(files: Sequence[Path]) -> list[Path]:
    """Metadata files of documents that are not among the files."""
    documents = {file.resolve() for file in files}
    return [
        file
        for file in files
        if is_sidecar(file.name) and file.with_name(described_key(file.name)).resolve() not in documents
    ]
