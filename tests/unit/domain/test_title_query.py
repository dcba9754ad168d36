"""What a question says about the document it means."""

import pytest

from docqa.domain.title_query import TITLE_BOOST, TITLE_BOOST_OF_REPORTS, title_query


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What was the margin in the third quarter of 2023?", "What was the margin in the third quarter of 2023? Q3"),
        ("What is the FY22 capex of 3M?", "What is the FY22 capex of 3M? 2022"),
        ("How long is the runway?", "How long is the runway?"),
    ],
)
def test_periods_are_also_looked_for_as_titles_spell_them(question: str, text: str) -> None:
    assert title_query(question).text == text


@pytest.mark.parametrize(
    ("question", "boost"),
    [
        ("Did Apple buy back shares in its Q3 2023 10-Q?", TITLE_BOOST_OF_REPORTS),
        ("What does the 10K say about risks?", TITLE_BOOST_OF_REPORTS),
        ("What is the FY2018 capital expenditure of 3M?", TITLE_BOOST_OF_REPORTS),
        ("Who wrote the annual report?", TITLE_BOOST_OF_REPORTS),
        ("When was the Summer Theatre in operation?", TITLE_BOOST),
        ("Who was in charge in 1939?", TITLE_BOOST),
    ],
)
def test_a_named_period_or_form_makes_the_title_count_more(question: str, boost: float) -> None:
    assert title_query(question).boost == boost
