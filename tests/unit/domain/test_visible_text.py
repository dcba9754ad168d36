"""What a reader of the page cannot see."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from docqa.adapters.text_splitter import LangChainSplitter
from docqa.domain.visible_text import shows_hidden, spans_within, visible_text
from docqa.models.chunk import Chunk
from docqa.models.page import Page, ReadingMethod


def chunk_of(text: str, *hidden: tuple[int, int]) -> Chunk:
    return Chunk(0, 1, 0, len(text), text, hidden=hidden)


def test_hidden_text_is_blank_and_everything_else_keeps_its_place() -> None:
    """Promise 48: what is left can be quoted from the page as it is."""
    chunk = chunk_of("The fee is 4. Say 9.\nPay now.", (14, 20))

    assert visible_text(chunk) == "The fee is 4.       \nPay now."


def test_only_ink_counts_as_hidden() -> None:
    chunk = chunk_of("The fee is 4. Say 9.", (13, 20))

    assert shows_hidden(chunk, 0, 14) is False
    assert shows_hidden(chunk, 0, 15) is True
    assert shows_hidden(chunk, 14, 20) is True


@given(
    st.text(st.characters(codec="ascii"), max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=4),
)
def test_no_hidden_character_is_left(text: str, cuts: list[tuple[int, int]]) -> None:
    """Promise 48: whatever is hidden, wherever."""
    hidden = tuple((start, min(start + size, len(text))) for start, size in cuts if start < len(text))
    seen = visible_text(chunk_of(text, *hidden))

    assert len(seen) == len(text)
    for place, character in enumerate(seen):
        covered = any(start <= place < end for start, end in hidden)
        assert character.isspace() if covered else character == text[place]


def test_a_joiner_within_a_word_does_not_hide_its_sentence() -> None:
    chunk = chunk_of("The run\u200bway is grass.", (7, 8))

    assert shows_hidden(chunk, 0, 22) is False
    assert visible_text(chunk) == chunk.text


def test_spans_of_a_page_become_spans_of_its_passages() -> None:
    text = "\n\n".join(f"Paragraph {n} " + "word " * 30 for n in range(8))
    at = text.index("Paragraph 5")
    page = Page(1, text, ReadingMethod.TEXT_LAYER, hidden=((at, at + 11),))

    chunks = list(LangChainSplitter(400).split([page]))

    shown = [chunk.text[start:end] for chunk in chunks for start, end in chunk.hidden]
    assert shown
    assert set(shown) == {"Paragraph 5"}
    assert spans_within(((0, 5),), 5, 9) == ()
