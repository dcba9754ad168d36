"""bge-small-en-v1.5, quantised, on the CPU."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from devstack.modelserver.models.ports import EmbeddingBusyError, Vectors

# The model card's limit; longer texts are cut.
MAX_TOKENS = 512
# Texts of one run share their length by padding; small runs of similar lengths waste least.
TEXTS_A_RUN = 8
# A question has one text. It does not wait behind documents, which come by the hundred.
FEW_TEXTS = 4
# Two cores embed these in fifteen seconds. Who came later would give up waiting while its work is still done for
# nobody, and come again: like the service that it stands for, the model refuses what it cannot do in time.
MOST_WAITING = 500


class BgeSmallEmbedding:
    """384 floats a text: the first token's vector, normalised.

    Args:
        folder: holds model.onnx and tokenizer.json.
        threads: runs at once, each on one core.
    """

    dimensions = 384

    def __init__(self, folder: Path, threads: int) -> None:
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
        self._waiting = 0
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """N unit vectors, shape (n, 384), in the texts' order.

        Raises:
            EmbeddingBusyError: more than MOST_WAITING texts would be waiting.
        """
        if len(texts) <= FEW_TEXTS:
            return self._embed(texts, self._few)
        with self._place(len(texts)):
            return self._embed(texts, self._many)

    @contextmanager
    def _place(self, texts: int) -> Iterator[None]:
        with self._lock:
            if self._waiting and self._waiting + texts > MOST_WAITING:
                raise EmbeddingBusyError(f"{self._waiting} texts are waiting")
            self._waiting += texts
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= texts

    def _embed(self, texts: Sequence[str], pool: ThreadPoolExecutor) -> Vectors:
        encodings = self._tokenizer.encode_batch(list(texts))
        by_length = sorted(range(len(texts)), key=lambda position: len(encodings[position].ids))
        runs = [by_length[start : start + TEXTS_A_RUN] for start in range(0, len(by_length), TEXTS_A_RUN)]
        hidden = pool.map(lambda run: self._hidden([encodings[position] for position in run])[:, 0], runs)
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for run, found in zip(runs, hidden, strict=True):
            vectors[run] = found
        return _unit(vectors)

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


def _cut(ids: Sequence[int]) -> list[int]:
    """At most MAX_TOKENS, keeping the closing token."""
    return list(ids) if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], ids[-1]]


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), dtype=np.float32)
