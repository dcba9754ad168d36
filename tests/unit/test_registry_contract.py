from __future__ import annotations

import pytest

from tests.contracts.registry import RegistryContract
from tests.fakes.registry import InMemoryDocumentRegistry


class TestInMemoryDocumentRegistry(RegistryContract):
    @pytest.fixture
    def registry(self) -> InMemoryDocumentRegistry:
        return InMemoryDocumentRegistry()
