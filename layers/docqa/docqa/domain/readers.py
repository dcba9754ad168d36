"""Who may read a document, as its metadata file says. In doubt it is closed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from docqa.domain.expiry import EXPIRES, expires_at, is_past, may_answer
from docqa.domain.live_access import answer_readers
from docqa.models.access import TENANT_READERS, Principal, group_reader
from docqa.models.api import ReadersBody
from docqa.models.document import Document, DocumentStatus

Attribute: TypeAlias = str | float | bool | list[str]

# The limit that Bedrock Knowledge Bases, whose convention this is, puts on a metadata file.
SIDECAR_MAX_BYTES = 10 * 1024
# As many as `models.api.ReadersBody` takes.
GROUPS_MAX = 50
EVERYBODY = "*"
_ATTRIBUTES = "metadataAttributes"
_GROUPS = "groups"
_GROUP = re.compile(r"[A-Za-z0-9_.@-]{1,128}")
_GROUP_TOKEN = group_reader("")
# What the registry's numbers can hold.
_SMALLEST, _LARGEST = 1e-120, 1e120


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read a document, and what else its metadata file says.

    Attributes:
        described: There is a metadata file, or there was one.
    """

    readers: frozenset[str] = frozenset()
    attributes: dict[str, Attribute] = field(default_factory=dict)
    described: bool = False


CLOSED = Access(described=True)


def access_without_sidecar(described: bool, default: frozenset[str]) -> Access:
    """Access while there is no metadata file: the stack's default, or closed when one existed before."""
    return CLOSED if described else Access(readers=default)


def access_of(sidecar: bytes, default: frozenset[str]) -> Access:
    """Access as a metadata file states it; a broken one closes the document.

    Args:
        sidecar: `{"metadataAttributes": {"groups": ["finance"], ...}}`; the group "*" is everybody in the tenant. An
            attribute `expires` that is no date breaks the file: a typing mistake must not keep a document open.
        default: Readers when the file states no `groups`.
    """
    try:
        attributes = _attributes(sidecar)
        groups = attributes.pop(_GROUPS, None)
        readers = default if groups is None else _readers(groups)
        expires_at(attributes)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return CLOSED
    return Access(readers, attributes, described=True)


def read_sidecar(sidecar: bytes) -> tuple[ReadersBody | None, dict[str, Any]]:
    """What a metadata file states: its readers (None: it names none), and its other attributes as they stand in it.

    Raises:
        ValueError: it is broken, and would close its document; says why.
    """
    try:
        content = json.loads(sidecar.decode("utf-8-sig"))
        written = content.get(_ATTRIBUTES) if isinstance(content, dict) else None
        if not isinstance(written, dict):
            raise ValueError(f'it is not of the form {{"{_ATTRIBUTES}": {{"name": value}}}}')  # noqa: TRY004 - one kind of error
        attributes = _attributes(sidecar)
        groups = attributes.pop(_GROUPS, None)
        readers = None if groups is None else readers_body(_readers(groups))
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError("an attribute is a string, a number, a boolean or a list of strings") from error
    try:
        expires_at(attributes)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(f'{EXPIRES} is a date in ISO 8601, in quotes, e.g. "2027-01-31"') from error
    return readers, {name: value for name, value in written.items() if name != _GROUPS}


def sidecar_of(attributes: Mapping[str, Any]) -> bytes:
    """A metadata file with these attributes."""
    return json.dumps({_ATTRIBUTES: dict(attributes)}, ensure_ascii=False).encode("utf-8", "surrogatepass")


def sidecar_with(
    existing: bytes | None, body: ReadersBody | None, attributes: Mapping[str, Any] | None = None
) -> bytes:
    """A metadata file with other readers, other attributes, or both.

    Args:
        existing: As it was; of a broken one nothing stays, and it goes on naming no readers until some are given.
        body: Readers; None: they stay.
        attributes: All besides the readers; None: they stay.
    """
    is_sound = existing is not None and _is_sound(existing)
    kept = json.loads(existing.decode("utf-8-sig"))[_ATTRIBUTES] if existing is not None and is_sound else {}
    groups = {_GROUPS: kept[_GROUPS]} if _GROUPS in kept else {}
    if body is not None:
        groups = {_GROUPS: [EVERYBODY] * body.tenant + sorted(set(body.groups))}
    elif existing is not None and not is_sound:
        groups = {_GROUPS: []}
    return sidecar_of({**(kept if attributes is None else attributes), **groups})


def readers_body(readers: frozenset[str]) -> ReadersBody:
    """Reader tokens as the API shows them."""
    groups = sorted(token.removeprefix(_GROUP_TOKEN) for token in readers if token.startswith(_GROUP_TOKEN))
    return ReadersBody(tenant=TENANT_READERS in readers, groups=groups)


def may_write(principal: Principal, tenant: str, owner: str, admin_group: str) -> bool:
    """Whether the caller may replace, delete or share a document: its owner, or an administrator of its tenant."""
    if principal.tenant != tenant:
        return False
    return (owner != "" and owner == principal.subject) or (admin_group != "" and admin_group in principal.groups)


def may_see(principal: Principal, document: Document, admin_group: str, now: float) -> bool:
    """Whether the caller may know that the document exists: its readers until it expires, and those who may write it.

    Args:
        principal: Who asks.
        document: About what.
        admin_group: Members of it may write every document of their tenant.
        now: Seconds since the epoch.
    """
    if document.status is DocumentStatus.DELETED:
        return False
    expired = document.status is DocumentStatus.EXPIRED or is_past(document.attributes, now)
    return (not expired and principal.may_read(document.tenant, document.readers)) or may_write(
        principal, document.tenant, document.owner, admin_group
    )


def may_open(principal: Principal, document: Document, admin_group: str, now: float) -> bool:
    """Whether the caller may read the file of the version that answers. Arguments as of `may_see`."""
    return (may_answer(document, now) and principal.may_read(document.tenant, answer_readers(document))) or may_write(
        principal, document.tenant, document.owner, admin_group
    )


def _is_sound(sidecar: bytes) -> bool:
    try:
        _attributes(sidecar)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        return False
    return True


def _attributes(sidecar: bytes) -> dict[str, Attribute]:
    if len(sidecar) > SIDECAR_MAX_BYTES:
        raise ValueError(f"larger than {SIDECAR_MAX_BYTES} bytes")
    stated = json.loads(sidecar.decode("utf-8-sig"), parse_constant=_refuse)[_ATTRIBUTES]
    return {_name(name): _value(value) for name, value in stated.items()}


def _name(name: str) -> str:
    if not name:
        raise ValueError("an attribute without a name")
    return name


def _value(value: Any) -> Attribute:
    if isinstance(value, Mapping):  # the longer form: {"value": {"type": "STRING", "stringValue": "..."}}
        inner = value["value"]
        (value,) = (inner[name] for name in inner if name != "type")
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return _number(float(value))
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return list(value)
    raise TypeError("an attribute is a string, a number, a boolean or a list of strings")


def _number(value: float) -> float:
    if math.isfinite(value) and (value == 0 or _SMALLEST < abs(value) < _LARGEST):
        return value
    raise ValueError("a number that cannot be stored")


def _readers(groups: Attribute) -> frozenset[str]:
    if not isinstance(groups, list) or len(groups) > GROUPS_MAX + 1:
        raise ValueError(f"groups is a list of at most {GROUPS_MAX} names")
    named = [group for group in groups if group != EVERYBODY]
    if len(set(named)) > GROUPS_MAX or not all(_GROUP.fullmatch(group) for group in named):
        raise ValueError("not the name of a group")
    return frozenset({group_reader(group) for group in named} | ({TENANT_READERS} if EVERYBODY in groups else set()))


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON number")
