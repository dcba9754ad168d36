from __future__ import annotations

import pytest

from docqa.domain.question_terms import QuestionTerms
from docqa.domain.report_series import (
    asks_for_the_newest,
    asks_over_time,
    newest_of_series,
    period_end,
    series_of,
    spread_over_series,
)
from docqa.domain.reranking import rerank
from docqa.models.chunk import Chunk, ScoredChunk

JUNE = "Harbour Board report, quarter ended June 30, 2023 (2023 Q2)"
MARCH = "Harbour Board report, quarter ended March 31, 2023 (2023 Q1)"
AIRPORT = "Airport report, quarter ended June 30, 2023"
HANDBOOK = "Handbook"


@pytest.mark.parametrize(
    ("title", "end"),
    [
        (JUNE, (2023, 6, 30)),
        ("Jahresbericht 31. December 2021", (2021, 12, 31)),
        ("minutes 2024-03-05", (2024, 3, 5)),
        ("Q3 2022 figures", (2022, 9, 0)),
        ("2022Q3 AMZN", (2022, 9, 0)),
        ("Annual report 2019", (2019, 0, 0)),
        ("Budget 2021 2022", (2022, 0, 0)),
        ("Boeing 747 manual", None),
        (HANDBOOK, None),
    ],
)
def test_a_title_says_when_its_period_ends(title: str, end: tuple[int, int, int] | None) -> None:
    assert period_end(title) == end


def test_titles_of_a_series_differ_in_their_period_alone() -> None:
    assert series_of(JUNE) == series_of(MARCH)
    assert series_of(JUNE) != series_of(AIRPORT)
    assert series_of(HANDBOOK) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Apple 10-K for the year ended July 1, 2023", "Apple 10-Q for the quarter ended July 1, 2023"),
        ("Manual of the X200, 2023", "Manual of the X300, 2024"),
        ("Form 1040, 2021", "Form 8812, 2022"),
    ],
)
def test_other_forms_and_products_are_another_series(one: str, other: str) -> None:
    assert series_of(one) != series_of(other)


def test_the_newest_is_told_of_each_series_and_a_report_alone_is_none() -> None:
    assert newest_of_series([JUNE, MARCH, AIRPORT, HANDBOOK]) == {JUNE: True, MARCH: False}


@pytest.mark.parametrize(
    ("question", "newest", "over_time"),
    [
        ("What was the gross margin in the most recent 10-Q?", True, False),
        ("What does the latest report say of landings?", True, False),
        ("What was the latest gross margin in Q2 2023?", False, False),
        ("How have landings changed over time?", False, True),
        ("List the landings for each reported period.", False, True),
        ("Which legal proceedings do these 10-Qs disclose?", False, True),
        ("How do landings compare to previous quarters?", False, True),
        ("How did landings change over the years from 2019 to 2021?", False, False),
        ("How long is the runway?", False, False),
        ("Which of these is the tallest tower?", False, False),
    ],
)
def test_the_words_of_a_question_say_which_reports_it_means(question: str, newest: bool, over_time: bool) -> None:
    assert (asks_for_the_newest(question), asks_over_time(question)) == (newest, over_time)


def test_the_newest_report_comes_first_where_it_is_asked_for() -> None:
    # Of two alone the better has the whole weight of its words before the other.
    found = [passage(MARCH, 0, lexical=1.1), passage(JUNE, 0, lexical=1.0), passage(HANDBOOK, 0, lexical=0.0)]

    def first(question: str) -> str:
        return rerank(QuestionTerms(question, found), found)[0].title

    assert first("How many landings does the report tell?") == MARCH
    assert first("How many landings does the latest report tell?") == JUNE


def test_passages_of_each_report_come_in_turn_where_all_are_meant_and_others_behind_them() -> None:
    ranked = [
        passage(JUNE, 0, score=0.9),
        passage(JUNE, 1, score=0.8),
        passage(AIRPORT, 0, score=0.7),
        passage(MARCH, 0, score=0.6),
        passage(HANDBOOK, 0, score=0.5),
        passage(MARCH, 1, score=0.4),
    ]

    spread = spread_over_series("How have landings changed over time?", ranked)

    assert [(one.title, one.chunk.ordinal) for one in spread] == [
        (JUNE, 0),
        (MARCH, 0),
        (JUNE, 1),
        (MARCH, 1),
        (AIRPORT, 0),
        (HANDBOOK, 0),
    ]


def test_what_is_in_no_series_has_a_say_in_what_is_meant() -> None:
    """Who asks for leave "each year" means the policy, whatever minutes are found beside it."""
    ranked = [passage("Leave policy", 0, score=0.9), passage(JUNE, 0, score=0.2), passage(MARCH, 0, score=0.2)]

    assert spread_over_series("How many days of leave are there each year?", ranked) == ranked


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("How many landings were there?", [JUNE, JUNE, MARCH]),
        ("How have landings changed over time?", [HANDBOOK, HANDBOOK, AIRPORT]),
        ("How have landings changed over time?", []),
    ],
)
def test_otherwise_the_ranking_stands(question: str, titles: list[str]) -> None:
    ranked = [passage(title, n, score=1.0 - n / 10) for n, title in enumerate(titles)]

    assert spread_over_series(question, ranked) == ranked


def passage(title: str, ordinal: int, *, score: float = 0.5, lexical: float = 1.0) -> ScoredChunk:
    text = f"In this period {ordinal} there were some landings, the report says."
    return ScoredChunk(Chunk(ordinal, 1, 0, len(text), text), title, 1, title, lexical, 0.5, score)
