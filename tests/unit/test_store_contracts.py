from __future__ import annotations

import pytest

from tests.contracts.jobs import JobRegistryContract
from tests.contracts.object_store import ObjectStoreContract
from tests.fakes.jobs import InMemoryJobRegistry
from tests.fakes.object_store import InMemoryObjectStore


class TestInMemoryObjectStore(ObjectStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryObjectStore:
        return InMemoryObjectStore()


class TestInMemoryJobRegistry(JobRegistryContract):
    @pytest.fixture
    def jobs(self) -> InMemoryJobRegistry:
        return InMemoryJobRegistry()
