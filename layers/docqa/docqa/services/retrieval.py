"""Find the passages that a question may be answered from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

from docqa.domain.expiry import may_answer
from docqa.domain.fusion import fuse
from docqa.domain.live_access import answer_readers
from docqa.domain.question_terms import QuestionTerms
from docqa.domain.report_series import spread_over_series
from docqa.domain.reranking import rerank
from docqa.errors import ConfigurationError, NotYetVisibleError, RetryableError
from docqa.models.access import Principal
from docqa.models.chunk import ScoredChunk
from docqa.models.document import Document
from docqa.models.search_index import IndexConfiguration
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.search import ChunkSearch, SearchQuery
from docqa.services.neighbours import Completed, completed
from docqa.services.stopwatch import Stopwatch
from docqa.services.time_limits import CALL_SECONDS

Versions: TypeAlias = frozenset[tuple[str, int]]
"""Pairs of a document's id and a generation."""

# Candidates of each clause: fusion was measured with a hundred.
CANDIDATES = 100
# Each round rules out every generation that the one before found void; a switch of a document takes one more.
MOST_ROUNDS = 4
CONFIGURATION_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What a search found and the registry allows, best first.

    Attributes:
        candidates: Everything, for estimating how rare a word is.
        passages: The best of them; of each report in turn, where a question is about several periods.
        completed: Those of them whose sentences were cut, by key, with what comes before and after.
        dropped: Versions that the search found and the registry ruled out.
    """

    candidates: tuple[ScoredChunk, ...]
    passages: tuple[ScoredChunk, ...]
    completed: Mapping[tuple[str, int, int], Completed]
    dropped: Versions = frozenset()


class ActiveIndex:
    """The index configuration, read again every few seconds."""

    def __init__(self, registry: DocumentRegistry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock
        self._read_at = float("-inf")
        self._configuration: IndexConfiguration | None = None

    def configuration(self) -> IndexConfiguration:
        """Which index answers, and whose vectors it holds.

        Raises:
            ConfigurationError: no index was prepared yet.
        """
        if self._configuration is None or self._clock.now() - self._read_at > CONFIGURATION_SECONDS:
            self._configuration = self._registry.index_configuration()
            self._read_at = self._clock.now()
        active = self._configuration
        if active is None:
            raise ConfigurationError("no index is prepared: deploy the stack again")
        return active


class Retrieval:
    """Hybrid search, checked against the registry."""

    def __init__(self, search: ChunkSearch, registry: DocumentRegistry, clock: Clock) -> None:
        self._search = search
        self._registry = registry
        self._clock = clock

    def retrieve(self, query: SearchQuery, top_k: int, stopwatch: Stopwatch) -> Retrieved:
        """The best passages that the caller may read now.

        The registry decides: a chunk counts only if its generation is the live one and its document is open to the
        caller. When it rules something out, the search is asked again without that, so that a document that is being
        replaced right now is found in its new version.

        Raises:
            NotYetVisibleError: documents change faster than they can be searched; ask again.
            ThrottledError, ServiceUnavailableError: search or registry cannot answer, or not before the deadline.
        """
        allowed: list[ScoredChunk] = []
        for _ in range(MOST_ROUNDS):
            with stopwatch.stage("search", CALL_SECONDS):
                found = fuse(self._search.search(query, CANDIDATES))
            with stopwatch.stage("registry", CALL_SECONDS):
                allowed, exclude = self._check(found, query, partial(stopwatch.require, "registry", CALL_SECONDS))
            if exclude == query.exclude:
                break
            query = replace(query, exclude=exclude)
        else:
            if len(allowed) < top_k:
                raise NotYetVisibleError("documents are being replaced faster than they can be searched")
        with stopwatch.stage("rank"):
            allowed = rerank(QuestionTerms(query.text, allowed), allowed)
            passages = tuple(spread_over_series(query.text, allowed)[:top_k])
        completed_ones = self.completed(query, passages, allowed, stopwatch)
        return Retrieved(tuple(allowed), passages, completed_ones, query.exclude)

    def read(self, query: SearchQuery, keys: Sequence[tuple[str, int, int]]) -> list[ScoredChunk]:
        """Chunks by their keys, as far as the caller may read them now. Raises as `retrieve` does."""
        return self.allowed(query, self._search.fetch(query, keys))

    def allowed(self, query: SearchQuery, chunks: Sequence[ScoredChunk]) -> list[ScoredChunk]:
        """Those of the chunks that still count: of a live version, and open to the caller."""
        return self._check(chunks, query)[0]

    def completed(
        self, query: SearchQuery, passages: Sequence[ScoredChunk], allowed: Sequence[ScoredChunk], stopwatch: Stopwatch
    ) -> Mapping[tuple[str, int, int], Completed]:
        """The other halves of cut sentences, of versions that were just checked.

        None where they cannot be had in time: passages do without.
        """
        try:
            with stopwatch.stage("search", CALL_SECONDS):
                return completed(self._search, query, passages, allowed)
        except RetryableError:
            return {}

    def _check(
        self, found: Sequence[ScoredChunk], query: SearchQuery, before_call: Callable[[], None] | None = None
    ) -> tuple[list[ScoredChunk], Versions]:
        """What counts of the passages found, and which versions are to be left out of the search.

        A version that was left out because it was still waiting to be published may have become the live one: it is
        looked at again with every round. Passages of so many documents take several calls of the registry.
        """
        versions = {(chunk.document_id, chunk.generation) for chunk in found} | query.exclude
        documents = self._registry.get_many({document_id for document_id, _ in versions}, before_call)
        now = self._clock.now()
        void = {
            (document_id, generation)
            for document_id, generation in versions
            if not _counts(documents.get(document_id), generation, query.principal, now)
        }
        return [one for one in found if (one.document_id, one.generation) not in void], frozenset(void)


def _counts(document: Document | None, generation: int, principal: Principal, now: float) -> bool:
    return (
        document is not None
        and may_answer(document, now)
        and document.live_generation == generation
        and principal.may_read(document.tenant, answer_readers(document))
    )
