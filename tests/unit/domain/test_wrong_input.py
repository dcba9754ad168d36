"""Nobody who writes a question has to know the library that reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from docqa.domain.batch_lines import batch_line
from docqa.domain.wrong_input import what_is_wrong
from docqa.models.feedback import FeedbackBody
from docqa.models.question import Question


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"question": ""}, "must not be empty"),
        ({"question": "x" * 2_001}, "must have at most 2,000 characters"),
        ({}, "is missing"),
        ({"question": "a", "tenant": "b"}, "is no field here"),
        ({"question": "a", "language": "english"}, "must be two lower-case letters (ISO 639-1), e.g. en"),
        ({"question": "a", "top_k": 99}, "must be less than or equal to 20"),
        ({"question": "a", "filters": {"document_ids": ["999"]}}, "must be an id: 32 characters from 0-9 and a-f"),
        ({"question": "a", "filters": {"since": "yesterday"}}, "must be a day like 2026-11-30"),
        ({"question": "a", "filters": {"since": "2026-02-30"}}, "must be a day like 2026-11-30"),
        ({"question": "a", "filters": {"attributes": {"year": []}}}, "must be a string of at most 256 characters"),
    ],
)
def test_a_wrong_field_is_told_what_it_must_be(body: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Question.model_validate_json(json.dumps(body))

    (item,) = caught.value.errors()
    assert what_is_wrong(item).startswith(words)


def test_a_rule_over_several_fields_is_a_sentence_without_the_librarys_words() -> None:
    with pytest.raises(ValidationError) as caught:
        FeedbackBody(verdict="wrong", page=1)

    assert [what_is_wrong(item) for item in caught.value.errors()] == [
        "page goes with document_id: say of which document it is, too"
    ]


def test_a_line_of_a_batch_says_what_its_question_must_be() -> None:
    refused = batch_line(3, b'{"question": " ", "id": "q-3"}')

    assert (refused.refusal, refused.id) == (
        "The line is not a question: question must not be empty. Correct it and send it again.",
        "q-3",
    )
