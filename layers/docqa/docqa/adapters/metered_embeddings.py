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
from docqa.domain.token_bucket import estimated_tokens
from docqa.errors import ConfigurationError, RetryableError
from docqa.models.inference import Vector
from docqa.services.model_calls import Calls, Unpaced


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

    def __init__(
        self, model: str, dimensions: int, batch_size: int, parallel_calls: int, calls: Calls | None = None
    ) -> None:
        self.model = model
        self.dimensions = dimensions
        self.embedded_tokens = 0
        self._batch_size = batch_size
        self._parallel_calls = parallel_calls
        self._calls = calls or Unpaced()
        self._meter = threading.Lock()

    @property
    def texts_a_call(self) -> int:
        """So many texts the service takes at most in one call."""
        return self._batch_size

    @property
    def texts_at_once(self) -> int:
        """So many texts keep as many calls busy as may be made side by side."""
        return self._batch_size * self._parallel_calls

    @abstractmethod
    def _embed(self, texts: Sequence[str], *, query: bool) -> EmbeddedBatch:
        """One call to the service. `query`: the texts are questions, not passages."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector of `dimensions` floats for each passage, in order.

        Raises:
            ThrottledError, ServiceUnavailableError: try again later.
            ConfigurationError: the model refuses the call, or its vectors are not of the stated dimensions.
        """
        vectors, error = self.embed_partly(texts)
        if error is not None:
            raise error
        return [vector for vector in vectors if vector is not None]

    def embed_partly(self, texts: list[str]) -> tuple[list[list[float] | None], RetryableError | None]:
        """As `embed_documents`; where calls fail for now, their texts have None and the last error is told, not raised.

        Raises:
            ConfigurationError: as above.
        """
        batches = _shared_out(texts, self._batch_size)
        if not batches:
            return [], None
        with ThreadPoolExecutor(min(self._parallel_calls, len(batches))) as pool:
            results = list(pool.map(self._attempted, batches))
        errors = [error for _, error in results if error is not None]
        return [vector for vectors, _ in results for vector in vectors], errors[-1] if errors else None

    def _attempted(self, texts: list[str]) -> tuple[Sequence[list[float] | None], RetryableError | None]:
        try:
            return self._checked(texts, query=False), None
        except RetryableError as error:
            return [None] * len(texts), error

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question. Raises as `embed_documents`."""
        return self._checked([text], query=True)[0]

    def embed_queries(self, texts: list[str]) -> list[list[float]]:
        """The vectors of several questions, in order. Raises as `embed_documents`."""
        batches = _shared_out(texts, self._batch_size)
        with ThreadPoolExecutor(max(min(self._parallel_calls, len(batches)), 1)) as pool:
            results = pool.map(lambda batch: self._checked(batch, query=True), batches)
            return [vector for vectors in results for vector in vectors]

    def _checked(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:
        try:
            batch = self._calls.make(
                lambda: self._embed(texts, query=query), estimated_tokens(texts), lambda batch: batch.tokens
            )
            # Before they are looked at: vectors that are no use are paid all the same.
            with self._meter:
                self.embedded_tokens += batch.tokens
            self._check(batch.vectors, len(texts))
        except ANOTHER_FORM as error:
            raise ConfigurationError(
                f"{self.model} answers in another format than expected: check EMBEDDING_FORMAT"
            ) from error
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
