"""SageMaker endpoints answer in the shape of the container that their name stands for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.sagemaker import SageMakerRuntime
from tests.fakes.model_server import fake_models


def invoke(endpoint: str, body: Any) -> Any:
    return SageMakerRuntime(fake_models()).invoke(endpoint, json.dumps(body).encode())


def test_tei_gives_one_vector_a_text() -> None:
    vectors = invoke("docqa-tei", {"inputs": ["a", "bb"]})
    assert [vector.index(1.0) for vector in vectors] == [1, 2]


def test_feature_extraction_nests_one_vector_a_token() -> None:
    one = invoke("docqa-feature-extraction", {"inputs": "three short words"})
    two = invoke("docqa-feature-extraction", {"inputs": ["three short words", "one"]})
    assert (len(one), len(one[0]), len(one[0][0])) == (1, 3, 384)
    assert [len(text[0]) for text in two] == [3, 1]


def test_tgi_continues_a_prompt() -> None:
    [answer] = invoke("docqa-tgi", {"inputs": "one two three", "parameters": {"max_new_tokens": 2}})
    [whole] = invoke("docqa-tgi", {"inputs": "one", "parameters": {"return_full_text": True}})
    assert (answer["generated_text"], whole["generated_text"]) == ("one two", "oneone")


def test_messages_answer_as_openai_does() -> None:
    answer = invoke("docqa-messages", {"messages": [{"role": "user", "content": "one two"}], "max_tokens": 1})
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "one"}
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"] == {"prompt_tokens": 2, "completion_tokens": 1, "total_tokens": 3}


def test_an_unknown_endpoint_is_a_validation_error() -> None:
    with pytest.raises(AwsError, match="not found") as caught:
        invoke("docqa-unknown", {})
    assert caught.value.code == "ValidationError"


@pytest.mark.parametrize(
    ("endpoint", "body", "original_status"),
    [
        ("e-tei", {"inputs": ["x"] * 33}, 413),
        ("e-tei", {"inputs": "word " * 513}, 413),
        ("e-tei", {}, 422),
        ("e-feature-extraction", {"inputs": []}, 422),
        ("e-tgi", {"inputs": ""}, 422),
        ("e-tgi", {"inputs": "word " * 101}, 422),
        ("e-messages", {"messages": []}, 422),
        ("e-messages", {"messages": [{"role": "user", "content": "x"}], "stream": True}, 422),
        ("e-tei", [1], 422),
    ],
)
def test_the_container_s_refusal_is_a_model_error(endpoint: str, body: Any, original_status: int) -> None:
    with pytest.raises(AwsError) as caught:
        invoke(endpoint, body)
    assert (caught.value.code, caught.value.status) == ("ModelError", 424)
    assert caught.value.members["OriginalStatusCode"] == original_status


def test_truncate_lets_a_long_text_pass() -> None:
    assert len(invoke("e-tei", {"inputs": "word " * 513, "truncate": True})) == 1
