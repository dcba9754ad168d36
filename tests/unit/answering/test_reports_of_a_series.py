"""Questions about reports that come every year are answered from the ones that they mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from docqa.models.chunk import Chunk
from docqa.models.question import Question
from docqa.services.outcomes import Grounds
from docqa.services.reranking import Reranking
from tests.fakes.ledger import InMemoryLedger
from tests.fakes.reranking import InMemoryReranker
from tests.unit.answering.library import ANA, SECONDS, Library
from tests.unit.spending.books import costs

NEWER, OLDER = "Harbour report 2023", "Harbour report 2022"


@pytest.fixture
def library() -> Library:
    """Two passages that answer in the newer report, one in the older."""
    library = Library()
    library.add(NEWER, "The landings of the harbour have changed over time: there were 640 landings in the harbour.")
    again = "Landings of the harbour changed with the new pier of the harbour."
    first = library.search.chunks[-1]
    vector = tuple(library.embeddings.embed_documents([again])[0])
    library.search.chunks.append(replace(first, chunk=Chunk(1, 2, 0, len(again), again), vector=vector))
    library.add(OLDER, "In this year 590 landings were counted.")
    return library


def grounds(library: Library, question: str, reranker: InMemoryReranker | None = None) -> Grounds:
    service = library.answering()
    if reranker is not None:
        service._reranking = Reranking(reranker, service._retrieval, costs(InMemoryLedger(), library.clock))
    deadline = library.clock.now() + SECONDS
    return service.find_grounds(Question(question=question, top_k=2), ANA, "answer-1", deadline)


def test_a_question_over_time_is_answered_from_each_report_and_ranked_as_ever(library: Library) -> None:
    plain = grounds(library, "How have the landings of the harbour changed?")
    over_time = grounds(library, "How have the landings of the harbour changed over time?")

    assert [one.title for one in plain.passages] == [NEWER, NEWER]
    assert [one.title for one in over_time.passages] == [NEWER, OLDER]
    assert [one.title for one in over_time.candidates] == [NEWER, NEWER, OLDER]


def test_a_reranking_model_orders_within_the_reports_and_each_has_its_turn(library: Library) -> None:
    model = InMemoryReranker(score=lambda _, text: float("pier" in text))

    found = grounds(library, "How have the landings of the harbour changed over time?", model)

    assert [(one.title, one.chunk.ordinal) for one in found.passages] == [(NEWER, 1), (OLDER, 0)]
