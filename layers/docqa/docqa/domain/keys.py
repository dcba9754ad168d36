"""Which object keys can name a document, and whose it is."""

from __future__ import annotations

import re

from docqa import ids
from docqa.errors import InvalidKeyError

# S3's own limit of a key, in UTF-8 bytes.
KEY_MAX_BYTES = 1024
# Anything a person can read, but no slash: it ends the tenant.
_TENANT_MAX_CHARACTERS = 128
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# boto3 and S3 put a form upload's file name in its place: such a key would not be one key.
_PLACEHOLDER = "${filename}"


def is_folder_marker(key: str) -> bool:
    """Whether the key is what consoles write to show an empty folder."""
    return key.endswith("/")


def tenant_of(key: str) -> str:
    """The tenant whose document lives at the key `<tenant>/<path>`.

    Raises:
        InvalidKeyError: the key has no tenant prefix, or cannot name a document.
    """
    tenant, slash, path = key.partition("/")
    if not slash or not tenant or not path:
        raise InvalidKeyError("The key must be <tenant>/<path>: put the file below your tenant's prefix.")
    if len(tenant) > _TENANT_MAX_CHARACTERS:
        raise InvalidKeyError(f"The tenant in the key is longer than {_TENANT_MAX_CHARACTERS} characters.")
    if path.endswith("/"):
        raise InvalidKeyError("The key ends with a slash: give the file a name.")
    if {".", ".."} & set(key.split("/")):
        raise InvalidKeyError("The key has a part '.' or '..', which addresses cannot carry: rename the file.")
    if _CONTROL.search(key):
        raise InvalidKeyError("The key has a control character, which addresses cannot carry: rename the file.")
    if ids.is_sidecar(key):
        raise InvalidKeyError(f"Names that end with {ids.SIDECAR_SUFFIX} are for metadata files: rename the file.")
    return tenant


def has_room_for_sidecar(key: str) -> bool:
    """Whether the key of the metadata file would still be a legal key."""
    return len(ids.sidecar_key(key).encode("utf-8")) <= KEY_MAX_BYTES


def upload_key(tenant: str, path: str) -> str:
    """The key of a document that is uploaded over HTTP: stricter than what an administrator may put into the bucket.

    Raises:
        InvalidKeyError: the path leaves the tenant, or cannot name a document.
    """
    if "" in path.split("/"):
        raise InvalidKeyError("The path must not begin or end with a slash, nor have two in a row.")
    if _PLACEHOLDER in path:
        raise InvalidKeyError(f"The path must not hold {_PLACEHOLDER}: name the file.")
    key = f"{tenant}/{path}"
    try:
        room = has_room_for_sidecar(key)
    except UnicodeEncodeError as error:
        raise InvalidKeyError("The path is not valid Unicode.") from error
    if not room:
        raise InvalidKeyError(f"The path is too long: at most {_path_bytes(tenant)} bytes in UTF-8.")
    if tenant_of(key) != tenant:
        raise InvalidKeyError("The tenant of your account cannot be a prefix in the bucket: ask the administrator.")
    return key


def _path_bytes(tenant: str) -> int:
    return KEY_MAX_BYTES - len(f"{tenant}/{ids.SIDECAR_SUFFIX}".encode())
