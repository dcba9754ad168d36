"""Reading a file as ingestion does, for the tests of this folder."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import IO

from docqa.adapters.formats.catalogue import MAKERS, SelectingFormat, detector
from docqa.domain.parsing_limits import ParsingLimits
from docqa.models.page import Page

LIMITS = ParsingLimits()


def detect(content: bytes, name: str = "file", limits: ParsingLimits = LIMITS) -> str:
    return detector(limits).detect(io.BytesIO(content), name)


def reader(content: bytes, name: str = "file", limits: ParsingLimits = LIMITS) -> SelectingFormat:
    return MAKERS[detect(content, name, limits)](limits)


def read(content: bytes, name: str = "file", limits: ParsingLimits = LIMITS) -> list[Page]:
    """Every page; one by one and all at once must give the same."""
    document_format, file = reader(content, name, limits), io.BytesIO(content)
    count = document_format.outline(file).pages
    pages = list(document_format.read(file, 1, count))
    assert [page.number for page in pages] == list(range(1, count + 1))
    assert [page for number in range(1, count + 1) for page in document_format.read(file, number, number)] == pages
    for page in pages:
        assert all(0 <= start < end <= len(page.text) for start, end in page.hidden)
    return pages


def title(content: bytes, name: str = "file") -> str:
    return reader(content, name).outline(io.BytesIO(content)).title


def selected(content: bytes, numbers: Sequence[int], name: str = "file") -> bytes:
    """What text extraction is given for these pages."""
    with ExitStack() as stack:
        file: IO[bytes] = stack.enter_context(reader(content, name).select(io.BytesIO(content), numbers))
        return file.read()


def hidden_texts(page: Page) -> list[str]:
    return [page.text[start:end] for start, end in page.hidden]


def archive(members: Mapping[str, bytes | str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return file.getvalue()


def repacked(content: bytes, changes: Mapping[str, bytes | str]) -> bytes:
    """An archive with some of its members replaced, or new ones in it."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        members: dict[str, bytes | str] = {name: packed.read(name) for name in packed.namelist()}
    return archive({**members, **changes})
