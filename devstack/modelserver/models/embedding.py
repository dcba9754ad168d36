"""bge-small-en-v1.5, quantised, on the CPU."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from devstack.modelserver.models.background import give_way
from devstack.modelserver.models.pace import Pace
from devstack.modelserver.models.ports import EmbeddingModel, Vectors

# The model card's limit; longer texts are cut.
MAX_TOKENS = 512
# Texts of one run share their length by padding; small runs of similar lengths waste least.
TEXTS_A_RUN = 8
# A question has one text. It does not wait behind documents, which come by the hundred.
FEW_TEXTS = 4
# Of one core, before it is measured.
SECONDS_A_TEXT = 0.055


class BgeSmallEmbedding:
    """384 floats a text: the first token's vector, normalised.

    Args:
        folder: holds model.onnx and tokenizer.json.
        threads: runs at once, each on one core.
        longest_wait: seconds; what would be done later than that is refused.
    """

    dimensions = 384

    def __init__(self, folder: Path, threads: int, longest_wait: float) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            os.fspath(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = {one.name for one in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(os.fspath(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._many = ThreadPoolExecutor(threads, "embedding-many")
        self._few = ThreadPoolExecutor(threads, "embedding-few")
        self._background = ThreadPoolExecutor(1, "embedding-background", give_way)
        self._pace = Pace(threads, SECONDS_A_TEXT, longest_wait, time.monotonic)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """N unit vectors, shape (n, 384), in the texts' order.

        Raises:
            EmbeddingBusyError: so many are waiting that these would be done too late.
        """
        if len(texts) <= FEW_TEXTS:
            return self._embed(texts, self._few, self._first)
        with self._pace.place(len(texts)):
            return self._embed(texts, self._many, self._measured)

    def in_background(self) -> EmbeddingModel:
        """On one thread, and others come first."""
        return _BackgroundEmbedding(self)

    def embed_in_background(self, texts: Sequence[str]) -> Vectors:
        """N unit vectors, the same as `embed` gives for these texts."""
        return self._embed(texts, self._background, self._first)

    def _embed(
        self, texts: Sequence[str], pool: ThreadPoolExecutor, run: Callable[[Sequence[Encoding]], Vectors]
    ) -> Vectors:
        encodings = self._tokenizer.encode_batch(list(texts))
        by_length = sorted(range(len(texts)), key=lambda position: len(encodings[position].ids))
        runs = [by_length[start : start + TEXTS_A_RUN] for start in range(0, len(by_length), TEXTS_A_RUN)]
        found = pool.map(lambda positions: run([encodings[position] for position in positions]), runs)
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for positions, rows in zip(runs, found, strict=True):
            vectors[positions] = rows
        return _unit(vectors)

    def _first(self, encodings: Sequence[Encoding]) -> Vectors:
        """The vectors of the first tokens, which stand for the texts."""
        return self._hidden(encodings)[:, 0]

    def _measured(self, encodings: Sequence[Encoding]) -> Vectors:
        with self._pace.run(len(encodings)):
            return self._first(encodings)

    def token_vectors(self, text: str) -> Vectors:
        """One vector a token, shape (tokens, 384), not normalised."""
        vectors: Vectors = self._hidden([self._tokenizer.encode(text)])[0]
        return vectors

    def count_tokens(self, text: str) -> int:
        """Tokens of the whole text, also of the part that the model cuts off."""
        return len(self._tokenizer.encode(text).ids)

    def _hidden(self, encodings: Sequence[Encoding]) -> Vectors:
        rows = [_cut(encoding.ids) for encoding in encodings]
        longest = max(len(row) for row in rows)
        ids = np.zeros((len(rows), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for position, row in enumerate(rows):
            ids[position, : len(row)] = row
            mask[position, : len(row)] = 1
        feeds: dict[str, NDArray[np.int64]] = {
            "input_ids": ids,
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(ids),
        }
        outputs = self._session.run(None, {name: value for name, value in feeds.items() if name in self._inputs})
        return np.asarray(outputs[0], dtype=np.float32)


class _BackgroundEmbedding:
    """What jobs see of the model."""

    def __init__(self, model: BgeSmallEmbedding) -> None:
        self._model = model
        self.dimensions = model.dimensions
        self.embed = model.embed_in_background
        self.token_vectors = model.token_vectors
        self.count_tokens = model.count_tokens

    def in_background(self) -> EmbeddingModel:
        """It is there already."""
        return self


def _cut(ids: Sequence[int]) -> list[int]:
    """At most MAX_TOKENS, keeping the closing token."""
    return list(ids) if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], ids[-1]]


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
