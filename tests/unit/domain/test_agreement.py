"""Several answers vote by what their verified claims have in common."""

from collections.abc import Sequence

import pytest

from docqa.domain.agreement import most_agreed
from docqa.domain.verification import Claim

LONG = "The runway is 640 metres long."
ALSO_LONG = "It is a grass runway of 640 metres."
OTHER_LENGTH = "The runway is 650 metres long."
LIGHTS = "Landing lights were added later."


def claims(*texts: str) -> Sequence[Claim]:
    return [Claim(text, ()) for text in texts]


@pytest.mark.parametrize(
    ("answers", "chosen"),
    [
        ([[LONG]], 0),
        ([[OTHER_LENGTH], [LONG], [LONG]], 1),
        ([[LIGHTS], [LONG, LIGHTS], [LONG]], 1),
        ([[OTHER_LENGTH], [LONG]], 0),
        ([[], [LONG], []], 0),
        ([[], [LONG], [LONG]], 1),
    ],
)
def test_the_answer_that_the_others_bear_out_is_taken(answers: list[list[str]], chosen: int) -> None:
    assert most_agreed([claims(*answer) for answer in answers]) == chosen


def test_other_words_for_the_same_agree_but_other_numbers_do_not() -> None:
    assert most_agreed([claims(OTHER_LENGTH), claims(ALSO_LONG), claims("The grass runway is 640 metres long.")]) == 1
