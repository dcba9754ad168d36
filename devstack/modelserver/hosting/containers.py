"""What the containers on SageMaker answer, in the shapes of the usual ones, with the local models in them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.models.overlap import overlap_scores, ranked
from devstack.modelserver.models.ports import (
    ChatBusyError,
    ChatError,
    ChatReply,
    ChatRequest,
    EmbeddingBusyError,
    PromptTooLongError,
)
from devstack.modelserver.models.registry import TextModels

# Text Embeddings Inference's own defaults (max_client_batch_size, and the model's length).
TEI_TEXTS = 32
TEI_TOKENS = 512
# TGI's default for max_new_tokens.
TGI_MAX_TOKENS = 100
MESSAGES_MAX_TOKENS = 512
HTTP_SERVER_ERROR = 500
JSON, JSON_LINES = "application/json", "application/jsonlines"
# By the end of a model's or endpoint's name, which comes first, and by a part of an image's name.
NAMES = ("tei", "feature-extraction", "tgi", "messages", "rerank")
IMAGES = {"/tei": "tei", "tgi-inference": "generation"}
OWN_HANDLERS = "handlers"

Answer = Any


@dataclass(frozen=True)
class Answered:
    """The body of a container's answer."""

    content: bytes
    content_type: str


class Containers:
    """Bodies in, bodies out.

    Attributes:
        kinds: how each kind of container answers a JSON object.
    """

    def __init__(self, models: TextModels) -> None:
        self._models = models
        self.kinds: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "tei": self.text_embeddings_inference,
            "feature-extraction": self.feature_extraction,
            "tgi": self.text_generation_inference,
            "messages": self.messages_api,
            "generation": self.generation,
            "rerank": self.rerank,
            OWN_HANDLERS: self.own_handlers,
        }

    def answer(self, kind: str, content: bytes, content_type: str = JSON) -> Answered:
        """What a container makes of a body.

        Raises:
            AwsError: ModelError, because it refused or failed.
        """
        if kind == OWN_HANDLERS and content_type.startswith(JSON_LINES):
            lines = [self._answer(kind, line) for line in content.splitlines() if line.strip()]
            return Answered(b"".join(_json(line) + b"\n" for line in lines), JSON_LINES)
        return Answered(_json(self._answer(kind, content)), JSON)

    def _answer(self, kind: str, content: bytes) -> Answer:
        try:
            body = json.loads(content)
        except ValueError as error:
            raise model_error(400, str(error)) from error
        if not isinstance(body, dict):
            raise model_error(422, "the body must be a JSON object")
        try:
            return self.kinds[kind](body)
        except PromptTooLongError as error:
            raise model_error(422, f"Input validation error: {error}") from error
        except (ChatBusyError, EmbeddingBusyError) as error:
            raise model_error(429, "Model is overloaded") from error
        except ChatError as error:
            raise model_error(500, str(error)) from error

    def generation(self, body: dict[str, Any]) -> Answer:
        """TGI takes both of its formats."""
        return self.messages_api(body) if "messages" in body else self.text_generation_inference(body)

    def own_handlers(self, body: dict[str, Any]) -> Answer:
        """A handler of our own in a general container: messages for chat, TEI's format for embeddings."""
        return self.messages_api(body) if "messages" in body else self.text_embeddings_inference(body)

    def text_embeddings_inference(self, body: dict[str, Any]) -> Answer:
        """Hugging Face TEI: {"inputs": [texts], "truncate": bool} to [[floats]]."""
        texts = _inputs(body)
        if len(texts) > TEI_TEXTS:
            raise model_error(413, f"batch size {len(texts)} > maximum allowed batch size {TEI_TEXTS}")
        model = self._models.embedding.get()
        longest = max(model.count_tokens(text) for text in texts)
        if longest > TEI_TOKENS and not body.get("truncate"):
            raise model_error(
                413, f"Input validation error: `inputs` must have less than {TEI_TOKENS} tokens. Given: {longest}"
            )
        return model.embed(texts).tolist()

    def rerank(self, body: dict[str, Any]) -> Answer:
        """Hugging Face TEI with a reranker: {"query": text, "texts": [texts]} to [{"index": n, "score": s}, …].

        The scores are shares of words (models/overlap.py): there is no cross-encoder behind it.
        """
        query, texts = body.get("query"), body.get("texts")
        if not isinstance(query, str) or not query:
            raise model_error(422, "`query` must be a non-empty text")
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            raise model_error(422, "`texts` must be a non-empty list of texts")
        if len(texts) > TEI_TEXTS:
            raise model_error(413, f"batch size {len(texts)} > maximum allowed batch size {TEI_TEXTS}")
        return [{"index": place, "score": score} for place, score in ranked(overlap_scores(query, texts))]

    def feature_extraction(self, body: dict[str, Any]) -> Answer:
        """Hugging Face toolkit: {"inputs": text or [texts]} to a vector a token, nested as its pipeline nests them."""
        model = self._models.embedding.get()
        vectors = [[model.token_vectors(text).tolist()] for text in _inputs(body)]
        return vectors[0] if isinstance(body["inputs"], str) else vectors

    def text_generation_inference(self, body: dict[str, Any]) -> Answer:
        """TGI: {"inputs": prompt, "parameters": {…}} to [{"generated_text": …}]."""
        prompt = body.get("inputs")
        if not isinstance(prompt, str) or not prompt:
            raise model_error(422, "Input validation error: `inputs` must be a non-empty string")
        parameters = body.get("parameters") or {}
        request = _chat_request((), parameters, parameters.get("max_new_tokens") or TGI_MAX_TOKENS)
        reply = self._models.chat.get().complete(prompt, request)
        front = prompt if parameters.get("return_full_text") else ""
        return [{"generated_text": front + reply.text}]

    def messages_api(self, body: dict[str, Any]) -> Answer:
        """OpenAI-shaped chat, as TGI, vLLM and LMI containers offer it."""
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise model_error(422, "missing field `messages`")
        if body.get("stream"):
            raise model_error(422, "streaming is not offered here")
        turns = tuple({"role": str(turn["role"]), "content": str(turn["content"])} for turn in messages)
        request = _chat_request(turns, body, body.get("max_tokens") or MESSAGES_MAX_TOKENS)
        return _completion(self._models.chat.get().chat(request), str(body.get("model", "tgi")))


def _inputs(body: dict[str, Any]) -> list[str]:
    inputs = body.get("inputs")
    texts = [inputs] if isinstance(inputs, str) else inputs
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
        raise model_error(422, "`inputs` must be a non-empty text or a list of them")
    return texts


def _chat_request(messages: tuple[dict[str, str], ...], options: dict[str, Any], max_tokens: int) -> ChatRequest:
    stop = options.get("stop") or ()
    return ChatRequest(
        messages=messages,
        max_tokens=max_tokens,
        temperature=options.get("temperature"),
        top_p=options.get("top_p"),
        stop=(stop,) if isinstance(stop, str) else tuple(stop),
    )


def _completion(reply: ChatReply, model: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": reply.text},
                "logprobs": None,
                "finish_reason": "length" if reply.stopped_by == "length" else "stop",
            }
        ],
        "usage": {
            "prompt_tokens": reply.input_tokens,
            "completion_tokens": reply.output_tokens,
            "total_tokens": reply.input_tokens + reply.output_tokens,
        },
    }


def container_kind(name: str, image: str, environment: Mapping[str, str]) -> str:
    """Which container a model runs in.

    Args:
        name: of the model or endpoint; on one machine its end may say it.
        image: the container's, as CreateModel has it.
        environment: the container's; the toolkit's own task answers only where no code of one's own is named.
    """
    if (by_name := kind_by_name(name)) is not None:
        return by_name
    if (by_image := next((kind for part, kind in IMAGES.items() if part in image), None)) is not None:
        return by_image
    plain = environment.get("HF_TASK") == "feature-extraction" and "SAGEMAKER_PROGRAM" not in environment
    return "feature-extraction" if plain else OWN_HANDLERS


def kind_by_name(name: str) -> str | None:
    """The container that the end of a name stands for, or None."""
    return next((kind for kind in NAMES if name.endswith(f"-{kind}")), None)


def _json(answer: Answer) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


def model_error(original_status: int, message: str) -> AwsError:
    """What SageMaker says when the container refuses: 424, with the container's own status and words inside."""
    told = json.dumps({"error": message})
    whose = "client" if original_status < HTTP_SERVER_ERROR else "server"
    return AwsError(
        "ModelError",
        f'Received {whose} error ({original_status}) from primary with message "{told}".',
        status=424,
        OriginalStatusCode=original_status,
        OriginalMessage=told,
    )
