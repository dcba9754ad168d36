"""An embedding model in Hugging Face's inference toolkit, which finds these four functions in an archive's code folder.

The archive holds model.onnx (or onnx/model.onnx) and tokenizer.json. It speaks as Text Embeddings Inference does:
{"inputs": text or [texts], "truncate": true} is answered with one unit vector a text.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer

from request_bodies import Answered, Asked, RequestError, one_by_one, read, write

MAX_TEXTS = 256
# Of one text: far more than any model reads, so that nobody's mistake is tokenised for minutes.
MAX_CHARACTERS = 100_000
MAX_TOKENS = 512
# Decimals of an answer: a unit vector's floats are exact to 32 bits with eight, in half the bytes.
DECIMALS = 8


@dataclass(frozen=True)
class Texts:
    """One request. `truncate`: texts that are longer than the model reads are cut, not refused."""

    texts: tuple[str, ...]
    truncate: bool


@dataclass(frozen=True)
class EmbeddingModel:
    """A model with its tokenizer. `pooling`: `cls` takes the first token's vector, `mean` the average."""

    session: Any
    tokenizer: Tokenizer
    pooling: str
    max_tokens: int

    def embed(self, encoding: Encoding) -> list[float]:
        """The unit vector of one text.

        It runs alone: on one core a batch is no faster, and what a quantised model says of a text depends on the others
        in its batch (a cosine of 0.99), so that the same text would have other vectors on another route.
        """
        ids = np.array([_cut(encoding.ids, self.max_tokens)], dtype=np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        wanted = {one.name for one in self.session.get_inputs()}
        hidden = self.session.run(None, {name: value for name, value in feeds.items() if name in wanted})[0][0]
        vector = (hidden[0] if self.pooling == "cls" else hidden.mean(axis=0)).astype(np.float64)
        unit: list[float] = (vector / max(float(np.linalg.norm(vector)), 1e-12)).round(DECIMALS).tolist()
        return unit


def model_fn(model_dir: str) -> EmbeddingModel:
    """Load the model, once for each worker of the container.

    Raises:
        FileNotFoundError: there is no model.onnx.
    """
    folder = Path(model_dir)
    options = onnxruntime.SessionOptions()
    # The container starts a worker for each core; threads of several would wait for each other.
    options.intra_op_num_threads = int(os.environ.get("EMBEDDING_THREADS", "1"))
    graph = next((path for path in (folder / "model.onnx", folder / "onnx" / "model.onnx") if path.exists()), None)
    if graph is None:
        raise FileNotFoundError("The archive must hold model.onnx, or onnx/model.onnx.")
    tokenizer = Tokenizer.from_file(os.fspath(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return EmbeddingModel(
        session=onnxruntime.InferenceSession(os.fspath(graph), options, providers=["CPUExecutionProvider"]),
        tokenizer=tokenizer,
        pooling=_pooling(folder),
        max_tokens=_max_tokens(folder),
    )


def input_fn(body: str | bytes, content_type: str) -> Asked[Texts]:
    """The requests of a body.

    Raises:
        RequestError: it cannot be understood.
    """
    return read(body, content_type, _texts)


def predict_fn(asked: Asked[Texts], model: EmbeddingModel) -> Answered:
    """One vector a text."""
    return one_by_one(asked, lambda request: _vectors(request, model))


def output_fn(answered: Answered, accept: str) -> str:  # noqa: ARG001 - the answer has the form of the request
    """[[floats]], or a line of that for each line."""
    return write(answered)


def _texts(request: dict[str, Any]) -> Texts:
    inputs, truncate = request.get("inputs"), request.get("truncate", True)
    texts = [inputs] if isinstance(inputs, str) else inputs
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
        raise RequestError("`inputs` must be a text or a list of texts, none of them empty.")
    if not isinstance(truncate, bool):
        raise RequestError("`truncate` must be true or false.")
    most = int(os.environ.get("EMBEDDING_MAX_TEXTS", MAX_TEXTS))
    if len(texts) > most:
        raise RequestError(f"`inputs` has {len(texts)} texts; at most {most} are taken at once.")
    longest = max(len(text) for text in texts)
    if longest > MAX_CHARACTERS:
        raise RequestError(f"A text has {longest} characters; at most {MAX_CHARACTERS} are taken.")
    return Texts(tuple(texts), truncate)


def _vectors(request: Texts, model: EmbeddingModel) -> list[list[float]]:
    encodings = model.tokenizer.encode_batch(list(request.texts))
    longest = max(len(encoding.ids) for encoding in encodings)
    if longest > model.max_tokens and not request.truncate:
        raise RequestError(f"A text has {longest} tokens, the model reads {model.max_tokens}; `truncate` would cut it.")
    return [model.embed(encoding) for encoding in encodings]


def _cut(ids: Sequence[int], most: int) -> list[int]:
    """At most so many, keeping the closing token."""
    return list(ids) if len(ids) <= most else [*ids[: most - 1], ids[-1]]


def _pooling(folder: Path) -> str:
    """As the model says (Sentence Transformers' file), else as the environment does."""
    path = folder / "1_Pooling" / "config.json"
    if path.exists():
        return "cls" if json.loads(path.read_text()).get("pooling_mode_cls_token") else "mean"
    return os.environ.get("EMBEDDING_POOLING", "cls")


def _max_tokens(folder: Path) -> int:
    """As the model says (Sentence Transformers' file), else what models of BERT's kind read."""
    path = folder / "sentence_bert_config.json"
    return int(json.loads(path.read_text())["max_seq_length"]) if path.exists() else MAX_TOKENS
