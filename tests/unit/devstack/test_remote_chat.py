"""Chat can be sent to any OpenAI-compatible server."""

from __future__ import annotations

import json

import httpx
import pytest

from devstack.modelserver.__main__ import remote_chat
from devstack.modelserver.models.ports import (
    ChatBusyError,
    ChatError,
    ChatReply,
    ChatRequest,
    ChatUnavailableError,
    PromptTooLongError,
)
from devstack.modelserver.models.remote_chat import OpenAiCompatibleChat
from devstack.modelserver.settings import RemoteChat

REMOTE = RemoteChat("http://127.0.0.1:1/v1/", "big", "secret")
REQUEST = ChatRequest(({"role": "user", "content": "hi"},), max_tokens=5, temperature=0)


def chat(answer: httpx.Response, seen: list[httpx.Request] | None = None) -> OpenAiCompatibleChat:
    def respond(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return answer

    return OpenAiCompatibleChat(REMOTE, httpx.Client(transport=httpx.MockTransport(respond)))


def test_a_conversation_is_sent_with_model_and_key() -> None:
    seen: list[httpx.Request] = []
    choice = {"message": {"content": "hello"}, "finish_reason": "length"}
    answer = httpx.Response(200, json={"choices": [choice], "usage": {"prompt_tokens": 3, "completion_tokens": 1}})

    reply = chat(answer, seen).chat(REQUEST)

    assert reply == ChatReply("hello", "length", 3, 1)
    assert str(seen[0].url) == "http://127.0.0.1:1/v1/chat/completions"
    assert seen[0].headers["authorization"] == "Bearer secret"
    sent = json.loads(seen[0].content)
    assert (sent["model"], sent["max_tokens"], sent["temperature"], "stop" in sent) == ("big", 5, 0, False)


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, ChatBusyError), (400, PromptTooLongError), (401, ChatUnavailableError), (500, ChatUnavailableError)],
)
def test_its_errors_keep_their_meaning(status: int, error: type[ChatError]) -> None:
    with pytest.raises(error):
        chat(httpx.Response(status, text="maximum context length exceeded")).chat(REQUEST)


def test_the_environment_names_it() -> None:
    assert remote_chat({}) is None
    assert remote_chat({"DOCQA_CHAT_URL": "http://x/v1", "DOCQA_CHAT_MODEL": "m"}) == RemoteChat("http://x/v1", "m", "")
