from __future__ import annotations

import pytest

from tests.contracts.questions import QuestionStoreContract
from tests.fakes.answering import InMemoryQuestionStore


class TestInMemoryQuestionStore(QuestionStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryQuestionStore:
        return InMemoryQuestionStore()
