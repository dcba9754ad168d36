"""A model's thinking aloud is no part of its answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.reasoning import without_reasoning

ANSWER = "The runway is 640 metres long [1]."


@pytest.mark.parametrize(
    "said",
    [
        ANSWER,
        f"<think>Passage 1 says 640. Or 650?</think>{ANSWER}",
        f"<think>\nfirst\n</think>\n\n<thinking>second</thinking> {ANSWER}",
        f"Passage 1 says so, I think.\n</think>\n{ANSWER}",
        f"Reasoning: passage 1 has a length.\nAnswer: {ANSWER}",
        f"**Thought process:** 600? No.\n\n**Final Answer:** {ANSWER}",
        f"Let's think step by step. It is 600.\nAnswer: 600.\nNo.\nAnswer: {ANSWER}",
        f"Answer: {ANSWER}",
        f"{ANSWER}<think>Was that right?",
    ],
)
def test_only_the_answer_is_left(said: str) -> None:
    assert without_reasoning(said) == ANSWER


@pytest.mark.parametrize("said", ["<think>It is 640 metres.", "Reasoning: it is 640 metres [1].", "Let me think: 640."])
def test_reasoning_alone_is_no_answer(said: str) -> None:
    assert without_reasoning(said) == ""


@given(st.text("<>/think answer:[1]\n", max_size=60))
def test_no_text_leaves_a_block_of_thinking(said: str) -> None:
    left = without_reasoning(said)

    assert "</think>" not in left.lower()
    assert set(left) <= set(said)
