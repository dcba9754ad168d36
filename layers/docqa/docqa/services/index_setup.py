"""Which index answers and which one is made beside it, as deployments ask for it and as the domain has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from docqa.errors import ConcurrentUpdateError, ConfigurationError
from docqa.models.search_index import IndexConfiguration, SearchIndex
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry

# A page of a walk takes longer than a deployment needs between its read and its write.
ROUNDS = 10


class IndexSetup(Protocol):
    """Makes indexes, and ends them."""

    def name(self, dimensions: int, suffix: str) -> str:
        """What an index of this release's mapping is called."""
        ...

    def is_current(self, name: str) -> bool:
        """Whether an index of this name has this release's mapping."""
        ...

    def create(self, name: str, dimensions: int) -> None:
        """Create the index for vectors of so many floats unless it is there."""
        ...

    def exists(self, name: str) -> bool:
        """Whether the index is there, and can be written."""
        ...

    def extend(self, name: str, dimensions: int) -> bool:
        """Let an index of an earlier mapping take this release's new fields, and be written; False: there is none."""
        ...

    def remove(self, name: str) -> None:
        """Delete the index with everything in it; an absent one is fine."""
        ...


@dataclass(frozen=True, slots=True)
class Indexes:
    """Indexes of the domain and the item that names them.

    An index is always made before the item names it, under a name that was never used: whoever finds it missing later
    knows that the domain lost it.
    """

    registry: DocumentRegistry
    setup: IndexSetup
    new_suffix: Callable[[], str]
    clock: Clock

    def prepared(self, model: str, dimensions: int) -> IndexConfiguration:
        """The first configuration of a stack."""
        made = self._make(SearchIndex("", model, dimensions))
        return self._write(IndexConfiguration(made.name, model, dimensions), made)

    def restored(self, configuration: IndexConfiguration) -> IndexConfiguration:
        """The configuration, with indexes made again that the domain lost; what was in them is filled again."""
        if not self._is_there(configuration.active):
            made = self._make(configuration.active)
            configuration = self._write(replace(configuration, index=made.name, complete=False, walk=None), made)
        if configuration.next is not None and not self._is_there(configuration.next):
            made = self._make(configuration.next)
            changed = replace(configuration, next=made, next_since=self.clock.now(), walk=None)
            configuration = self._write(changed, made)
        return configuration

    def beside(self, configuration: IndexConfiguration, model: str, dimensions: int) -> IndexConfiguration:
        """The configuration with an empty index for this model, to be filled and to take over."""
        same = (model, dimensions) == (configuration.embedding_model, configuration.dimensions)
        made = self._make(SearchIndex("", model, dimensions, same and configuration.unnamed_vectors))
        # A walk over the old index says nothing of what this one lacks.
        changed = replace(self._without_next(configuration), next=made, next_since=self.clock.now(), walk=None)
        return self._write(changed, made)

    def alone(self, configuration: IndexConfiguration) -> IndexConfiguration:
        """The configuration without an index that was to take over."""
        return self.registry.set_index_configuration(self._without_next(configuration))

    def _without_next(self, configuration: IndexConfiguration) -> IndexConfiguration:
        if configuration.next is None:
            return configuration
        abandoned = (*configuration.abandoned, configuration.next.name)
        return replace(configuration, next=None, next_since=0.0, walk=None, abandoned=abandoned)

    def _write(self, configuration: IndexConfiguration, made: SearchIndex) -> IndexConfiguration:
        """Name an index that was just made; if another writer was quicker, nobody will ever name it."""
        try:
            return self.registry.set_index_configuration(configuration)
        except ConcurrentUpdateError:
            self.setup.remove(made.name)
            raise

    def _make(self, like: SearchIndex) -> SearchIndex:
        made = replace(like, name=self.setup.name(like.dimensions, self.new_suffix()))
        self.setup.create(made.name, made.dimensions)
        return made

    def _is_there(self, index: SearchIndex) -> bool:
        if self.setup.is_current(index.name) and self.setup.exists(index.name):
            return True
        return self.setup.extend(index.name, index.dimensions)


@dataclass(frozen=True, slots=True)
class PrepareIndex:
    """Makes what a deployment asks for. Everything that takes longer is for `KeepIndex`."""

    registry: DocumentRegistry
    indexes: Indexes

    def run(self, model: str, dimensions: int, next_model: str = "", next_dimensions: int = 0) -> IndexConfiguration:
        """Make what is missing, and an index beside the one that answers where another model or mapping is wanted.

        Args:
            model: Whose vectors the index holds that answers.
            dimensions: How many floats these have.
            next_model: Whose vectors shall answer as soon as they are all there; empty: the same.
            next_dimensions: How many floats those have.

        Raises:
            ConfigurationError: documents are indexed with a model that the settings do not name.
            ConcurrentUpdateError: others kept writing the configuration.
        """
        for _ in range(ROUNDS):
            try:
                return self._settle(model, dimensions, next_model, next_dimensions)
            except ConcurrentUpdateError:
                continue  # a walk notes its progress with every page
        raise ConcurrentUpdateError("the index configuration keeps changing: deploy again")

    def _settle(self, model: str, dimensions: int, next_model: str, next_dimensions: int) -> IndexConfiguration:
        present = self.registry.index_configuration()
        if present is None:
            return self.indexes.prepared(model, dimensions)
        wanted = (next_model, next_dimensions) if next_model else (model, dimensions)
        answering = (present.embedding_model, present.dimensions)
        if answering not in ((model, dimensions), wanted):
            raise ConfigurationError(
                f"The index {present.index} holds vectors of {answering[0]} ({answering[1]} floats). To change to "
                f"{model} ({dimensions}), deploy with the old EmbeddingModel and EmbeddingDimensions, and the new ones "
                "as NextEmbeddingModel and NextEmbeddingDimensions."
            )
        present = self.indexes.restored(present)
        coming = present.next and (present.next.embedding_model, present.next.dimensions)
        if wanted != answering:
            return present if coming == wanted else self.indexes.beside(present, *wanted)
        if coming is not None and coming != wanted:
            present = self.indexes.alone(present)
        if not self.indexes.setup.is_current(present.index) and present.next is None:
            return self.indexes.beside(present, *wanted)
        return present
