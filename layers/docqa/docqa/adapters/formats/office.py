"""What the Office formats have in common: damaged files, and parts that refer to each other."""

from __future__ import annotations

import posixpath
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from zipfile import BadZipFile

from docx.opc.exceptions import OpcError
from lxml import etree

from docqa.adapters.formats.archives import Archive
from docqa.adapters.formats.xml_trees import parse_xml
from docqa.errors import MalformedDocumentError

# The libraries were made for files that are as they should be: these are their ways of saying that one is not.
_SIGNS_OF_DAMAGE = (
    OpcError, BadZipFile, zlib.error, etree.XMLSyntaxError, SyntaxError, KeyError, AttributeError, ValueError,
    TypeError, IndexError, EOFError, AssertionError,
)  # fmt: skip


@contextmanager
def damage_stated(what: str) -> Iterator[None]:
    """Errors of the Office libraries in words for the document's owner.

    Raises:
        MalformedDocumentError: instead of them.
    """
    try:
        yield
    except _SIGNS_OF_DAMAGE as error:
        raise MalformedDocumentError(f"The {what} is damaged. Open it, save it again and upload that.") from error


def related_parts(archive: Archive, part: str) -> list[tuple[str, str]]:
    """Kind (the last word of the relationship's type) and name of each part that a part refers to."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.names:
        return []
    found = []
    for relation in parse_xml(archive.read(relations), recover=True):
        target = str(relation.get("Target", ""))
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        if relation.get("TargetMode") != "External" and path in archive.names:
            found.append((str(relation.get("Type", "")).rsplit("/", 1)[-1], path))
    return found
