"""Names that several parts must compute alike: document ids, index ids, execution names, object keys."""

from __future__ import annotations

import hashlib
import re

SIDECAR_SUFFIX = ".metadata.json"
_HASH = re.compile(r"[0-9a-f]{32}")


def content_id(*parts: str, length: int = 32) -> str:
    """Hex digest of the parts, unambiguous in where one ends and the next begins (SHA-256, cut to `length`)."""
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(f"{len(encoded)}:".encode())
        digest.update(encoded)
    return digest.hexdigest()[:length]


def document_id(bucket: str, key: str) -> str:
    """Id of the document that lives at this key: 32 hex characters, the same in every execution."""
    return content_id("document", bucket, key)


def is_document_id(text: str) -> bool:
    """Whether the text has the form of a document id."""
    return _HASH.fullmatch(text) is not None


def is_batch_id(text: str) -> bool:
    """Whether the text has the form of a batch's id."""
    return _HASH.fullmatch(text) is not None


def chunk_id(document: str, generation: int, ordinal: int) -> str:
    """Index `_id` of a chunk. Ordinals count from 0 within one generation."""
    return f"{document}:{generation}:{ordinal}"


def execution_name(document: str, generation: int, attempt: int) -> str:
    """Name of a state machine execution; a retry is a new attempt, because closed names are refused for 90 days."""
    return f"{document}-{generation}-{attempt}"


def execution_parts(name: str) -> tuple[str, int] | None:
    """Document id and generation of an execution's name; None when `execution_name` did not make it."""
    document, *numbers = name.rsplit("-", 2)
    if len(numbers) != len(("generation", "attempt")) or not all(number.isdecimal() for number in numbers):
        return None
    return document, int(numbers[0])


def is_sidecar(key: str) -> bool:
    """Whether the object at `key` describes another document instead of being one."""
    return key.endswith(SIDECAR_SUFFIX)


def sidecar_key(key: str) -> str:
    """Key of the metadata file that describes the document at `key`."""
    return key + SIDECAR_SUFFIX


def described_key(key: str) -> str:
    """Key of the document that the metadata file at `key` describes."""
    return key.removesuffix(SIDECAR_SUFFIX)


def is_answer_id(text: str) -> bool:
    """Whether the text can be an answer's id: no table need be asked about anything else."""
    return re.fullmatch(r"[A-Za-z0-9_-]{1,128}", text) is not None
