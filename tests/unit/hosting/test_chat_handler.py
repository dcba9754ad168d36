"""What the chat handler refuses, and what it makes of the model's answer; no model is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models.chat.code import inference
from request_bodies import RequestError

JSON = "application/json"
HELLO = {"role": "user", "content": "hello"}


class Model:
    """Answers with what it was asked, or with an error."""

    def __init__(self, error: dict[str, str] | None = None) -> None:
        self.asked: list[dict[str, Any]] = []
        self._error = error

    def handle_chat_completions(self, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(request)
        if self._error:
            return {"error": self._error}
        usage = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
        message = {"role": "assistant", "content": request["messages"][-1]["content"].upper()}
        return {"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}


def ask(model: Model, body: dict[str, Any]) -> Any:
    answered = inference.predict_fn(inference.input_fn(json.dumps(body), JSON), model)
    return json.loads(inference.output_fn(answered, JSON))


def test_messages_are_answered_as_openai_does() -> None:
    model = Model()
    answer = ask(model, {"messages": [HELLO], "max_tokens": 9, "temperature": 0, "stop": "."})
    assert answer["choices"] == [
        {"index": 0, "message": {"role": "assistant", "content": "HELLO"}, "finish_reason": "stop"}
    ]
    assert answer["usage"] == {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
    assert model.asked == [{"messages": [HELLO], "max_tokens": 9, "temperature": 0.0, "stop": ["."]}]


def test_an_answer_has_a_length_also_where_none_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model()
    ask(model, {"messages": [HELLO]})
    monkeypatch.setenv("CHAT_MAX_TOKENS", "50")
    ask(model, {"messages": [HELLO]})
    assert [request["max_tokens"] for request in model.asked] == [512, 50]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "list of 1 to 100 messages"),
        ({"messages": []}, "list of 1 to 100 messages"),
        ({"messages": [HELLO] * 101}, "list of 1 to 100 messages"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "A message has a `role`"),
        ({"messages": [{"role": "user", "content": ["x"]}]}, "A message has a `role`"),
        ({"messages": [HELLO], "stream": True}, "Streaming is not offered"),
        ({"messages": [HELLO], "max_tokens": 1025}, "from 1 to 1024"),
        ({"messages": [HELLO], "max_tokens": 0}, "from 1 to 1024"),
        ({"messages": [HELLO], "max_tokens": True}, "from 1 to 1024"),
        ({"messages": [HELLO], "temperature": 3}, "`temperature` must be a number from 0 to 2"),
        ({"messages": [HELLO], "top_p": "high"}, "`top_p` must be a number from 0 to 1"),
        ({"messages": [HELLO], "stop": ["a", "b", "c", "d", "e"]}, "at most 4 texts"),
        ({"messages": [HELLO], "stop": [""]}, "at most 4 texts"),
    ],
)
def test_a_wrong_request_is_refused_with_what_is_wrong(body: dict[str, Any], sentence: str) -> None:
    with pytest.raises(RequestError, match=sentence):
        inference.input_fn(json.dumps(body), JSON)


def test_a_conversation_that_does_not_fit_is_the_requests_fault() -> None:
    model = Model({"type": "exceed_context_size_error", "message": "600 tokens of 512"})
    with pytest.raises(RequestError, match="too long: 600 tokens"):
        ask(model, {"messages": [HELLO]})


def test_another_failure_of_the_model_is_not() -> None:
    with pytest.raises(RuntimeError, match="no memory"):
        ask(Model({"type": "server_error", "message": "no memory"}), {"messages": [HELLO]})


@pytest.mark.parametrize("files", [[], ["a.gguf", "b.gguf"]])
def test_an_archive_has_one_model(tmp_path: Path, files: list[str]) -> None:
    for name in files:
        (tmp_path / name).touch()
    with pytest.raises(FileNotFoundError, match=f"one .gguf file, and has {len(files)}"):
        inference.model_fn(str(tmp_path))
