from __future__ import annotations

import pytest

from tests.contracts.feedback import FeedbackStoreContract, Stores
from tests.contracts.questions import QuestionStoreContract
from tests.fakes.answering import InMemoryFeedbackStore, InMemoryQuestionStore


class TestInMemoryQuestionStore(QuestionStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryQuestionStore:
        return InMemoryQuestionStore()


class TestInMemoryFeedbackStore(FeedbackStoreContract):
    @pytest.fixture
    def stores(self) -> Stores:
        questions = InMemoryQuestionStore()
        return Stores(questions, InMemoryFeedbackStore(questions))
