from __future__ import annotations

import pytest

from tests.contracts.batches import BatchRegistryContract, PartPlaceStoreContract
from tests.contracts.inference_jobs import InferenceRegistryContract
from tests.contracts.jobs import JobRegistryContract
from tests.contracts.ledger import LedgerContract
from tests.contracts.object_store import ObjectStoreContract
from tests.fakes.batches import InMemoryBatchRegistry, InMemoryPartPlaces
from tests.fakes.bucket import VersionedBucket
from tests.fakes.inference_jobs import InMemoryInferenceRegistry
from tests.fakes.jobs import InMemoryJobRegistry
from tests.fakes.ledger import InMemoryLedger


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


class TestInMemoryLedger(LedgerContract):
    @pytest.fixture
    def ledger(self) -> InMemoryLedger:
        return InMemoryLedger()


class TestInMemoryBatchRegistry(BatchRegistryContract):
    @pytest.fixture
    def batches(self) -> InMemoryBatchRegistry:
        return InMemoryBatchRegistry()


class TestInMemoryPartPlaces(PartPlaceStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryPartPlaces:
        return InMemoryPartPlaces()
