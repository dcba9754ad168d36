"""moto's account: empty for each test, while its clients come from one session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from moto import mock_aws

from tests.integration.quick_moto import quick_moto


@contextmanager
def account(monkeypatch: pytest.MonkeyPatch, region: str, config: Mapping[str, Any] | None = None) -> Iterator[None]:
    """An empty account, with this region as the default one.

    Args:
        config: moto's own settings.
    """
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    settings: Any = config or {}
    with mock_aws(config=settings), patch("boto3.DEFAULT_SESSION", _session(region)), quick_moto():
        yield


@cache
def _session(region: str) -> boto3.Session:
    """A session keeps botocore's descriptions of the services; to read them for each test takes as long as the test."""
    return boto3.Session("testing", "testing", region_name=region)
