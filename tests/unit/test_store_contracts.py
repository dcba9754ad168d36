from __future__ import annotations

import pytest

from tests.contracts.inference_jobs import InferenceRegistryContract
from tests.contracts.jobs import JobRegistryContract
from tests.contracts.object_store import ObjectStoreContract
from tests.fakes.bucket import VersionedBucket
from tests.fakes.inference_jobs import InMemoryInferenceRegistry
from tests.fakes.jobs import InMemoryJobRegistry


class TestVersionedBucket(ObjectStoreContract):
    @pytest.fixture
    def store(self) -> VersionedBucket:
        return VersionedBucket()


class TestInMemoryJobRegistry(JobRegistryContract):
    @pytest.fixture
    def jobs(self) -> InMemoryJobRegistry:
        return InMemoryJobRegistry()


class TestInMemoryInferenceRegistry(InferenceRegistryContract):
    @pytest.fixture
    def inference(self) -> InMemoryInferenceRegistry:
        return InMemoryInferenceRegistry()
