"""Who is asking over HTTP: only what the user pool's authorizer verified."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from docqa.errors import UnauthenticatedError
from docqa.models.access import Principal

# A REST API's authorizer hands a list claim over as "[a b]", "a,b" or a single value.
_GROUP_SEPARATORS = re.compile(r"[,\s]+")


def principal_of(event: Mapping[str, Any]) -> Principal:
    """The caller of an API Gateway proxy event.

    Raises:
        UnauthenticatedError: no verified claims, no subject, or no tenant.
    """
    claims = event.get("requestContext", {}).get("authorizer", {}).get("claims") or {}
    tenant, subject = claims.get("custom:tenant"), claims.get("sub")
    if not tenant or not subject:
        raise UnauthenticatedError("Your sign-in names no tenant; ask the administrator to set one for your account.")
    return Principal(tenant=str(tenant), subject=str(subject), groups=_groups(claims.get("cognito:groups")))


def _groups(claim: object) -> frozenset[str]:
    if claim is None:
        return frozenset()
    if isinstance(claim, list):
        return frozenset(str(group) for group in claim)
    names = _GROUP_SEPARATORS.split(str(claim).strip().removeprefix("[").removesuffix("]"))
    return frozenset(name for name in names if name)
