"""Containers answer in the shapes of those on SageMaker."""

from __future__ import annotations

import json
from typing import Any

import pytest

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.hosting.containers import Containers, container_kind
from tests.fakes.model_server import fake_models


def invoke(kind: str, body: Any) -> Any:
    return json.loads(Containers(fake_models()).answer(kind, json.dumps(body).encode()).content)


def test_tei_gives_one_vector_a_text() -> None:
    vectors = invoke("tei", {"inputs": ["a", "bb"]})
    assert [vector.index(1.0) for vector in vectors] == [1, 2]


def test_feature_extraction_nests_one_vector_a_token() -> None:
    one = invoke("feature-extraction", {"inputs": "three short words"})
    two = invoke("feature-extraction", {"inputs": ["three short words", "one"]})
    assert (len(one), len(one[0]), len(one[0][0])) == (1, 3, 384)
    assert [len(text[0]) for text in two] == [3, 1]


def test_tgi_continues_a_prompt() -> None:
    [answer] = invoke("tgi", {"inputs": "one two three", "parameters": {"max_new_tokens": 2}})
    [whole] = invoke("tgi", {"inputs": "one", "parameters": {"return_full_text": True}})
    assert (answer["generated_text"], whole["generated_text"]) == ("one two", "oneone")


def test_messages_answer_as_openai_does() -> None:
    answer = invoke("messages", {"messages": [{"role": "user", "content": "one two"}], "max_tokens": 1})
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "one"}
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"] == {"prompt_tokens": 2, "completion_tokens": 1, "total_tokens": 3}


@pytest.mark.parametrize(
    ("kind", "body", "original_status"),
    [
        ("tei", {"inputs": ["x"] * 33}, 413),
        ("tei", {"inputs": "word " * 513}, 413),
        ("tei", {}, 422),
        ("feature-extraction", {"inputs": []}, 422),
        ("tgi", {"inputs": ""}, 422),
        ("tgi", {"inputs": "word " * 101}, 422),
        ("messages", {"messages": []}, 422),
        ("messages", {"messages": [{"role": "user", "content": "x"}], "stream": True}, 422),
        ("tei", [1], 422),
    ],
)
def test_the_container_s_refusal_is_a_model_error(kind: str, body: Any, original_status: int) -> None:
    with pytest.raises(AwsError) as caught:
        invoke(kind, body)
    assert (caught.value.code, caught.value.status) == ("ModelError", 424)
    assert caught.value.members["OriginalStatusCode"] == original_status


def test_truncate_lets_a_long_text_pass() -> None:
    assert len(invoke("tei", {"inputs": "word " * 513, "truncate": True})) == 1


def test_own_handlers_take_json_lines_one_answer_a_line() -> None:
    lines = b'{"inputs": ["a"]}\n{"messages": [{"role": "user", "content": "one two"}]}\n'
    answered = Containers(fake_models()).answer("handlers", lines, "application/jsonlines")
    vectors, completion = (json.loads(line) for line in answered.content.splitlines())
    assert vectors[0].index(1.0) == 1
    assert completion["choices"][0]["message"]["content"] == "one two"


def test_tei_takes_no_json_lines() -> None:
    with pytest.raises(AwsError, match="Extra data"):
        Containers(fake_models()).answer("tei", b'{"inputs": "a"}\n{"inputs": "b"}', "application/jsonlines")


@pytest.mark.parametrize(
    ("name", "image", "environment", "kind"),
    [
        ("docqa-tei", "account/huggingface-pytorch-inference:2", {}, "tei"),
        ("bge", "account/tei-cpu:1.8", {}, "tei"),
        ("bge", "account/huggingface-pytorch-inference:2", {"HF_TASK": "feature-extraction"}, "feature-extraction"),
        ("bge", "account/huggingface-pytorch-inference:2", {"SAGEMAKER_PROGRAM": "inference.py"}, "handlers"),
        ("llama", "account/huggingface-pytorch-tgi-inference:3", {}, "generation"),
        ("llama", "account/djl-inference:0.33-lmi", {}, "handlers"),
    ],
)
def test_name_image_and_environment_say_which_container_it_is(
    name: str, image: str, environment: dict[str, str], kind: str
) -> None:
    assert container_kind(name, image, environment) == kind
