"""Keeping the search index whole: lost ones are filled again, the next one is filled and takes over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from docqa.models.document import Document, Generation
from docqa.models.search_index import IndexConfiguration, Walk
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.messages import WorkQueue
from docqa.ports.search import ChunkIndex
from docqa.services.index_setup import Indexes

# Longer than a publication runs: one that did not see the next index yet is over before the walk begins that may
# make it take over.
SETTLING_SECONDS = 90.0
# Questions look at the configuration every few seconds, answers that are worded take half a minute; the old index is
# written for this long, so that they find in it what is published meanwhile.
RETIRING_SECONDS = 600.0
# A walk that finds nothing costs what a scan of the table costs.
WALK_EVERY_SECONDS = 86_400.0
PAGE = 100
# Documents that wait to be filled. House-keeping works on five at a time; more would only stand in the way of others.
WAITING_MOST = 20
PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class KeepIndex:
    """Compares the indexes with the registry and has made up what they lack.

    Attributes:
        pause: Waits that many seconds.
    """

    registry: DocumentRegistry
    indexes: Indexes
    chunks: Callable[[str], ChunkIndex]
    maintenance: WorkQueue
    clock: Clock
    pause: Callable[[float], None]

    def run(self, seconds: float, *, rebuild: bool = False) -> IndexConfiguration | None:
        """Go on for that long, or as long as there is something to do; the configuration as it then is.

        Args:
            seconds: How long.
            rebuild: Begin a new index with the same model beside the one that answers, unless one is coming already.

        Raises:
            ConcurrentUpdateError: a deployment changed the configuration meanwhile; the next run goes on.
        """
        configuration = self.registry.index_configuration()
        if configuration is None:
            return None
        until = self.clock.now() + seconds
        configuration = self._removed(self.indexes.restored(configuration))
        if rebuild and configuration.next is None:
            active = configuration.active
            configuration = self.indexes.beside(configuration, active.embedding_model, active.dimensions)
        while self._is_due(configuration) and self.clock.now() < until:
            configuration = self._step(configuration)
            if configuration.walk is None:
                break  # what was lacking takes its time: the next run looks again
        return configuration

    def _removed(self, configuration: IndexConfiguration) -> IndexConfiguration:
        """Remove indexes that nobody uses; of the one that retires, only the name goes now and the index next time."""
        for name in configuration.abandoned:
            self.indexes.setup.remove(name)
        changed = replace(configuration, abandoned=())
        if changed.retiring is not None and self.clock.now() - changed.retired_at >= RETIRING_SECONDS:
            changed = replace(changed, retiring=None, retired_at=0.0, abandoned=(changed.retiring.name,))
        return configuration if changed == configuration else self.registry.set_index_configuration(changed)

    def _is_due(self, configuration: IndexConfiguration) -> bool:
        if configuration.walk is not None:
            return True
        now = self.clock.now()
        if configuration.next is not None:
            return now - configuration.next_since >= SETTLING_SECONDS
        return not configuration.complete or now - configuration.walked_at >= WALK_EVERY_SECONDS

    def _step(self, configuration: IndexConfiguration) -> IndexConfiguration:
        """One page of documents, as soon as house-keeping has time for them."""
        walk = configuration.walk or Walk(self.clock.now())
        if self.maintenance.waiting() >= WAITING_MOST:
            self.pause(PAUSE_SECONDS)
            return replace(configuration, walk=walk)
        documents, cursor = self.registry.all_documents(PAGE, walk.cursor)
        seen, lacking = self._compare(configuration, documents)
        for document in lacking:
            self.maintenance.send({"document_id": document.document_id})
        walk = replace(walk, cursor=cursor, seen=walk.seen + seen, lacking=walk.lacking + len(lacking))
        if cursor is not None:
            return self.registry.set_index_configuration(replace(configuration, walk=walk))
        return self.registry.set_index_configuration(_walked(configuration, walk, self.clock.now()))

    def _compare(self, configuration: IndexConfiguration, documents: list[Document]) -> tuple[int, list[Document]]:
        """How many of the documents answer, and those of them whose passages are not all in the index."""
        live = [found for document in documents if (found := self._live(document)) is not None]
        index = self.chunks((configuration.next or configuration.active).name)
        index.refresh()
        held = index.inventory([document.document_id for document, _ in live])
        return len(live), [
            document
            for document, generation in live
            if (there := held.get((document.document_id, generation.generation))) is None
            or there.chunks < generation.chunks
            or there.revision < generation.indexed_revision
        ]

    def _live(self, document: Document) -> tuple[Document, Generation] | None:
        if not document.answers:
            return None
        generation = self.registry.get_generation(document.document_id, document.live_generation)
        return None if generation is None or not generation.chunks else (document, generation)


def _walked(configuration: IndexConfiguration, walk: Walk, now: float) -> IndexConfiguration:
    """What follows from a walk to the end: nothing was lacking, or another walk looks whether it was made up."""
    changed = replace(configuration, walk=None)
    if walk.lacking:
        return changed
    changed = replace(changed, walked_at=now)
    if changed.next is None:
        return replace(changed, complete=True)
    coming, retiring = changed.next, configuration.active
    return replace(
        changed,
        index=coming.name,
        embedding_model=coming.embedding_model,
        dimensions=coming.dimensions,
        unnamed_vectors=coming.unnamed_vectors,
        complete=True,
        next=None,
        next_since=0.0,
        retiring=retiring,
        retired_at=now,
        abandoned=(*changed.abandoned, *([changed.retiring.name] if changed.retiring else [])),
    )
