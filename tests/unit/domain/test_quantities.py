"""Numbers as facts: however they are written, and nothing taken for another."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.quantities import quantities

AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=2) | st.integers(0, 10**12).map(Decimal)
UNITS = {"": ("{}",), "%": ("{}%", "{} %", "{} percent"), "USD": ("${}", "$ {}", "USD {}", "{} dollars", "US${}")}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,250 copies in 1523", {"1250", "1523"}),
        ("1\u00a0250 or 1'250 or 1\u2019250", {"1250"}),
        ("(5.2)% and (5.2%) and -5.2 percent and \u22125.2%", {"-5.2%"}),
        ("$5 million, USD 5,000,000, five million dollars, $5m", {"5000000USD"}),
        ("forty-two, twelve, a dozen and three hundred", {"42", "12", "300"}),
        ("opened (1936) and sold (12) boats", {"1936", "12"}),
        ("| Net loss | (12) | (1,234) |", {"-12", "-1234"}),
        ("a loss of ($12)", {"-12USD"}),
        ("2019\u20132020, F-16, 555-1234, pages 5, 6", {"2019", "2020", "16", "555", "1234", "5", "6"}),
        ("minus five degrees", {"-5"}),
        ("runway 07/25, 118.700 MHz, release 1.2.3", {"7", "25", "118.7", "1.2.3"}),
        ("640m of grass", {"640"}),
        ("12,5 Grad", {"12.5"}),
        ("nothing to count", set()),
    ],
)
def test_an_amount_is_its_value_sign_and_unit(text: str, found: set[str]) -> None:
    """Promise 40: minus signs, parentheses, percent, currency and thousands separators count."""
    assert quantities(text) == found


@st.composite
def written_twice(draw: st.DrawFn) -> tuple[str, str]:
    """One amount in two ways of writing."""
    value, unit = draw(AMOUNTS), draw(st.sampled_from(sorted(UNITS)))
    digits = st.sampled_from([f"{value:f}", f"{value:,f}", f"{value:,f}".replace(",", "\u202f")])
    signs = st.sampled_from(["-", "\u2212", "minus "]) if draw(st.booleans()) and value else st.just("")
    ways = st.sampled_from(UNITS[unit])
    return tuple(draw(signs) + draw(ways).format(draw(digits)) for _ in range(2))  # type: ignore[return-value]


@given(written_twice())
def test_one_amount_is_the_same_however_it_is_written(pair: tuple[str, str]) -> None:
    """Promise 40: separators, minus signs and the place of the unit change nothing."""
    first, second = pair

    assert quantities(f"It was {first} then.") == quantities(f"It was {second} then.")
    assert len(quantities(first)) == 1


@given(AMOUNTS, AMOUNTS)
def test_two_amounts_are_never_the_same(one: Decimal, other: Decimal) -> None:
    """Promise 40: another number, sign or unit is another fact."""
    assert (quantities(f"{one:,f}") == quantities(f"{other:,f}")) is (one == other)
    if one:
        ways = [f"{one:f}", f"-{one:f}", f"{one:f}%", f"-{one:f}%", f"${one:f}", f"({one:,.2f}%)"]
        meanings = [quantities(f"It was {way}.") for way in ways]
        assert len({frozenset(meaning) for meaning in meanings[:5]}) == 5
