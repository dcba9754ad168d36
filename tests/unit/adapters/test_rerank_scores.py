from __future__ import annotations

import io
import json
from typing import Any

import pytest

from docqa.adapters.rerank_scores import scores_in_order
from docqa.adapters.sagemaker_rerank import SageMakerReranker
from docqa.errors import ConfigurationError


def test_scores_are_put_into_the_order_of_the_texts() -> None:
    assert scores_in_order([(2, 0.9), (0, 0.5), (1, 0.1)], 3) == [0.5, 0.1, 0.9]


@pytest.mark.parametrize(
    "answered",
    [[(0, 0.5)], [(0, 0.5), (0, 0.6)], [(0, 0.5), (2, 0.6)], [(0, 0.5), (1, float("nan"))], [(0, 0.5), (-1, 0.1)]],
)
def test_a_text_without_exactly_one_score_that_is_a_number_is_another_form(answered: list[tuple[int, float]]) -> None:
    with pytest.raises(ValueError, match="one score for each of 2"):
        scores_in_order(answered, 2)


@pytest.mark.parametrize("body", [{"error": "no"}, [[0.1, 0.2]], [{"index": 0}], [{"index": 0, "score": 0.5}], "ok"])
def test_an_answer_in_another_form_is_a_matter_of_settings(body: Any) -> None:
    class Runtime:
        def invoke_endpoint(self, **_: Any) -> dict[str, Any]:
            return {"Body": io.BytesIO(json.dumps(body).encode())}

    with pytest.raises(ConfigurationError, match="another form"):
        SageMakerReranker(Runtime(), "endpoint").scores("Why?", ["a", "b"])
