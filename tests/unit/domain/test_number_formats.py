"""Numbers and dates as a spreadsheet shows them."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.number_formats import Shown, shown

MOMENT = dt.datetime(2024, 3, 5, 14, 7, 9)  # noqa: DTZ001 - a sheet knows no time zones
MONEY = '_($* #,##0.00_);_($* (#,##0.00);_($* "-"??_);_(@_)'


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (1234.5, "General", "1234.5"),
        (0.1 + 0.2, "General", "0.3"),
        (1e15, "General", "1000000000000000"),
        (0.4567, "0.0%", "45.7%"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (-5, "#,##0;(#,##0)", "(5)"),
        (-5, "#,##0;[Red]-#,##0", "-5"),
        (1234.5, '"$"#,##0.00', "$1,234.50"),
        (-1234.5, '"$"#,##0.00', "-$1,234.50"),
        (1234.5, "[$€-407] #,##0.00", "€ 1,234.50"),
        (1234.5, MONEY, "$1,234.50"),
        (-1234.5, MONEY, "$(1,234.50)"),
        (0, MONEY, "$-"),
        (1234567, '#,##0.0,,"M"', "1.2M"),
        (5, "00000", "00005"),
        (1.5, "0.##", "1.5"),
        (-0.001, "0.0", "0.0"),
        (1.5, "# ?/?", "1.5"),
        (45.2, "0.00E+00", "45.2"),
        (float("inf"), "0.0", "inf"),
        (True, "General", "TRUE"),
        ("as written", "0.00", "as written"),
        (MOMENT, "m/d/yyyy h:mm", "3/5/2024 14:07"),
        (MOMENT, "h:mm:ss AM/PM", "2:07:09 PM"),
        (MOMENT, "[$-409]mmmm d, yyyy;@", "March 5, 2024"),
        (MOMENT, "ddd d-mmm-yy", "Tue 5-Mar-24"),
        (MOMENT.date(), "mm-dd-yy", "2024-03-05"),
        (MOMENT, "General", "2024-03-05 14:07:09"),
        (dt.time(9, 5), "h:mm", "9:05"),
        (dt.timedelta(hours=30), "[h]:mm:ss", "30:00:00"),
        (dt.timedelta(minutes=-5), "[h]:mm:ss", "-0:05:00"),
    ],
)
def test_values_look_as_their_format_says(value: Shown, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


@given(
    st.one_of(st.floats(), st.integers(-(10**18), 10**18)),
    st.text(st.sampled_from('#0?.,%;"$€-_()*[]\\E/@ dmyhs'), max_size=12),
)
def test_no_format_breaks_a_number(value: float, number_format: str) -> None:
    assert isinstance(shown(value, number_format), str)
