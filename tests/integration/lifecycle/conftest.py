from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.account import account
from tests.integration.lifecycle.stack import REGION, ROOT, LifecycleStack, forget_clients


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[LifecycleStack]:
    """A fresh account with the stack in it."""
    forget_clients()
    with account(monkeypatch, REGION):
        yield LifecycleStack(monkeypatch)
    forget_clients()


@pytest.fixture
def sample() -> Callable[[str], dict[str, Any]]:
    """A sample of events/ by its name."""

    def read(name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text())
        return content

    return read
