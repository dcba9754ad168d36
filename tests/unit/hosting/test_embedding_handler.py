"""What the embedding handler refuses, and how it finds its model's habits; no model is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from models.embedding.code import inference
from request_bodies import RequestError

JSON = "application/json"


class Session:
    """A model whose token vectors are the tokens' numbers; it remembers how many texts a run had."""

    def __init__(self) -> None:
        self.texts: list[int] = []

    def get_inputs(self) -> list[Any]:
        return [type("Input", (), {"name": "input_ids"}), type("Input", (), {"name": "attention_mask"})]

    def run(self, _: None, feeds: dict[str, Any]) -> list[Any]:
        assert set(feeds) == {"input_ids", "attention_mask"}
        ids = feeds["input_ids"]
        self.texts.append(len(ids))
        return [np.stack([ids, np.ones_like(ids)], axis=-1).astype(np.float32)]


def model(pooling: str = "cls", max_tokens: int = 4) -> inference.EmbeddingModel:
    words = {"one": 1, "two": 2, "three": 3, "?": 0}
    tokenizer = Tokenizer(WordLevel(words, unk_token="?"))
    tokenizer.pre_tokenizer = Whitespace()
    return inference.EmbeddingModel(Session(), tokenizer, pooling, max_tokens)


def ask(body: dict[str, Any], pooling: str = "cls") -> Any:
    answered = inference.predict_fn(inference.input_fn(json.dumps(body), JSON), model(pooling))
    return json.loads(inference.output_fn(answered, JSON))


def test_a_text_and_a_list_of_one_are_answered_alike() -> None:
    assert ask({"inputs": "one"}) == ask({"inputs": ["one"]})


def test_the_first_token_or_the_average_stands_for_a_text_as_a_unit_vector() -> None:
    first, average = ask({"inputs": "three one"}), ask({"inputs": "three one"}, "mean")
    assert first[0] == pytest.approx([3 / 10**0.5, 1 / 10**0.5], abs=1e-8)
    assert average[0] == pytest.approx([2 / 5**0.5, 1 / 5**0.5], abs=1e-8)


def test_each_text_runs_alone() -> None:
    """Promise 31: the same vector whatever else is asked."""
    served = model()
    inference.predict_fn(inference.input_fn(json.dumps({"inputs": ["one", "two three", "three"]}), JSON), served)
    assert served.session.texts == [1, 1, 1]


def test_a_long_text_is_cut_unless_that_is_refused() -> None:
    text = "one two three one two three"
    assert len(ask({"inputs": text})) == 1
    with pytest.raises(RequestError, match="6 tokens, the model reads 4"):
        ask({"inputs": text, "truncate": False})
    assert len(ask({"inputs": "one two", "truncate": False})) == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "must be a text or a list"),
        ({"inputs": ""}, "none of them empty"),
        ({"inputs": []}, "must be a text or a list"),
        ({"inputs": ["a", 3]}, "must be a text or a list"),
        ({"inputs": ["a"] * 257}, "257 texts; at most 256"),
        ({"inputs": "a" * 100_001}, "100001 characters; at most 100000"),
        ({"inputs": "a", "truncate": "yes"}, "`truncate` must be true or false"),
    ],
)
def test_a_wrong_request_is_refused_with_what_is_wrong(body: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        inference.input_fn(json.dumps(body), JSON)


def test_the_stack_says_how_many_texts_are_taken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDDING_MAX_TEXTS", "2")
    with pytest.raises(RequestError, match="3 texts; at most 2"):
        inference.input_fn(json.dumps({"inputs": ["a", "b", "c"]}), JSON)


def test_a_model_says_itself_how_its_tokens_make_a_vector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (inference._pooling(tmp_path), inference._max_tokens(tmp_path)) == ("cls", 512)
    monkeypatch.setenv("EMBEDDING_POOLING", "mean")
    assert inference._pooling(tmp_path) == "mean"
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 256}')
    assert (inference._pooling(tmp_path), inference._max_tokens(tmp_path)) == ("cls", 256)


def test_an_archive_without_its_model_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="must hold model"):
        inference.model_fn(str(tmp_path))
