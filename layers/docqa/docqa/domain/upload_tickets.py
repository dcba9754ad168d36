"""What an upload's ticket says, and whether the upload may replace what was there before it.

The form of a ticket fixes the object's metadata, so that whoever uploads cannot change it. Programs that write to the
bucket with rights of their own need no ticket; their objects carry none of this.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from docqa.domain.readers import EVERYBODY
from docqa.models.api import ReadersBody

OWNER = "owner"
REPLACES = "replaces"
READERS = "readers"
ATTRIBUTES = "attributes"
METADATA_PREFIX = "x-amz-meta-"
# S3 takes 2 KB of metadata in all; the rest is left to the owner and what may be added.
STATED_MAX_CHARACTERS = 1_500

_NEW = "nothing"
_OF = "of:"
# S3 drops metadata without a value. Not the name of a group: the comma cannot be in one.
_NOBODY = ","


def ticket_fields(
    owner: str, replaces: str | None, readers: ReadersBody | None, attributes: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """The form's metadata fields.

    Args:
        owner: Who owns the document then: the holder of the ticket, or whom the document belonged to before.
        replaces: Owner of the document that is there, as the ticket's holder was allowed to replace it; None: none is.
        readers: Who shall read it; None: as the metadata file, or the stack, says.
        attributes: Other attributes of its metadata file; None: as that says.
    """
    fields = {OWNER: owner, REPLACES: _NEW if replaces is None else f"{_OF}{replaces}"}
    if readers is not None:
        fields[READERS] = ",".join([EVERYBODY] * readers.tenant + sorted(set(readers.groups))) or _NOBODY
    if attributes is not None:
        # Encoded, because neither a header nor the form's policy takes every character as it is.
        written = json.dumps(dict(attributes), ensure_ascii=False, separators=(",", ":"))
        fields[ATTRIBUTES] = base64.urlsafe_b64encode(written.encode()).decode()
    return {f"{METADATA_PREFIX}{name}": value for name, value in fields.items()}


def has_ticket(metadata: Mapping[str, str]) -> bool:
    """Whether the object came through a ticket."""
    return REPLACES in metadata


def may_follow(metadata: Mapping[str, str], owner: str) -> bool:
    """Whether an upload may replace a document of this owner: a ticket is only good for the owner it was made for.

    Two tickets for a path where nothing was are both made; the first upload owns the document.
    """
    if not has_ticket(metadata):
        return True
    return (owner != "" and metadata.get(OWNER) == owner) or metadata[REPLACES] == f"{_OF}{owner}"


def owner_after(metadata: Mapping[str, str], owner: str | None) -> str:
    """Who owns a document once this upload is its newest version: its first owner, whoever replaces it.

    A program that writes with rights of its own says itself whose it is, or that it is nobody's.

    Args:
        metadata: Of the upload.
        owner: Before it; None: there was no document, empty: it belonged to nobody.
    """
    stated = metadata.get(OWNER, "")
    return owner if owner and has_ticket(metadata) else stated


def stated_readers(metadata: Mapping[str, str]) -> ReadersBody | None:
    """The readers that the ticket states, if it does."""
    if not has_ticket(metadata) or READERS not in metadata:
        return None
    names = [name for name in metadata[READERS].split(",") if name]
    return ReadersBody(tenant=EVERYBODY in names, groups=[name for name in names if name != EVERYBODY])


def stated_attributes(metadata: Mapping[str, str]) -> dict[str, Any] | None:
    """The other attributes that the ticket states, if it does."""
    if not has_ticket(metadata) or ATTRIBUTES not in metadata:
        return None
    stated: dict[str, Any] = json.loads(base64.urlsafe_b64decode(metadata[ATTRIBUTES]))
    return stated


def stated_characters(fields: Mapping[str, str]) -> int:
    """Of the readers and the attributes in the form's fields, which share the room."""
    return sum(len(fields.get(f"{METADATA_PREFIX}{name}", "")) for name in (READERS, ATTRIBUTES))
