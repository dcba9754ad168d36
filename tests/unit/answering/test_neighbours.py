"""Sentences that run over the end of a page, or of a passage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from docqa.domain.cuts import goes_on, runs_on
from docqa.errors import ServiceUnavailableError
from docqa.models.chunk import Chunk
from docqa.models.question import Question
from docqa.services.time_limits import CALL_SECONDS
from tests.unit.answering.library import ANA, SECONDS, Library, says

QUESTION = "Who opened the grass runway of Kestrel Hill?"
FIRST = "Kestrel Hill lies on a plain. The grass runway of Kestrel Hill was opened on a wet morning in spring by"
SECOND = "its first owner, the engineer Amelia Hart. Tea was served afterwards in a tent."
PADDING = "Nothing else of note happened in the county."


@pytest.fixture
def library() -> Library:
    """A document whose sentence runs from page 1 to page 2, among others that are found more easily than page 2."""
    library = Library()
    add_pages(library, FIRST, SECOND, PADDING)
    return library


def add_pages(library: Library, *texts: str) -> str:
    identity = library.add("handbook", texts[0])
    (first,) = library.search.chunks
    for page, text in enumerate(texts[1:], start=2):
        library.search.chunks.append(replace(first, chunk=Chunk(page - 1, page, 0, len(text), text)))
    # As if a hundred better ones stood before it: only the first page is found by itself.
    search = library.search.search
    library.search.search = lambda query, limit: search(query, limit)[:1]  # type: ignore[method-assign]
    return identity


def test_a_cut_sentence_is_shown_to_the_model_with_its_other_half(library: Library) -> None:
    chat = says("The grass runway was opened by the engineer Amelia Hart [2].")

    answer = library.ask(QUESTION, chat=chat).answer

    (prompt,) = chat.prompts
    assert prompt.index(FIRST) < prompt.index(SECOND)
    assert PADDING not in prompt
    assert library.search.fetched == [[(answer.citations[0].document_id, 1, 1)]]
    assert library.is_verbatim(answer)


def test_the_other_half_may_be_quoted(library: Library) -> None:
    grounds = library.answering().find_grounds(
        Question(question=QUESTION), ANA, "answer-1", library.clock.now() + SECONDS
    )

    assert "its first owner, the engineer Amelia Hart." in {evidence.text for evidence in grounds.evidence}
    assert len(grounds.passages) == 1


def test_a_neighbour_of_another_version_is_none(library: Library) -> None:
    """Promise 15: halves of two versions never stand together."""
    second = library.search.chunks[1]
    library.search.chunks[1] = replace(second, generation=2)
    chat = says("NO ANSWER")

    library.ask(QUESTION, chat=chat)

    assert SECOND not in chat.prompts[0]


def test_a_neighbour_that_the_caller_may_not_search_is_none(library: Library) -> None:
    """Promise 42: the filter holds for neighbours, too."""
    library.search.chunks[1] = replace(library.search.chunks[1], readers=frozenset({"group:board"}))
    chat = says("NO ANSWER")

    library.ask(QUESTION, chat=chat)

    assert SECOND not in chat.prompts[0]


def test_whole_sentences_need_no_neighbours() -> None:
    library = Library()
    add_pages(library, "The grass runway of Kestrel Hill was opened by Amelia Hart.", SECOND)

    library.ask(QUESTION)

    assert library.search.fetched == []


@pytest.mark.parametrize("trouble", ["away", "late"])
def test_passages_do_without_neighbours_that_cannot_be_had(library: Library, trouble: str) -> None:
    """Promise 39: what would only make an answer better does not make it fail."""

    def fail(*_: object) -> list[object]:
        raise ServiceUnavailableError("search")

    if trouble == "away":
        library.search.fetch = fail  # type: ignore[assignment,method-assign]
    else:
        registry = library.registry.get_many
        library.registry.get_many = slowly(library, registry)  # type: ignore[method-assign]
    chat = says("NO ANSWER")

    library.ask(QUESTION, chat=chat)

    assert FIRST in chat.prompts[0]
    assert SECOND not in chat.prompts[0]


def slowly(library: Library, get_many: Callable[..., object]) -> Callable[..., object]:
    def get(*arguments: object) -> object:
        found = get_many(*arguments)
        library.clock.time += SECONDS - CALL_SECONDS + 1
        return found

    return get


def test_a_document_that_was_closed_has_no_neighbours(library: Library) -> None:
    """Promise 43: they are fetched only of versions that the registry has just allowed."""
    library.change(next(iter(library.registry.documents)), readers=frozenset())

    assert library.ask(QUESTION).answer.citations == ()
    assert library.search.fetched == []


@pytest.mark.parametrize(
    ("text", "open_end"),
    [
        ("It was opened on a wet morning by", True),
        ("The board, the members, and all the guests,", True),
        ("It was opened in spring.", False),
        ("Page 12", False),
        ("| a row | of a table | with many words and", False),
        ("# A heading of quite some length and", False),
        ("", False),
    ],
)
def test_a_text_that_ends_in_the_middle_of_a_sentence(text: str, open_end: bool) -> None:
    assert runs_on(text) is open_end
    assert goes_on("its first owner") is True
    assert goes_on("Its first owner") is goes_on("") is goes_on("12 owners") is False
