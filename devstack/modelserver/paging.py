"""Long lists in several answers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from devstack.modelserver.aws_errors import AwsError

Item = TypeVar("Item")


def page(items: Sequence[Item], token: str | None, size: int, bad_token: AwsError) -> tuple[Sequence[Item], str | None]:
    """The items after those that the token stands for, and the token of the rest.

    Raises:
        AwsError: `bad_token`.
    """
    try:
        start = int(base64.urlsafe_b64decode(token)) if token else 0
    except (binascii.Error, ValueError) as error:
        raise bad_token from error
    end = start + size
    return items[start:end], base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(items) else None
