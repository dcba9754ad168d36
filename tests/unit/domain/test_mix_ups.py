"""A claim does not take its answer from a sentence that speaks of something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.verification import judged_sentences
from tests.unit.domain.test_support import passage

FRESNO = "There were 111,529 families; the average family size was 3.62. The average household size was 3.07."
WARSAW = "Warsaw's first stock exchange was established in 1817. It was re-established in April 1991."
TEACHERS = (
    "In Hinduism the spiritual teacher is known as a Guru. In Tibetan Buddhism the teachers of Dharma are called Lama."
)
TAX = "| Statutory tax rate | 21 % |\n| Effective tax rate | 15.7 % |\n\nThe effective tax rate for 2022 was lower."


def stands(said: str, question: str, text: str, title: str = "A title") -> bool:
    (judged,) = judged_sentences(f"{said} [1]", question, [passage(text, title)])
    return judged.claim is not None


@pytest.mark.parametrize(
    ("question", "text", "right", "wrong"),
    [
        ("What was the average family size?", FRESNO,
         "The average family size was 3.62.", "The average family size was 3.07."),
        ("What was the average family size?", FRESNO, "3.62.", "3.07."),
        ("What is the spiritual teacher in Hinduism?", TEACHERS,
         "The spiritual teacher in Hinduism is a Guru.", "The spiritual teacher in Hinduism is a Lama."),
        ("What was the effective tax rate?", TAX,
         "The effective tax rate was 15.7 %.", "The effective tax rate was 21 %."),
    ],
)  # fmt: skip
def test_the_answer_of_another_sentence_is_no_answer(question: str, text: str, right: str, wrong: str) -> None:
    """Promise 40: a claim is borne out by what it cites, not by a number that stands there."""
    assert stands(right, question, text)
    assert not stands(wrong, question, text)


REPORT = (
    "Total revenues for the year ended December 31, 2023 were $24.6 billion. Operating income increased to $3.2 "
    "billion. The tax rate in 2022 was 19.1 %."
)
BOARD = (
    "Maria Gomez joined Acme in 2011 as a product manager. She became chief financial officer in 2018. Peter Brandt "
    "has been chief executive officer of Acme since 2015."
)
TOWNS = "Kestrel Hill is one of the towns with an airfield of the club. Another is Dalton Moor."


@pytest.mark.parametrize(
    ("question", "text", "said"),
    [
        # The period is told once, for all that follows.
        ("What was operating income for the year ended December 31, 2023?", REPORT,
         "Operating income for the year ended December 31, 2023 was $3.2 billion."),
        # A sentence with another kind of number is no rival.
        ("What was the effective tax rate of the company?",
         "The effective tax rate of the company for 2022 was discussed. The rate was 15.7 %.",
         "The effective tax rate of the company was 15.7 %."),
        ("How many gliders does the fleet of the club have?",
         "The fleet of the club and its gliders were counted in 2023. There were 12 gliders.",
         "The fleet of the club has 12 gliders."),
        ("By how much did operating income rise?", REPORT, "Operating income rose to $3.2 billion."),
        ("What was the tax rate in 2022?", REPORT, "The tax rate in 2022 was 19.1 %."),
        ("Who is the chief financial officer of Acme?", BOARD, "The chief financial officer of Acme is Maria Gomez."),
    ],
)  # fmt: skip
def test_what_a_good_model_writes_stands(question: str, text: str, said: str) -> None:
    assert stands(said, question, text)


def test_an_item_of_a_list_is_one_answer_among_several() -> None:
    listed = judged_sentences(
        "- Kestrel Hill [1]\n- Dalton Moor [1]", "Which towns have an airfield of the club?", [passage(TOWNS)]
    )

    assert [one.claim is not None for one in listed] == [True, True]
    assert not stands("Dalton Moor", "Which town has an airfield of the club?", TOWNS)


def test_names_of_columns_are_said_by_every_row() -> None:
    text = "Fees of the club were 90 EUR in 1990.\n\n| Gliders | 25 EUR |\n| Balloons | 20 EUR |"
    header = "| Aircraft of the club | Landing fees |"
    question = "What are the landing fees of the club for gliders?"

    judged = judged_sentences("Landing fees of the club are 25 EUR [1].", question, [passage(text, header=header)])

    assert judged[0].claim is not None


def test_a_sentence_that_points_back_speaks_of_what_the_one_before_it_named() -> None:
    assert stands(
        "The stock exchange was re-established in April 1991.", "When was the stock exchange re-established?", WARSAW
    )


def test_what_title_and_headings_tell_is_told_of_every_sentence() -> None:
    said = "For the quarter ended June 25, 2022, the effective tax rate was 15.7 %."
    title = "Apple Inc., 10-Q, quarter ended June 25, 2022"
    assert stands(said, "What is the effective tax rate of Apple in the quarter ended June 25, 2022?", TAX, title)


def test_a_remark_that_answers_nothing_of_the_question_is_judged_by_itself() -> None:
    assert stands("The average household size was 3.07.", "What was the average family size?", FRESNO)


_WORDS = st.lists(
    st.sampled_from(["runway", "tower", "club", "hangar", "meadow", "glider", "winch"]), min_size=2, unique=True
)


@given(_WORDS, st.lists(st.integers(100, 999), min_size=2, max_size=5, unique=True), st.data())
def test_of_sentences_that_are_alike_each_bears_out_just_its_own_number(
    things: list[str], numbers: list[int], data: st.DataObject
) -> None:
    """Promise 40: whatever is counted."""
    pairs = list(zip(things, numbers, strict=False))
    text = " ".join(f"The {thing} has {number} visitors." for thing, number in pairs)
    thing, own = data.draw(st.sampled_from(pairs))
    question = f"How many visitors does the {thing} have?"
    for _, number in pairs:
        assert stands(f"The {thing} has {number} visitors.", question, text) == (number == own)
