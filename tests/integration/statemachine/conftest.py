"""The in-process stack for the state machine's tests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from moto import mock_aws

from docqa.bootstrap import clients, spending, stores
from tests.integration.statemachine.machine import MOTO_CONFIG
from tests.integration.statemachine.stack import IngestionStack

MakeStack = Callable[..., IngestionStack]


@pytest.fixture(scope="module", autouse=True)
def fresh_clients() -> Iterator[None]:
    """Clients of other tests know other endpoints; within this module one of each serves every account of moto's."""
    cached = (
        *(clients.client, stores.bucket, stores.registry),
        *(spending.metering, spending.budgets, spending._ledger),
    )
    for one in cached:
        one.cache_clear()
    yield
    for one in cached:
        one.cache_clear()


@pytest.fixture
def make_stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeStack]:
    """Makes a stack in a fresh account."""
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }.items():
        monkeypatch.setenv(name, value)
    # moto prints the whole definition with every error that a state meets.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    with mock_aws(config=MOTO_CONFIG):
        yield partial(IngestionStack, monkeypatch)


@pytest.fixture
def stack(make_stack: MakeStack) -> IngestionStack:
    """A stack for documents that need no extraction."""
    return make_stack()
