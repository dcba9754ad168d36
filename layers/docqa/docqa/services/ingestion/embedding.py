"""Step 7: passages become vectors, once for equal texts of a tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from docqa.domain.artifacts import owner
from docqa.domain.charges import embedding_charge
from docqa.domain.pricing import tokens_usd
from docqa.errors import ConfigurationError, ThrottledError
from docqa.models.document import DocumentReference
from docqa.models.search_index import SearchIndex
from docqa.models.work import ChunkSpan, ChunkWork
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.objects import ObjectStore
from docqa.services.active_indexes import index_configuration
from docqa.services.ingestion.piecewise import Embedded, IncompleteError, PiecewiseEmbedding
from docqa.services.ingestion.storage import load_chunks, load_source, require_current
from docqa.services.ingestion.vectors import embedded_texts, pack, vectors_name, vectors_prefix
from docqa.services.metering import Meter, Unmetered

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings

# As long as a function that embeds can run: whoever announced it and says nothing after that is dead.
MAKING_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class SpanEmbedder:
    """Makes the vectors of spans of chunks, unless the same texts were embedded before.

    Attributes:
        models: The model whose vectors an index holds; None: this function is not set up to call it.
        metering: Takes down what the model counted, also of an attempt that comes to nothing.
    """

    work: ObjectStore
    registry: DocumentRegistry
    models: Callable[[SearchIndex], Embeddings | None]
    clock: Clock
    metering: Meter = field(default_factory=Unmetered)

    def embed(self, reference: DocumentReference, span: ChunkSpan, index: SearchIndex, maker: str) -> bool:
        """Write the vectors of the span for an index; False when its model cannot be called from here.

        Args:
            reference: The version.
            span: Which of its chunks.
            index: Whose model.
            maker: Who works on it, the same when the same work is repeated: of two makers one waits.

        Raises:
            StaleVersionError: the generation is no longer wanted.
            ThrottledError: an equal document's run is just embedding the same texts, or the model is busy.
            ConfigurationError: the vectors do not fit the index, or are none.
        """
        started = self.clock.now()
        source = load_source(self.work, reference)
        texts = embedded_texts(source, load_chunks(self.work, reference, span))
        prefix, name = vectors_prefix(reference.tenant, source, index), vectors_name(span, texts)
        if prefix not in self.registry.artifacts_of(owner(reference)):
            self.registry.claim_artifact(prefix, owner(reference))
        if self.work.exists(prefix + name):
            return True
        model = self.models(index)
        if model is None:
            return False
        with self._alone(prefix, name, maker):
            if not self.work.exists(prefix + name):
                before, key = _tokens(model), f"embed:{index.name}:{span.first}"
                embedded = self._vectors(model, texts, reference, index, key, prefix + name)
                self.work.write(prefix + name, pack(embedded.vectors))
                usage = _usage(index, embedded.made, _tokens(model) - before)
                self.registry.add_usage(reference, key, usage, {"embed": self.clock.now() - started})
        return True

    def _vectors(
        self, model: Embeddings, texts: list[str], reference: DocumentReference, index: SearchIndex, key: str, kept: str
    ) -> Embedded:
        """One vector a text. What was paid is in the ledger before any is kept, also when it comes to nothing."""
        started, before = self.clock.now(), _tokens(model)
        try:
            return PiecewiseEmbedding(self.work, self.clock).embed(model, texts, index.dimensions, kept)
        except IncompleteError as error:
            if spent := _tokens(model) - before:
                self.registry.add_usage(reference, f"{key}:{started}", _usage(index, error.made, spent), {})
            raise error.cause from error
        finally:
            charge = embedding_charge(index.embedding_model, _tokens(model) - before)
            self.metering.charge(reference.tenant, charge)

    @contextmanager
    def _alone(self, prefix: str, name: str, mine: str) -> Iterator[None]:
        """Announce the work, so that it is paid for once; take the announcement back, however it ends."""
        now = self.clock.now()
        if not self.registry.start_making(prefix, name, mine, now, now + MAKING_SECONDS):
            raise ThrottledError("the same texts are being embedded for an equal document: wait for its vectors")
        try:
            yield
        finally:
            self.registry.stop_making(prefix, name, mine)


@dataclass(frozen=True, slots=True)
class EmbedChunks:
    """The pipeline's step: the vectors of a span for every index that is written."""

    registry: DocumentRegistry
    embedder: SpanEmbedder

    def run(self, work: ChunkWork) -> None:
        """Write the vectors of the span.

        Raises:
            StaleVersionError: the generation is no longer wanted.
            ConfigurationError: an index holds vectors of a model that this function does not call.
        """
        require_current(self.registry, work.reference)
        configuration = index_configuration(self.registry)
        maker = f"{owner(work.reference)}:{work.reference.attempt}"
        for index in configuration.written:
            made = self.embedder.embed(work.reference, work.span, index, maker)
            # The model of an index that retires may be gone from the settings already; nobody asks it any more then.
            if not made and index != configuration.retiring:
                raise unknown_model(index)


def unknown_model(index: SearchIndex) -> ConfigurationError:
    """The settings name no way to the model whose vectors an index holds."""
    return ConfigurationError(
        f"the index {index.name} holds vectors of {index.embedding_model} ({index.dimensions} floats), which neither "
        "EMBEDDING_MODEL nor NEXT_EMBEDDING_MODEL names: a change of the model needs a re-embedding"
    )


def _usage(index: SearchIndex, texts: int, tokens: int) -> dict[str, float]:
    usd = tokens_usd(index.embedding_model, tokens)
    return {"embedded_texts": float(texts), "embedded_tokens": float(tokens), "usd": usd}


def _tokens(model: Embeddings) -> int:
    """Tokens embedded so far; LangChain's interface has no meter, docqa's own adapters do."""
    return int(getattr(model, "embedded_tokens", 0))
