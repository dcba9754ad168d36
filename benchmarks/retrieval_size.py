"""How retrieval grows with the index: `python -m benchmarks.retrieval_size --opensearch URL` (make up).

Fills an index of its own with made-up passages, words as rare as Zipf's law has them, vectors at random, asks the same
questions at each size, and removes it. A question is what `ask_question` does of it without embedding and registry:
one multi-search, fusion, ranking. Prints medians, and each size's ratio to the first.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Iterator, Sequence

import numpy as np
from opensearchpy import OpenSearch
from rich.progress import track

from docqa.adapters.opensearch_index import OpenSearchChunkIndex
from docqa.adapters.opensearch_search import OpenSearchChunkSearch
from docqa.adapters.opensearch_setup import OpenSearchIndexSetup
from docqa.domain.fusion import fuse
from docqa.domain.question_terms import QuestionTerms
from docqa.domain.reranking import rerank
from docqa.domain.tables import pipe_table
from docqa.ids import content_id
from docqa.models.access import TENANT_READERS, Principal
from docqa.models.chunk import Chunk, IndexedChunk
from docqa.ports.search import SearchQuery
from docqa.services.retrieval import CANDIDATES

DIMENSIONS, PASSAGE_WORDS, QUESTION_WORDS = 384, 130, 9
VOCABULARY, ZIPF_EXPONENT = 50_000, 1.1
PASSAGES_A_DOCUMENT, BATCH = 50, 500
QUESTIONS, WARM_UP = 60, 10
TENANT = "size"
_SEED = 7


class Made:
    """Made-up passages and questions, the same in every run."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(_SEED)
        weights = 1.0 / np.arange(1, VOCABULARY + 1) ** ZIPF_EXPONENT
        self._shares = weights / weights.sum()
        letters = random.Random(_SEED)  # noqa: S311 - words, not secrets
        self._words = np.array(["".join(letters.choices("abcdeghilmnoprstu", k=7)) for _ in range(VOCABULARY)])

    def text(self, words: int) -> str:
        """So many words, in sentences of twelve."""
        chosen = self._random.choice(self._words, words, p=self._shares)
        return " ".join(f"{word}." if at % 12 == 0 else word for at, word in enumerate(chosen, 1))

    def vectors(self, count: int) -> list[list[float]]:
        """Unit vectors."""
        found = self._random.normal(size=(count, DIMENSIONS))
        rows: list[list[float]] = (found / np.linalg.norm(found, axis=1, keepdims=True)).round(6).tolist()
        return rows

    def passages(self, first: int, last: int) -> Iterator[IndexedChunk]:
        """Passages `first` to `last` - 1 of the index."""
        for number, vector in zip(range(first, last), self.vectors(last - first), strict=True):
            document, ordinal = divmod(number, PASSAGES_A_DOCUMENT)
            text = self.text(PASSAGE_WORDS)
            chunk = Chunk(ordinal, 1, 0, len(text), text)
            identity = content_id("size", str(document))
            readers = frozenset({TENANT_READERS})
            yield IndexedChunk(chunk, identity, 1, TENANT, f"Report {document}", readers, 1, tuple(vector))


def main() -> None:
    """Fill, ask, fill on, ask again."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.retrieval_size", description=__doc__)
    parser.add_argument("--opensearch", default="http://127.0.0.1:9200", help="address of the node")
    parser.add_argument("--sizes", type=int, nargs="+", default=[5_000, 100_000], help="passages in the index")
    chosen = parser.parse_args()
    client = OpenSearch([chosen.opensearch], timeout=120)
    setup = OpenSearchIndexSetup(client)
    name = setup.name(DIMENSIONS, "size")
    setup.remove(name)
    setup.create(name, DIMENSIONS)
    try:
        made = Made()
        medians = [_grown(client, name, made, first, last) for first, last in _steps(sorted(chosen.sizes))]
    finally:
        setup.remove(name)
    rows = [
        [f"{size:,}", f"{search:.1f}", f"{own:.1f}", f"{(search + own) / sum(medians[0]):.2f}"]
        for size, (search, own) in zip(sorted(chosen.sizes), medians, strict=True)
    ]
    print(pipe_table([["passages", "search, ms", "fusion and ranking, ms", "times the first"], *rows]))


def _steps(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    yield from zip([0, *sizes], sizes, strict=False)


def _grown(client: OpenSearch, name: str, made: Made, first: int, last: int) -> tuple[float, float]:
    """Medians of search and of docqa's own work, in milliseconds, once the index holds `last` passages."""
    index = OpenSearchChunkIndex(client, name, time.sleep, random.random)
    for start in track(range(first, last, BATCH), description=f"{last:,} passages"):
        index.write(list(made.passages(start, min(start + BATCH, last))))
    index.refresh()
    return _asked(OpenSearchChunkSearch(client), name, made)


def _asked(search: OpenSearchChunkSearch, name: str, made: Made) -> tuple[float, float]:
    caller = Principal(TENANT, "size")
    times: list[tuple[float, float]] = []
    for vector in made.vectors(WARM_UP + QUESTIONS):
        query = SearchQuery(made.text(QUESTION_WORDS), vector, caller, index=name)
        began = time.perf_counter()
        found = search.search(query, CANDIDATES)
        searched = time.perf_counter()
        fused = fuse(found)
        rerank(QuestionTerms(query.text, fused), fused)
        times.append((1e3 * (searched - began), 1e3 * (time.perf_counter() - searched)))
    counted = times[WARM_UP:]
    return statistics.median(one for one, _ in counted), statistics.median(other for _, other in counted)


if __name__ == "__main__":
    main()
