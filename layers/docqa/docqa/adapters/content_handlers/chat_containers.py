"""What containers with chat models speak on SageMaker. A setting names the format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docqa.adapters.content_handlers.handler import Answer
from docqa.models.inference import Prompt, Reply


class MessagesApi:
    """OpenAI-shaped messages, as TGI, vLLM and LMI containers offer them."""

    most = 1

    def encode(self, values: Sequence[Prompt], stop: Sequence[str] = ()) -> dict[str, object]:
        """Roles system, user and assistant."""
        (prompt,) = values
        turns = [{"role": role, "content": text} for role, text in prompt.messages]
        body: dict[str, object] = {
            "messages": turns,
            "max_tokens": prompt.max_tokens,
            "temperature": prompt.temperature,
        }
        return body | {"stop": list(stop)} if stop else body

    def decode(self, body: Any) -> list[Answer[Reply]]:
        """The first choice."""
        usage = body.get("usage") or {}
        text = body["choices"][0]["message"]["content"] or ""
        reply = Reply(text, usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0))
        return [Answer(reply, reply.input_tokens + reply.output_tokens)]


class TextGenerationInference:
    """TGI's own format: one text in, one text out; the container does not apply the model's chat template."""

    most = 1

    def encode(self, values: Sequence[Prompt], stop: Sequence[str] = ()) -> dict[str, object]:
        """The messages one after the other. Without sampling there is no temperature."""
        (prompt,) = values
        sampled = prompt.temperature > 0
        parameters: dict[str, object] = {"max_new_tokens": prompt.max_tokens, "do_sample": sampled}
        parameters |= {"return_full_text": False} | ({"temperature": prompt.temperature} if sampled else {})
        if stop:
            parameters["stop"] = list(stop)
        return {"inputs": "\n\n".join(text for _, text in prompt.messages) + "\n\n", "parameters": parameters}

    def decode(self, body: Any) -> list[Answer[Reply]]:
        """The generated text alone; the container does not count its tokens."""
        first = body[0] if isinstance(body, list) else body
        return [Answer(Reply(str(first["generated_text"])))]
