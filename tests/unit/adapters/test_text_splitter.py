"""Passages: verbatim spans of one page, below one heading, complete."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.adapters.text_splitter import LangChainSplitter
from docqa.errors import ConfigurationError
from docqa.models.page import Page, ReadingMethod

LIMIT = 200
WORDS = st.sampled_from(
    ["runway", "a", "Nobody was hurt.", "7.5 %", "\n", "\n\n", "# Heading\n", "```\n", "  ", "ü" * 250]
)
TEXTS = st.lists(WORDS, max_size=120).map(" ".join)


def page(text: str, number: int = 1) -> Page:
    return Page(number, text, ReadingMethod.TEXT_LAYER)


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_every_chunk_is_a_verbatim_span_and_nothing_is_lost(texts: list[str]) -> None:
    """Promise 40: a quote of a chunk is verbatim on its page."""
    pages = [page(text, number) for number, text in enumerate(texts, start=1)]

    chunks = list(LangChainSplitter(LIMIT).split(pages))

    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    for chunk in chunks:
        assert texts[chunk.page - 1][chunk.start : chunk.end] == chunk.text
        assert 0 < len(chunk.text) <= LIMIT
    for number, text in enumerate(texts, start=1):
        covered = {at for chunk in chunks if chunk.page == number for at in range(chunk.start, chunk.end)}
        left = "".join(letter for at, letter in enumerate(text) if at not in covered)
        assert not left.strip(" \n#")


def test_chunks_end_with_sentences_where_there_are_any() -> None:
    sentence = "The aircraft left. "

    chunks = list(LangChainSplitter(LIMIT).split([page(sentence * 20)]))

    assert all(chunk.text.endswith(".") for chunk in chunks)
    assert all(later.start < earlier.end for earlier, later in pairwise(chunks)), "a whole sentence stands in both"
    assert all(chunk.text.startswith("The aircraft") for chunk in chunks)


def test_headings_become_the_path_of_what_stands_below_them() -> None:
    text = "# Report\n\n## Weather\n\nCalm.\n\n### Wind\n\nNone.\n\n## Pilot\n\nWell.\n\n```\n# no heading\n```\n"

    chunks = list(LangChainSplitter(LIMIT).split([page(text), page("Still the pilot.", 2)]))

    assert [chunk.headings for chunk in chunks] == [
        ("Report", "Weather"),
        ("Report", "Weather", "Wind"),
        ("Report", "Pilot"),
        ("Report", "Pilot"),
    ]
    assert chunks[0].text == "# Report\n\n## Weather\n\nCalm."


def test_a_size_without_sense_is_refused_with_the_settings_name() -> None:
    with pytest.raises(ConfigurationError, match="CHUNK_CHARACTERS"):
        LangChainSplitter(10)
