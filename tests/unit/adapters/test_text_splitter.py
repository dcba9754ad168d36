"""Passages: verbatim spans of one page, below one heading, complete."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.adapters.text_splitter import LangChainSplitter
from docqa.domain.tables import pipe_table
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
    assert all(earlier.end < later.start for earlier, later in pairwise(chunks)), "nothing stands in two passages"
    assert all(chunk.text.startswith("The aircraft") for chunk in chunks)


def test_paragraphs_that_just_fit_stay_whole_and_short_ones_share_a_passage() -> None:
    long, short = "The aircraft left. " * 9 + "It came back.", "Nobody was hurt."

    chunks = list(LangChainSplitter(LIMIT).split([page(f"{short}\n\n{short}\n\n{long}\n\n{short}")]))

    assert [chunk.text for chunk in chunks] == [f"{short}\n\n{short}", long, short]


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


CELLS = st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=30)
TABLES = st.integers(2, 5).flatmap(
    lambda columns: st.lists(st.lists(CELLS, min_size=columns, max_size=columns), min_size=2, max_size=40)
)
PROSE = st.lists(st.sampled_from(["Nobody was hurt. ", "Table 4: prices\n\n", "\n\n", "a few words "]), max_size=20)


@settings(deadline=None)
@given(PROSE, TABLES, PROSE)
def test_tables_lose_nothing_and_their_parts_know_their_columns(
    before: list[str], rows: list[list[str]], behind: list[str]
) -> None:
    """Promise 40: passages of a table are verbatim too; what names its columns goes with each of them."""
    table = pipe_table([["Item", *("x" for _ in rows[0][1:])], *rows])
    text = f"{''.join(before)}\n\n{table}\n\n{''.join(behind)}"
    start = text.index(table)
    header_end = start + len("\n".join(table.split("\n")[:2]))

    chunks = list(LangChainSplitter(LIMIT).split([page(text)]))

    for chunk in chunks:
        assert text[chunk.start : chunk.end] == chunk.text
        assert 0 < len(chunk.text) <= LIMIT
        below = header_end < chunk.start < start + len(table)
        assert chunk.header == (text[start:header_end] if below else "")
    covered = {at for chunk in chunks for at in range(chunk.start, chunk.end)}
    assert not "".join(letter for at, letter in enumerate(text) if at not in covered).strip()
    rows_in_text = [line for line in table.split("\n") if len(line) <= LIMIT // 2]
    assert all(any(line in chunk.text for chunk in chunks) for line in rows_in_text), "no row is cut that fits"


def test_a_table_that_fits_is_whole_and_has_its_caption() -> None:
    table = pipe_table([["Year", "Revenue"], ["2023", "1,200"], ["2024", "1,350"]])
    text = f"{'The company grew again. ' * 12}\n\nRevenue by year, in millions\n\n{table}"

    *_, last = LangChainSplitter(LIMIT).split([page(text)])

    assert last.text == f"Revenue by year, in millions\n\n{table}"
    assert last.header == ""


def test_headings_of_one_sheet_say_nothing_about_the_next() -> None:
    def labelled(text: str, label: str) -> Page:
        return Page(1, text, ReadingMethod.TEXT_LAYER, label=label)

    chunks = LangChainSplitter(LIMIT).split(
        [
            labelled("# Costs\n\nFew.", "Sheet Costs, rows 1-500"),
            labelled("More.", "Sheet Costs, rows 501-900"),
            labelled("Other.", "Sheet Staff"),
        ]
    )

    assert [chunk.headings for chunk in chunks] == [("Costs",), ("Costs",), ()]


def test_a_size_without_sense_is_refused_with_the_settings_name() -> None:
    with pytest.raises(ConfigurationError, match="CHUNK_CHARACTERS"):
        LangChainSplitter(10)
