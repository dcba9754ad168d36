"""Arithmetic that a model may ask for, and nothing else; its numbers come from passages."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.arithmetic import evaluate, rounded
from docqa.domain.calculations import calculated
from docqa.domain.researched_claims import judged_findings
from docqa.domain.support import Source
from docqa.models.chunk import Chunk, ScoredChunk
from docqa.services.citing import cite_claims


def source(text: str) -> Source:
    return Source(ScoredChunk(Chunk(0, 1, 0, len(text), text), "d", 1, "A title"))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1,250 + 0.5", "1250.5"),
        ("(90 - 80) / 80 * 100", "12.5"),
        ("-3 + +5", "2"),
        ("2 ** 10", "1024"),
        ("0.1 + 0.2", "0.3"),
        ("1 / 3", "0.333333"),
        ("123456789 * 10", "1234567890"),
        ("5 - 5", "0"),
    ],
)
def test_expressions_are_worked_out_in_decimals(expression: str, value: str) -> None:
    assert rounded(evaluate(expression)[0]) == value


@given(st.text("0123456789.+-*/() e_a,[]:'\"", max_size=40))
def test_whatever_is_written_is_a_number_or_refused(expression: str) -> None:
    """Promise 36: nothing that a model writes is run."""
    try:
        value, _ = evaluate(expression)
    except ValueError:
        return
    assert isinstance(value, Decimal)
    assert abs(value) <= Decimal(10) ** 27
    assert rounded(value)


def test_the_largest_result_can_be_written_and_no_larger_one_is_given() -> None:
    assert rounded(evaluate("10 ** 10 * 10 ** 10 * 10 ** 7")[0]) == "1" + "0" * 27
    for too_much in ("2020 * 1000000 ** 4 * 100", "10 ** 10 * 10 ** 10 * 10 ** 7 + 1"):
        with pytest.raises(ValueError, match="too large"):
            evaluate(too_much)


@pytest.mark.parametrize(
    "expression", ["1 / 0", "0 / 0", "1e999999 ** 10", "9e999999 * 9e999999 - 9e999999 * 9e999999"]
)
def test_what_has_no_value_is_refused_like_all_else(expression: str) -> None:
    with pytest.raises(ValueError, match=r"no value|too large|not an arithmetic"):
        evaluate(expression)


def test_a_power_is_still_a_power_where_it_is_shown() -> None:
    """Promise 40: the working that is shown is the one that was done, in text that is inert."""
    passage = ScoredChunk(Chunk(0, 1, 0, 20, "The side is 30 metres."), "d", 1, "A title")
    calculations = {901: calculated("30 ** 2", "square metres", {1: Source(passage)})}
    said = "The side gives 900 square metres [1][901]."

    claims = [one.claim for one in judged_findings(said, "How large is the square?", [passage], calculations)]
    cited = cite_claims([claim for claim in claims if claim is not None], [passage])

    assert "(30 ^ 2 = 900 square metres) [1]" in cited.text


def test_numbers_are_found_as_they_are_written_and_as_they_are_meant() -> None:
    sources = {4: source("Sales were $5 million. Costs were (3.2) million dollars.")}

    written = calculated("5 - 3.2", "million USD", sources)
    meant = calculated("5000000 - 3,200,000", "USD", sources)

    assert (written.result, meant.result) == ("1.8 million USD", "1800000 USD")
    assert [quote.text for quote in written.quotes] == ["Costs were (3.2) million dollars.", "Sales were $5 million."]
    assert {quote.number for quote in written.quotes} == {4}
