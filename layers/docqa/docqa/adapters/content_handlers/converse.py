"""Bedrock's Converse: one shape for every chat model, in the call and, as `modelInvocationType`, in batch jobs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from docqa.adapters.content_handlers.handler import Answer
from docqa.models.inference import Prompt, Reply


class Converse:
    """Prompts as bodies of Converse."""

    most = 1

    def encode(self, values: Sequence[Prompt], stop: Sequence[str] = ()) -> dict[str, object]:
        """Tools have no place here: batch jobs refuse them."""
        (prompt,) = values
        system = [text for role, text in prompt.messages if role == "system"]
        turns = [{"role": role, "content": [{"text": text}]} for role, text in prompt.messages if role != "system"]
        return converse_request(system, turns, prompt.max_tokens, prompt.temperature, stop)

    def decode(self, body: Any) -> list[Answer[Reply]]:
        """The text of the message."""
        reply = converse_reply(body)
        return [Answer(reply, reply.input_tokens + reply.output_tokens)]


def converse_request(
    system: Iterable[str],
    turns: Sequence[dict[str, Any]],
    max_tokens: int,
    temperature: float,
    stop: Sequence[str] = (),
) -> dict[str, Any]:
    """The body without the model's id. `max_tokens` is always set: Bedrock reserves it up front from the quota."""
    configuration: dict[str, Any] = {"maxTokens": max_tokens, "temperature": temperature}
    if stop:
        configuration["stopSequences"] = list(stop)
    body = {"messages": list(turns), "inferenceConfig": configuration}
    blocks = [{"text": text} for text in system]
    return {"system": blocks} | body if blocks else body


def converse_reply(body: Any) -> Reply:
    """What the model said, without its calls of tools."""
    counted = body.get("usage") or {}
    text = "".join(part.get("text", "") for part in body["output"]["message"]["content"])
    return Reply(text, counted.get("inputTokens", 0), counted.get("outputTokens", 0))
