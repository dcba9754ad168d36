"""The processes that read hostile files."""

from collections.abc import Iterator

import pytest

from docqa.adapters.sandbox import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()
