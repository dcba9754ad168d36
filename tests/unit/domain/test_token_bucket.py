"""Tokens a minute: reserved up front, settled by what was used, lent to nobody twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.token_bucket import TokenBucket, estimated_tokens

FOREVER = float("inf")


def test_a_burst_goes_at_once_and_what_comes_after_waits_for_its_tokens() -> None:
    bucket = TokenBucket(600, now=0.0)  # ten a second, a hundred at once

    assert [bucket.reserve(50, 0.0, FOREVER) for _ in range(4)] == [0.0, 0.0, 5.0, 10.0]
    assert bucket.reserve(50, 20.0, FOREVER) == 0.0


def test_a_call_larger_than_the_burst_waits_for_a_full_bucket_and_is_paid_off_after() -> None:
    bucket = TokenBucket(600, now=0.0)

    assert bucket.reserve(300, 0.0, FOREVER) == 0.0
    assert bucket.reserve(300, 0.0, FOREVER) == 30.0
    assert bucket.reserve(1, 0.0, FOREVER) == pytest.approx(50.1)


def test_who_would_wait_too_long_takes_nothing() -> None:
    bucket = TokenBucket(600, now=0.0)
    bucket.reserve(100, 0.0, FOREVER)

    assert bucket.reserve(50, 0.0, longest=4.9) is None
    assert bucket.reserve(50, 0.0, longest=5.0) == 5.0


def test_what_was_not_needed_is_given_back() -> None:
    """Promise 30: Bedrock takes `maxTokens` up front and corrects it at the end; so does the bucket."""
    bucket = TokenBucket(600, now=0.0)
    bucket.reserve(100, 0.0, FOREVER)
    bucket.settle(100, 20, 0.0)
    assert bucket.reserve(80, 0.0, FOREVER) == 0.0

    bucket.settle(80, 130, 0.0)
    assert bucket.reserve(10, 0.0, FOREVER) == 6.0


@given(
    st.lists(
        st.tuples(st.floats(0, 30), st.integers(1, 400), st.floats(0, 1.5), st.floats(0, 60)), min_size=1, max_size=60
    )
)
def test_no_minute_uses_more_than_its_tokens_a_burst_and_one_call(
    calls: list[tuple[float, int, float, float]],
) -> None:
    """Promise 30: whatever calls come, whatever they turn out to need, and in whatever order they end."""
    bucket, now = TokenBucket(600, now=0.0), 0.0
    used: list[tuple[float, float]] = []
    for pause, tokens, share, longest in calls:
        now += pause
        wait = bucket.reserve(tokens, now, longest)
        if wait is not None:
            assert 0 <= wait <= longest
            bucket.settle(tokens, min(tokens * share, tokens), now)
            used.append((now + wait, min(tokens * share, tokens)))

    for start, _ in used:
        within = [spent for at, spent in used if start <= at < start + 60]
        assert sum(within) <= 600 + 100 + 400 + 1e-6


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(1, 100)), min_size=1, max_size=40))
def test_a_bucket_is_never_stuck(calls: list[tuple[float, int]]) -> None:
    """Promise 30: after a quiet minute everything that fits in goes at once again."""
    bucket, now = TokenBucket(600, now=0.0), 0.0
    for pause, tokens in calls:
        now += pause
        bucket.reserve(tokens, now, FOREVER)
    total = sum(tokens for _, tokens in calls)

    assert bucket.reserve(100, now + total / 10 + 10, FOREVER) == 0.0


def test_time_that_comes_out_of_order_makes_no_tokens() -> None:
    bucket = TokenBucket(600, now=100.0)
    bucket.reserve(100, 105.0, FOREVER)

    assert bucket.reserve(10, 101.0, FOREVER) == 1.0
    assert bucket.reserve(10, 105.0, FOREVER) == 2.0


def test_tokens_are_estimated_by_characters_rounded_up_for_each_text() -> None:
    assert estimated_tokens(["a" * 400, "abc", ""]) == 101
