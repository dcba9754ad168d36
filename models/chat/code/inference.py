"""A small chat model in Hugging Face's inference toolkit, which finds these four functions in an archive's code folder.

The archive holds one .gguf file; llama.cpp runs it on the processors alone, also where there are no others: serverless.
It speaks OpenAI's messages, as TGI and LMI do, without streaming.
"""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xllamacpp

from request_bodies import Answered, Asked, RequestError, one_by_one, read, write

ROLES = ("system", "user", "assistant")
MAX_MESSAGES = 100
MAX_STOPS = 4
CONTEXT_TOKENS = 4096
MAX_TOKENS = 1024
# Of a request that does not say.
USUAL_TOKENS = 512
HOTTEST = 2.0


@dataclass(frozen=True)
class Conversation:
    """One request: what llama.cpp takes."""

    messages: list[dict[str, str]]
    options: dict[str, Any]
    model: str


def model_fn(model_dir: str) -> Any:
    """Load the model, once for each worker of the container.

    Raises:
        FileNotFoundError: there is not exactly one .gguf file.
    """
    found = sorted(Path(model_dir).glob("*.gguf"))
    if len(found) != 1:
        raise FileNotFoundError(f"The archive must hold one .gguf file, and has {len(found)}.")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = os.fspath(found[0])
    parameters.n_ctx = int(os.environ.get("CHAT_CONTEXT_TOKENS", CONTEXT_TOKENS))
    parameters.n_parallel = 1  # a worker of the container is given one request at a time
    threads = int(os.environ.get("CHAT_THREADS", os.cpu_count() or 1))
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    parameters.verbosity = -1
    return xllamacpp.Server(parameters)


def input_fn(body: str | bytes, content_type: str) -> Asked[Conversation]:
    """The requests of a body.

    Raises:
        RequestError: it cannot be understood.
    """
    return read(body, content_type, _conversation)


def predict_fn(asked: Asked[Conversation], model: Any) -> Answered:
    """One completion a request, one after the other."""
    return one_by_one(asked, lambda conversation: _completion(conversation, model))


def output_fn(answered: Answered, accept: str) -> str:  # noqa: ARG001 - the answer has the form of the request
    """A completion, or a line of that for each line."""
    return write(answered)


def _conversation(request: dict[str, Any]) -> Conversation:
    messages = request.get("messages")
    if not isinstance(messages, list) or not 1 <= len(messages) <= MAX_MESSAGES:
        raise RequestError(f"`messages` must be a list of 1 to {MAX_MESSAGES} messages.")
    if request.get("stream"):
        raise RequestError("Streaming is not offered here: leave `stream` out.")
    turns = [_message(message) for message in messages]
    options = {"max_tokens": _max_tokens(request), "stop": _stops(request)}
    for name, most in (("temperature", HOTTEST), ("top_p", 1.0)):
        if request.get(name) is not None:
            options[name] = _number(name, request[name], most)
    return Conversation(turns, options, str(request.get("model", "")))


def _message(message: Any) -> dict[str, str]:
    if not isinstance(message, dict) or message.get("role") not in ROLES or not isinstance(message.get("content"), str):
        raise RequestError(f"A message has a `role` ({', '.join(ROLES)}) and a text as `content`.")
    return {"role": message["role"], "content": message["content"]}


def _max_tokens(request: dict[str, Any]) -> int:
    most = int(os.environ.get("CHAT_MAX_TOKENS", MAX_TOKENS))
    wanted = request.get("max_tokens")
    if wanted is None:
        return min(USUAL_TOKENS, most)
    if not isinstance(wanted, int) or isinstance(wanted, bool) or not 1 <= wanted <= most:
        raise RequestError(f"`max_tokens` must be a whole number from 1 to {most}.")
    return wanted


def _stops(request: dict[str, Any]) -> list[str]:
    stops = request.get("stop") or []
    stops = [stops] if isinstance(stops, str) else stops
    if (
        not isinstance(stops, list)
        or len(stops) > MAX_STOPS
        or not all(isinstance(stop, str) and stop for stop in stops)
    ):
        raise RequestError(f"`stop` must be a text or a list of at most {MAX_STOPS} texts.")
    return stops


def _number(name: str, value: Any, most: float) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
        raise RequestError(f"`{name}` must be a number from 0 to {most:g}.")
    return float(value)


def _completion(conversation: Conversation, model: Any) -> dict[str, Any]:
    asked = conversation.options | {"messages": conversation.messages}
    answer = model.handle_chat_completions(asked)
    if error := answer.get("error"):
        if error.get("type") == "exceed_context_size_error":
            raise RequestError(f"The conversation is too long: {error['message']}.")
        raise RuntimeError(error.get("message", "the model gave no answer"))
    choice = answer["choices"][0]
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": conversation.model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": choice["message"]["content"] or ""},
                "finish_reason": choice["finish_reason"],
            }
        ],
        "usage": answer["usage"],
    }
