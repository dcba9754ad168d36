"""What is quoted for a claim holds its facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.quantities import quantities
from docqa.domain.terms import words
from docqa.domain.verification import verified_claims
from docqa.models.chunk import Chunk, ScoredChunk

RUNWAY = (
    "Kestrel Hill has one runway. Runway 07/25 is grass and 640 metres long. It was opened in 1936 by Amelia Hart. "
    "The clubhouse burned down in 1951."
)


def passage(text: str, title: str = "A title", *, header: str = "", headings: tuple[str, ...] = ()) -> ScoredChunk:
    return ScoredChunk(Chunk(0, 1, 0, len(text), text, headings, header), "d", 1, title)


def quotes_for(said: str, text: str, question: str = "What is known?", title: str = "A title") -> list[str]:
    return [
        quote.text
        for claim in verified_claims(f"{said} [1]", question, [passage(text, title)])
        for quote in claim.quotes
    ]


def test_a_fact_that_stands_in_one_sentence_is_quoted_by_it() -> None:
    assert quotes_for("The runway is 640 metres long.", RUNWAY) == ["Runway 07/25 is grass and 640 metres long."]


def test_facts_that_stand_in_two_sentences_are_quoted_by_both() -> None:
    """Promise 40: the quotes hold every number, date and name."""
    assert quotes_for("Runway 07/25 was opened in 1936.", RUNWAY) == [
        "Runway 07/25 is grass and 640 metres long.",
        "It was opened in 1936 by Amelia Hart.",
    ]


@pytest.mark.parametrize(
    "said",
    [
        "Runway 07/25 was opened in 1951.",  # the year of a fire
        "Kestrel Hill burned down in 1936.",
    ],
)
def test_a_number_from_a_sentence_about_something_else_is_no_support(said: str) -> None:
    """Promise 40: somewhere in the passage is not enough."""
    assert quotes_for(said, RUNWAY) == []


@pytest.mark.parametrize(
    ("said", "text", "kept"),
    [
        ("Net income was 1,234.", "| Net income | (1,234) |", False),
        ("Net income was (1,234).", "| Net income | (1,234) |", True),
        ("Net income was -1,234.", "| Net income | (1,234) |", True),
        ("The temperature was 5 degrees.", "The temperature was -5 degrees.", False),
        ("Inflation was 5 percent.", "Inflation was 5%.", True),
        ("Inflation was 5.", "Inflation was 5%.", False),
        ("The fee is $640.", "The fee is 640 dollars.", True),
        ("The fee is $640.", "The fee is 640 euros.", False),
        ("The fee is 640.", "The fee is $640.", False),
        ("Sales were 5 million.", "Sales were 5,000,000.", True),
        ("Sales were 5 million.", "Sales were 5 thousand of a million.", False),
        ("Sales were 1.25 million.", "Sales were 125 million.", False),
    ],
)
def test_sign_unit_and_scale_belong_to_a_number(said: str, text: str, kept: bool) -> None:
    """Promise 40: minus signs, negatives in parentheses, percent, currency and separators count."""
    assert bool(quotes_for(said, text)) is kept


def test_a_title_says_of_whom_a_report_is() -> None:
    text = "Net sales were 94,836 million dollars."
    said = "Apple's net sales in 2023 were 94,836 million dollars."

    assert quotes_for(said, text, "What were Apple's net sales in 2023?", "Apple 2023 Q1") == [text]
    assert quotes_for(said, text, "What were net sales?", "Apple 2023 Q1") == []
    assert quotes_for(said, text, "What were Apple's net sales in 2023?", "A report") == []


def test_column_names_stand_with_their_rows() -> None:
    later = passage("| Gliders | 12 |\n| Balloons | 20 |", header="| Aircraft | Fee in 2025 |\n| --- | --- |")
    whole = passage("| Aircraft | Fee in 2025 |\n| --- | --- |\n| Gliders | 12 |\n| Balloons | 20 |")

    for one in (later, whole):
        (claim,) = verified_claims("Gliders pay a fee of 12 in 2025 [1].", "What do gliders pay?", [one])
        assert [quote.text for quote in claim.quotes] == ["| Gliders | 12 |"]


WORDS = st.sampled_from("runway grass tower landing fee north hangar glider fuel storm".split())  # noqa: SIM905
NAMES = st.sampled_from("Hart Coleman Zwickau Nevis Belen Seward".split())  # noqa: SIM905
NUMBERS = (
    st.integers(2, 5000).map(str) | st.integers(1000, 10**7).map("{:,}".format) | st.integers(2, 99).map("-{}".format)
)
SENTENCES = st.builds("The {} near {} had {} of {}.".format, WORDS, NAMES, NUMBERS, WORDS)


@given(st.lists(SENTENCES, min_size=1, max_size=6), st.data())
def test_whatever_is_kept_has_all_its_numbers_and_names_in_its_quotes(
    sentences: list[str], data: st.DataObject
) -> None:
    """Promise 40: no claim stands on facts that its quotes do not hold."""
    said = data.draw(
        st.builds("The {} near {} had {} of {}.".format, WORDS, NAMES, NUMBERS, WORDS) | st.sampled_from(sentences)
    )
    text = " ".join(sentences)

    for claim in verified_claims(f"{said} [1]", "What was there?", [passage(text)]):
        shown = " ".join(quote.text for quote in claim.quotes)
        names = {word for word in words(claim.text) if word.title() in claim.text} - {"the"}
        assert quantities(claim.text) <= frozenset().union(*(quantities(quote.text) for quote in claim.quotes))
        assert names <= set(words(shown))
        assert all(quote.text in text for quote in claim.quotes)
    if said in sentences:
        assert verified_claims(f"{said} [1]", "What was there?", [passage(text)])


@pytest.mark.parametrize(("said", "stands"), [("(1)", False), ("1)", False), ("1.", True), ("1", True)])
def test_the_number_of_an_item_alone_is_no_answer(said: str, stands: bool) -> None:
    """A model that writes down a planted "(1)" has said nothing; one that counts has."""
    text = "Kestrel Hill has 1 runway. The list of its hangars follows: (1) the old one."

    assert bool(quotes_for(said, text, question="How many runways has Kestrel Hill?")) is stands
