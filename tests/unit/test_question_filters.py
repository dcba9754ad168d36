"""The filters of a question: what is taken, what is refused, and what they ask of the index."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from docqa.adapters.opensearch_filters import narrowing
from docqa.adapters.opensearch_search import access_filter
from docqa.models.access import Principal
from docqa.models.question import Filters, Question
from docqa.ports.search import SearchQuery

SCALARS = st.booleans() | st.integers(-9, 9).map(float) | st.text('ab.*"', max_size=5)


def asked(filters: Any) -> Question:
    return Question.model_validate({"question": "Why?", "filters": filters})


def test_attributes_are_asked_for_as_the_index_holds_them() -> None:
    filters = asked({"attributes": {"year": 2023, "rate": 2.5, "dept": ["ops", "hr"], "public": True}}).filters

    assert narrowing(filters) == [
        {"terms": {"attributes.year": ["2023.0", "2023"]}},
        {"terms": {"attributes.rate": ["2.5"]}},
        {"terms": {"attributes.dept": ["ops", "hr"]}},
        {"terms": {"attributes.public": ["true"]}},
    ]


def test_dates_include_their_last_day_with_all_its_hours() -> None:
    filters = asked({"since": "2023-01-01", "until": "2023-12-31"}).filters

    assert narrowing(filters) == [{"range": {"attributes.date": {"gte": "2023-01-01", "lt": "2024-01-01"}}}]


@pytest.mark.parametrize(
    ("filters", "bounds"),
    [
        ({"since": "2023-01-01"}, {"gte": "2023-01-01", "lt": ":"}),
        ({"until": "2023-12-31"}, {"gte": "0", "lt": "2024-01-01"}),
        ({"until": "9999-12-31"}, {"gte": "0", "lt": ":"}),
    ],
)
def test_an_open_end_takes_nothing_that_does_not_begin_with_a_digit(filters: Any, bounds: dict[str, str]) -> None:
    assert narrowing(asked(filters).filters) == [{"range": {"attributes.date": bounds}}]


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"attributes": {"year": []}}, "list of 1 to 50"),
        ({"attributes": {"year": ["x"] * 51}}, "list of 1 to 50"),
        ({"attributes": {"year": {"gte": 1}}}, "must be a string"),
        ({"attributes": {"year": None}}, "must be a string"),
        ({"attributes": {"year": "x" * 257}}, "must be a string"),
        ({"attributes": {"": "x"}}, "pattern"),
        ({"attributes": {"a*": "x"}}, "pattern"),
        ({"attributes": {str(n): "x" for n in range(11)}}, "at most 10"),
        ({"since": "soon"}, "valid date"),
        ({"since": "2024-01-01", "until": "2023-01-01"}, "since must not be after until"),
        ({"readers": ["x"]}, "Extra inputs"),
    ],
)
def test_what_is_no_filter_is_refused_with_one_sentence(filters: Any, words: str) -> None:
    """Promise 36: limits on size and form."""
    with pytest.raises(ValidationError) as refused:
        asked(filters)

    (problem,) = refused.value.errors()
    assert words in problem["msg"]


def test_a_number_that_json_cannot_write_is_refused() -> None:
    with pytest.raises(ValidationError):
        Question.model_validate_json('{"question": "Why?", "filters": {"attributes": {"year": 1e999}}}')


@given(
    attributes=st.dictionaries(
        st.text("abc.", min_size=1, max_size=5), SCALARS | st.lists(SCALARS, min_size=1), max_size=5
    )
)
def test_filters_only_ever_narrow(attributes: dict[str, Any]) -> None:
    """Promise 42: whatever is asked for comes on top of tenant and readers."""
    caller = Principal("acme", "ana", frozenset({"staff"}))
    plain = access_filter(SearchQuery("why", [0.1], caller, index="chunks"))
    filters = Filters(
        attributes={name: value[:50] if isinstance(value, list) else value for name, value in attributes.items()}
    )

    narrowed = access_filter(SearchQuery("why", [0.1], caller, filters, index="chunks"))

    required = narrowed["bool"]["filter"]
    assert required[:2] == plain["bool"]["filter"]
    assert len(required) == 2 + len(attributes)
    assert narrowed["bool"]["must_not"] == plain["bool"]["must_not"]


def test_a_question_without_filters_is_kept_as_before() -> None:
    """Promise 54: a release that knows more filters keeps questions that an older one reads, under the same hash."""
    assert Question(question="Why?").model_dump(mode="json", exclude_defaults=True) == {"question": "Why?"}
