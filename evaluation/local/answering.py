"""The answering service over a local corpus, with a look at what retrieval found.

Put together as `docqa.bootstrap.answering` does it; only the adapters of AWS are others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from docqa.adapters.bedrock_chat import BedrockChat
from docqa.adapters.opensearch_search import OpenSearchChunkSearch
from docqa.bootstrap.clock import SystemClock
from docqa.domain.confidence import load_calibration
from docqa.models.chunk import ScoredChunk
from docqa.models.question import Question
from docqa.ports.search import ChunkSearch, SearchQuery
from docqa.services.answering import Answering, QuestionModel
from docqa.services.generation import Generator
from docqa.services.outcomes import Answered, Grounds
from docqa.services.retrieval import ActiveIndex, Retrieval, Retrieved
from evaluation.chat_answers import ChatAnswers
from evaluation.local.chat_rules import ChatRules
from evaluation.local.corpus import Corpus
from evaluation.local.machine import CHAT_MODEL, DIMENSIONS, EMBEDDING_MODEL, Machine

# Nothing is cut short: how long a question may take is another measurement.
_SECONDS = 600.0
# Candidates asked for beyond the limit while passages are withheld, so that as many are left.
_SPARE = 20

Withheld = Callable[[ScoredChunk], bool]


@dataclass(frozen=True)
class Asked:
    """What came of one question.

    Attributes:
        ranking: Everything that retrieval found, best first; the grounds hold only the best of it.
        seconds: All of it, as whoever asked would have measured it.
    """

    grounds: Grounds
    ranking: tuple[ScoredChunk, ...]
    answered: Answered | None
    seconds: float


class LocalAnswering:
    """Asks one question after another; from several threads too.

    Args:
        machine: Node and models.
        corpus: What is asked about.
        chat: How a chat model writes the answers; None: the evidence is quoted.
        threshold: Least confidence to answer with; None: the calibration's own.
    """

    def __init__(
        self, machine: Machine, corpus: Corpus, chat: ChatRules | None = None, threshold: float | None = None
    ) -> None:
        self._machine, self._corpus, self._rules = machine, corpus, chat or machine.chat_rules
        self._clock = SystemClock()
        calibration = load_calibration(EMBEDDING_MODEL, DIMENSIONS)
        self._calibration = calibration if threshold is None else calibration.with_threshold(threshold)
        self._active = ActiveIndex(corpus.place.registry, self._clock)
        self._generator = self._make_generator() if chat else None

    @property
    def threshold(self) -> float:
        """Least confidence to answer with."""
        return self._calibration.threshold

    def ask(
        self, text: str, withheld: Withheld | None = None, *, without: Collection[str] = (), conclude: bool = True
    ) -> Asked:
        """Retrieve, decide and answer.

        Args:
            text: The question.
            withheld: Passages for which this is true are as if they were not in the index.
            without: Paths of documents that are as if they were not in the index.
            conclude: Whether the answer itself is wanted.
        """
        retrieval = _Watched(self._retrieval(withheld, without))
        embeddings = self._machine.embeddings
        answering = Answering(
            QuestionModel(embeddings, self._calibration, sentences=embeddings),
            self._active,
            retrieval,  # type: ignore[arg-type]  # a retrieval that is watched
            self._generator,
            self._rules.passages,
            self._clock,
            complete_only=self._rules.answers is ChatAnswers.COMPLETE,
        )
        began = time.perf_counter()
        deadline = time.time() + _SECONDS
        asked = Question(question=text)
        grounds = answering.find_grounds(asked, self._corpus.caller, "evaluation", deadline, for_quotes=conclude)
        answered = answering.conclude(grounds, deadline) if conclude else None
        return Asked(grounds, retrieval.ranking, answered, time.perf_counter() - began)

    def _retrieval(self, withheld: Withheld | None, without: Collection[str]) -> Retrieval:
        search: ChunkSearch = OpenSearchChunkSearch(self._machine.opensearch)
        if without:
            search = _WithoutDocuments(search, frozenset(self._corpus.versions[path] for path in without))
        if withheld is not None:
            search = _WithoutSome(search, withheld)
        return Retrieval(search, self._corpus.place.registry, self._clock)

    def _make_generator(self) -> Callable[[], Generator]:
        chat = BedrockChat(client=self._machine.bedrock, model=CHAT_MODEL, max_tokens=self._rules.max_tokens)
        generator = Generator(chat, self._machine.chat_name, self._clock, time.sleep)
        return lambda: generator


@dataclass
class _Watched:
    """A retrieval whose whole ranking can be seen afterwards."""

    retrieval: Retrieval
    ranking: tuple[ScoredChunk, ...] = field(default=())

    def retrieve(self, *arguments: Any, **named: Any) -> Retrieved:
        """What the retrieval itself returns."""
        found = self.retrieval.retrieve(*arguments, **named)
        best = {passage.key: passage for passage in found.passages}
        self.ranking = (*found.passages, *(one for one in found.candidates if one.key not in best))
        return found


@dataclass(frozen=True)
class _WithoutDocuments:
    """A search that does not find some versions of documents."""

    search_all: ChunkSearch
    versions: frozenset[tuple[str, int]]

    def search(self, query: SearchQuery, limit: int) -> list[ScoredChunk]:
        """As many candidates as ever, of other documents."""
        return self.search_all.search(replace(query, exclude=query.exclude | self.versions), limit)

    def fetch(self, query: SearchQuery, keys: Sequence[tuple[str, int, int]]) -> list[ScoredChunk]:
        """Neighbours of what was found, which is of other documents."""
        return self.search_all.fetch(query, keys)


@dataclass(frozen=True)
class _WithoutSome:
    """A search that does not find some passages."""

    search_all: ChunkSearch
    withheld: Withheld

    def search(self, query: SearchQuery, limit: int) -> list[ScoredChunk]:
        """Candidates without those that are withheld."""
        return [one for one in self.search_all.search(query, limit + _SPARE) if not self.withheld(one)]

    def fetch(self, query: SearchQuery, keys: Sequence[tuple[str, int, int]]) -> list[ScoredChunk]:
        """Neighbours without those that are withheld."""
        return [one for one in self.search_all.fetch(query, keys) if not self.withheld(one)]
