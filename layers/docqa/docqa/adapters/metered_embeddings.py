"""What every embedding adapter has in common: batches side by side, counted tokens, checked vectors."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from langchain_core.embeddings import Embeddings

from docqa.adapters.content_handlers.handler import ANOTHER_FORM, Answer
from docqa.adapters.content_handlers.vectors import vector_fault
from docqa.errors import ConfigurationError
from docqa.models.inference import Vector


@dataclass(frozen=True, slots=True)
class EmbeddedBatch:
    """Vectors of one call, in the order of its texts, and the tokens that the service counted (0: it does not say)."""

    vectors: list[list[float]]
    tokens: int = 0

    @classmethod
    def of(cls, answers: Sequence[Answer[Vector]]) -> EmbeddedBatch:
        """What a content handler read."""
        return cls([list(answer.value) for answer in answers], sum(answer.tokens for answer in answers))


class MeteredEmbeddings(Embeddings):
    """LangChain Core's `Embeddings` over a service that takes at most `batch_size` texts a call.

    Attributes:
        embedded_tokens: Tokens embedded by this object so far.
    """

    def __init__(self, model: str, dimensions: int, batch_size: int, parallel_calls: int) -> None:
        self.model = model
        self.dimensions = dimensions
        self.embedded_tokens = 0
        self._batch_size = batch_size
        self._parallel_calls = parallel_calls
        self._meter = threading.Lock()

    @abstractmethod
    def _embed(self, texts: Sequence[str], *, query: bool) -> EmbeddedBatch:
        """One call to the service. `query`: the texts are questions, not passages."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector of `dimensions` floats for each passage, in order.

        Raises:
            ThrottledError, ServiceUnavailableError: try again later.
            ConfigurationError: the model refuses the call, or its vectors are not of the stated dimensions.
        """
        return self._embed_all(texts, query=False)

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question. Raises as `embed_documents`."""
        return self._checked([text], query=True)[0]

    def embed_queries(self, texts: list[str]) -> list[list[float]]:
        """The vectors of several questions, in order. Raises as `embed_documents`."""
        return self._embed_all(texts, query=True)

    def _embed_all(self, texts: list[str], *, query: bool) -> list[list[float]]:
        batches = _shared_out(texts, self._batch_size)
        if len(batches) <= 1:
            return [vector for batch in batches for vector in self._checked(batch, query=query)]
        with ThreadPoolExecutor(min(self._parallel_calls, len(batches))) as pool:
            results = pool.map(lambda batch: self._checked(batch, query=query), batches)
            return [vector for vectors in results for vector in vectors]

    def _checked(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:
        try:
            batch = self._embed(texts, query=query)
            self._check(batch.vectors, len(texts))
        except ANOTHER_FORM as error:
            raise ConfigurationError(
                f"{self.model} answers in another format than expected: check EMBEDDING_FORMAT"
            ) from error
        with self._meter:
            self.embedded_tokens += batch.tokens
        return batch.vectors

    def _check(self, vectors: Sequence[Sequence[float]], texts: int) -> None:
        if len(vectors) != texts:
            raise ConfigurationError(f"{self.model} returned {len(vectors)} vectors for {texts} texts")
        for vector in vectors:
            if fault := vector_fault(vector, self.dimensions):
                raise ConfigurationError(f"{self.model} {fault}")


def _shared_out(texts: list[str], most: int) -> list[list[str]]:
    """As few batches as there can be, of equal size, so that none of those side by side is waited for alone."""
    batches = -(-len(texts) // most)
    size = -(-len(texts) // max(batches, 1))
    return [texts[at : at + size] for at in range(0, len(texts), max(size, 1))]
