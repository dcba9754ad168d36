"""The index is made anew on a real OpenSearch while questions are asked: none fails, and none misses a document."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from opensearchpy import OpenSearch

from docqa.adapters.opensearch_index import OpenSearchChunkIndex
from docqa.adapters.opensearch_search import OpenSearchChunkSearch
from docqa.adapters.opensearch_setup import OpenSearchIndexSetup
from docqa.errors import ServiceUnavailableError
from docqa.models.access import Principal
from docqa.ports.search import SearchQuery
from docqa.services.retrieval import ActiveIndex, Retrieval
from docqa.services.stopwatch import Stopwatch
from tests.fakes.messages import ManualClock
from tests.unit.ingestion.pipeline import DIMENSIONS, INDEX, MODEL
from tests.unit.ingestion.reindexing import NEXT_DIMENSIONS, NEXT_MODEL, Library

ANA = Principal("acme", "ana")
QUESTION = "Where did the aircraft come to rest?"
DOCUMENTS = 8


class DomainIndexes:
    """The real adapters, behind the one object that tests hand around."""

    def __init__(self, client: OpenSearch) -> None:
        self.client = client
        self.setup = OpenSearchIndexSetup(client)

    def __call__(self, name: str) -> OpenSearchChunkIndex:
        return OpenSearchChunkIndex(self.client, name, lambda _: None, lambda: 0.0)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.setup, name)


@pytest.fixture
def library(client: OpenSearch) -> Iterator[Library]:
    """Documents in an index of an earlier mapping, as an earlier release left it."""
    library = Library()
    library.use(DomainIndexes(client))
    library.indexes.create(INDEX, DIMENSIONS)
    for n in range(DOCUMENTS):
        library.add(f"acme/{n}.md", passages=n % 3 + 2)
    yield library
    for name in client.indices.get_alias():
        client.indices.delete(index=name)


def contents(client: OpenSearch, index: str) -> dict[str, Any]:
    """Every chunk of an index by its id; vectors are not kept in the source."""
    client.indices.refresh(index=index)
    hits = client.search(index=index, body={"query": {"match_all": {}}, "size": 1_000})["hits"]["hits"]
    return {hit["_id"]: hit["_source"] for hit in hits}


class Asker:
    """Asks one question after the other, and keeps what was missing."""

    def __init__(self, library: Library, client: OpenSearch) -> None:
        self.library = library
        self.retrieval = Retrieval(OpenSearchChunkSearch(client), library.registry, library.clock)
        # Its own clock stands still: it believes what it has read of the configuration until it is told to look.
        self.clock = ManualClock()
        self.active = ActiveIndex(library.registry, self.clock)
        self.asked, self.stopped = 0, threading.Event()
        self.missed: list[set[str]] = []
        self.indexes: set[str] = set()

    def run(self) -> None:
        while not self.stopped.is_set():
            self.ask()

    def ask(self) -> None:
        configuration = self.active.configuration()
        model = self.library.models[configuration.embedding_model, configuration.dimensions]
        query = SearchQuery(QUESTION, model.embed_query(QUESTION), ANA, index=configuration.index)
        # Ten questions with the same belief are some hundred milliseconds; in the functions it is five seconds.
        self.asked += 1
        self.clock.time += 0.6
        found = self.retrieval.retrieve(query, 100, Stopwatch(self.clock, self.clock.time + 60))
        keys = {self.library.registry.documents[one.document_id].key for one in found.passages}
        self.indexes.add(configuration.index)
        if missed := {f"acme/{n}.md" for n in range(DOCUMENTS)} - keys:
            self.missed.append(missed)


def test_a_new_model_takes_over_under_live_questions(library: Library, client: OpenSearch) -> None:
    """Promise 28: no failed and no empty answer during the switch, though documents are replaced meanwhile."""
    asker = Asker(library, client)
    thread = threading.Thread(target=asker.run)
    thread.start()
    try:
        library.deployment.run(MODEL, DIMENSIONS, NEXT_MODEL, NEXT_DIMENSIONS)
        for n in range(20):
            library.keep()
            library.add(f"acme/{n % 4}.md", passages=n % 5 + 2)
            library.keep_house()
            asked = asker.asked
            while thread.is_alive() and asker.asked < asked + 3:
                time.sleep(0.005)
    finally:
        asker.stopped.set()
        thread.join()

    configuration = library.configuration
    assert configuration.embedding_model == NEXT_MODEL
    assert asker.missed == []
    assert asker.asked > 60
    assert asker.indexes == {INDEX, configuration.index}
    assert [name for name in client.indices.get_alias() if "chunks" in name] == [configuration.index]


@pytest.mark.parametrize("how", ["lost", "rebuilt"])
def test_the_rebuilt_index_equals_the_old_one(library: Library, client: OpenSearch, how: str) -> None:
    """Promise 53: from the buckets alone, chunk by chunk, with nothing embedded again."""
    before, made = contents(client, INDEX), library.vectors_made
    asker = Asker(library, client)
    asker.ask()
    ranked = _ranking(library, asker, INDEX)
    if how == "lost":
        client.indices.delete(index=INDEX)
        with pytest.raises(ServiceUnavailableError, match="made and filled again"):
            asker.ask()
    library.keep(4, rebuild=how == "rebuilt")

    index = library.configuration.index
    assert index != INDEX
    assert contents(client, index) == before
    assert _ranking(library, asker, index) == ranked
    assert library.vectors_made == made


def _ranking(library: Library, asker: Asker, index: str) -> list[tuple[Any, float | None]]:
    """What a question finds, with the similarity of its vector: the same only if the vectors are."""
    vector = library.models[MODEL, DIMENSIONS].embed_query(QUESTION)
    query = SearchQuery(QUESTION, vector, ANA, index=index)
    found = asker.retrieval.retrieve(query, 100, Stopwatch(asker.clock, asker.clock.time + 60)).candidates
    return sorted((one.key, one.cosine) for one in found)


def test_an_index_of_an_earlier_mapping_takes_this_releases_passages(library: Library, client: OpenSearch) -> None:
    """Promise 54: until the new index has taken over, the old one is written by the new release."""
    earlier = client.indices.get_mapping(index=INDEX)[INDEX]["mappings"]
    for field in ("header", "label", "hidden"):
        del earlier["properties"][field]
    earlier["properties"]["title"] = {"type": "text", "analyzer": "english"}
    client.indices.delete(index=INDEX)
    settings = {"settings": {"index": {"knn": True, "number_of_replicas": 0}}, "mappings": earlier}
    client.indices.create(index=INDEX, body=settings)

    library.deployment.run(MODEL, DIMENSIONS)
    configuration = library.configuration
    assert (configuration.index, configuration.complete) == (INDEX, True)
    assert configuration.next is not None
    reference = library.add("acme/new.md")

    for index in configuration.written:
        assert sum(reference.document_id in name for name in contents(client, index.name)) == 3
