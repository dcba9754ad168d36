"""Which search index answers questions, and which one is being made beside it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """One index of the search domain.

    Attributes:
        name: Of the index; no other index ever bears it.
        embedding_model: Id of the model whose vectors it holds.
        dimensions: Floats a vector.
        unnamed_vectors: Vectors that were kept before their model was written down are this model's.
    """

    name: str
    embedding_model: str
    dimensions: int
    unnamed_vectors: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk over all documents that compares an index with the registry.

    Attributes:
        started_at: Seconds since the epoch.
        cursor: Where it goes on; None: at the beginning.
        seen: Documents that answer, looked at so far.
        lacking: Of these, the ones whose passages were not all in the index.
    """

    started_at: float
    cursor: str | None = None
    seen: int = 0
    lacking: int = 0


@dataclass(frozen=True, slots=True)
class IndexConfiguration:
    """The one configuration item that keeps questions and index in step.

    Attributes:
        index, embedding_model, dimensions: The index that answers, as in `SearchIndex`.
        unnamed_vectors: As in `SearchIndex`, of the index that answers.
        complete: It holds every document that answers. False while an index that was lost is filled again.
        next: The index that is being filled to take its place.
        next_since: Since when, in seconds since the epoch.
        retiring: The index that answered before; written until nobody can still be asking it.
        retired_at: Since when.
        abandoned: Names of indexes that nobody asks or writes any more: they are removed.
        walk: The comparison that is under way.
        walked_at: When the last comparison ended that found nothing lacking.
        lock: Counts writes to the item, for optimistic updates.
    """

    index: str
    embedding_model: str
    dimensions: int
    unnamed_vectors: bool = False
    complete: bool = True
    next: SearchIndex | None = None
    next_since: float = 0.0
    retiring: SearchIndex | None = None
    retired_at: float = 0.0
    abandoned: tuple[str, ...] = ()
    walk: Walk | None = None
    walked_at: float = 0.0
    lock: int = 0

    @property
    def active(self) -> SearchIndex:
        """The index that answers."""
        return SearchIndex(self.index, self.embedding_model, self.dimensions, self.unnamed_vectors)

    @property
    def awaited(self) -> tuple[SearchIndex, ...]:
        """Indexes in which a version must be complete before it answers."""
        return (self.active,) if self.next is None else (self.active, self.next)

    @property
    def written(self) -> tuple[SearchIndex, ...]:
        """Indexes that every passage is written to."""
        return self.awaited if self.retiring is None else (*self.awaited, self.retiring)
