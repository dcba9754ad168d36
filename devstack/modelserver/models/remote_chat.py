"""Any OpenAI-compatible server as the chat model."""

from __future__ import annotations

from typing import Any

import httpx

from devstack.modelserver.models.ports import (
    ChatBusyError,
    ChatReply,
    ChatRequest,
    ChatUnavailableError,
    PromptTooLongError,
)
from devstack.modelserver.settings import RemoteChat


class OpenAiCompatibleChat:
    """Sends chat to a server that the user runs, such as vLLM, Ollama or LM Studio.

    Args:
        remote: where it is and which model to ask for.
        client: None makes one that waits up to two minutes.
    """

    def __init__(self, remote: RemoteChat, client: httpx.Client | None = None) -> None:
        self._remote = remote
        self._client = client or httpx.Client(timeout=120)

    def chat(self, request: ChatRequest) -> ChatReply:
        """Answer the last message."""
        answer = self._post("/chat/completions", _options(request) | {"messages": list(request.messages)})
        return _reply(answer, answer["choices"][0]["message"]["content"] or "")

    def complete(self, prompt: str, request: ChatRequest) -> ChatReply:
        """Continue `prompt` as it stands."""
        answer = self._post("/completions", _options(request) | {"prompt": prompt})
        return _reply(answer, answer["choices"][0]["text"])

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._remote.key}"} if self._remote.key else {}
        url = self._remote.url.rstrip("/") + path
        try:
            response = self._client.post(url, json=body | {"model": self._remote.model}, headers=headers)
        except httpx.HTTPError as error:
            raise ChatUnavailableError(f"{url} does not answer: {error}") from error
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            raise ChatBusyError(response.text)
        if response.status_code == httpx.codes.BAD_REQUEST and "context" in response.text:
            raise PromptTooLongError(response.text)
        if response.is_error:
            raise ChatUnavailableError(f"{url} answered {response.status_code}: {response.text}")
        answer: dict[str, Any] = response.json()
        return answer


def _options(request: ChatRequest) -> dict[str, Any]:
    options = {
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop": list(request.stop) or None,
    }
    return {name: value for name, value in options.items() if value is not None}


def _reply(answer: dict[str, Any], text: str) -> ChatReply:
    usage = answer.get("usage") or {}
    length = answer["choices"][0].get("finish_reason") == "length"
    # The OpenAI shape does not tell a stop word from the end.
    return ChatReply(
        text, "length" if length else "end", usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
    )
