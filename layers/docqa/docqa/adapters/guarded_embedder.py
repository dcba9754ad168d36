"""An embedder of questions that is left alone while it is down."""

from __future__ import annotations

from docqa.services.answering import Embedder
from docqa.services.circuit_breaker import CircuitBreaker


class GuardedEmbedder:
    """An embedder of questions behind a circuit breaker: a question need not wait to learn that it has to."""

    def __init__(self, inner: Embedder, breaker: CircuitBreaker) -> None:
        self.model = inner.model
        self.dimensions = inner.dimensions
        self._inner = inner
        self._breaker = breaker

    @property
    def embedded_tokens(self) -> int:
        """Tokens embedded so far."""
        return self._inner.embedded_tokens

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question. Raises as the model does, and `CircuitOpenError`."""
        return self._breaker.call(lambda: self._inner.embed_query(text))

    def embed_queries(self, texts: list[str]) -> list[list[float]]:
        """The vectors of several questions. Raises likewise."""
        return self._breaker.call(lambda: self._inner.embed_queries(texts))
