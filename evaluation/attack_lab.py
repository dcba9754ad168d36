"""Documents read, cut, embedded and indexed as ingestion does it, and the answering service over them: one process."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from langchain_core.language_models import BaseChatModel
from opensearchpy import OpenSearch

from docqa.adapters.formats.catalogue import MAKERS, detector
from docqa.adapters.metered_embeddings import MeteredEmbeddings
from docqa.adapters.opensearch_index import OpenSearchChunkIndex
from docqa.adapters.opensearch_search import OpenSearchChunkSearch
from docqa.adapters.opensearch_setup import OpenSearchIndexSetup
from docqa.adapters.text_splitter import LangChainSplitter
from docqa.bootstrap.clock import SystemClock
from docqa.domain.chunk_headers import embedded_text
from docqa.domain.confidence import load_calibration
from docqa.domain.parsing_limits import ParsingLimits
from docqa.domain.titles import choose_title
from docqa.ids import document_id
from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.chunk import Chunk, IndexedChunk
from docqa.models.document import Document, DocumentStatus
from docqa.models.question import Question
from docqa.models.search_index import IndexConfiguration
from docqa.ports.documents import DocumentRegistry
from docqa.services.answering import Answering, QuestionModel
from docqa.services.generation import Generator
from docqa.services.retrieval import ActiveIndex, Retrieval

CHUNK_CHARACTERS = 1200
PASSAGES_IN_PROMPT = 5
READERS = frozenset({"tenant"})
_LIMITS = ParsingLimits()
_DETECTOR = detector(_LIMITS)
_TEXTS_AT_ONCE = 8
# A question waits for the model as long as it takes: what is measured is what comes out, not how fast.
_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Planted:
    """A file of a tenant."""

    tenant: str
    name: str
    content: bytes


@dataclass
class PublishedDocuments:
    """As much of the registry as questions ask for: which documents answer, and from which index."""

    configuration: IndexConfiguration
    documents: dict[str, Document] = field(default_factory=dict)

    def get_many(
        self,
        document_ids: Iterable[str],
        before_call: Callable[[], None] | None = None,  # noqa: ARG002 - no call is made
    ) -> dict[str, Document]:
        """Those that are there, by id."""
        return {one: self.documents[one] for one in document_ids if one in self.documents}

    def index_configuration(self) -> IndexConfiguration:
        """The one index."""
        return self.configuration


class Lab:
    """One index, one chat model, as many tenants as there are documents.

    Args:
        client: A running OpenSearch; the lab's index is made anew, and removed by `close`.
        embeddings: The embedding model.
        chat: The chat model.
    """

    def __init__(self, client: OpenSearch, embeddings: MeteredEmbeddings, chat: BaseChatModel) -> None:
        self._setup = OpenSearchIndexSetup(client)
        self._name = self._setup.name(embeddings.dimensions, "attacks")
        self._setup.remove(self._name)
        self._setup.create(self._name, embeddings.dimensions)
        self._index = OpenSearchChunkIndex(client, self._name, time.sleep, random.random)
        self._embeddings = embeddings
        self._vectors: dict[str, list[float]] = {}
        clock = SystemClock()
        self._published = PublishedDocuments(IndexConfiguration(self._name, embeddings.model, embeddings.dimensions))
        # Questions read no more of the registry than these two methods.
        registry = cast("DocumentRegistry", self._published)
        generator = Generator(chat, "packaged model", clock, time.sleep)
        calibration = load_calibration(embeddings.model, embeddings.dimensions)
        self._answering = Answering(
            QuestionModel(embeddings, calibration, sentences=embeddings),
            ActiveIndex(registry, clock),
            Retrieval(OpenSearchChunkSearch(client), registry, clock),
            lambda: generator,
            PASSAGES_IN_PROMPT,
            clock,
        )
        self._clock = clock

    def ingest(self, files: Sequence[Planted]) -> None:
        """Read, cut, embed and index the files, and make them answer."""
        read = [(file, *read_file(file)) for file in files]
        texts = [embedded_text(title, chunk) for _, title, chunks in read for chunk in chunks]
        vectors = iter(self._embed(texts))
        for file, title, chunks in read:
            identity = document_id(file.tenant, file.name)
            self._index.write(
                [
                    IndexedChunk(chunk, identity, 1, file.tenant, title, READERS, 1, tuple(next(vectors)))
                    for chunk in chunks
                ]
            )
            self._published.documents[identity] = _document(identity, file, title)

    def _embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Vectors of the texts; what is planted unseen leaves many of them alike."""
        new = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        for at in range(0, len(new), _TEXTS_AT_ONCE):
            some = new[at : at + _TEXTS_AT_ONCE]
            self._vectors.update(zip(some, self._embeddings.embed_documents(some), strict=True))
        return [self._vectors[text] for text in texts]

    def ready(self) -> None:
        """What was ingested can be found now."""
        self._index.refresh()

    def ask(self, tenant: str, question: str) -> Answer:
        """The answer to a question of somebody of this tenant."""
        deadline = self._clock.now() + _SECONDS
        caller = Principal(tenant, "asker")
        grounds = self._answering.find_grounds(Question(question=question), caller, "attack", deadline)
        return self._answering.conclude(grounds, deadline).answer

    def close(self) -> None:
        """Remove the index."""
        self._setup.remove(self._name)


def read_file(file: Planted) -> tuple[str, list[Chunk]]:
    """Title and passages of a file, as ingestion reads and cuts it."""
    content = io.BytesIO(file.content)
    document_format = MAKERS[_DETECTOR.detect(content, file.name)](_LIMITS)
    content.seek(0)
    outline = document_format.outline(content)
    content.seek(0)
    pages = list(document_format.read(content, 1, outline.pages))
    title = choose_title(outline.title, outline.opening, file.name)
    return title, list(LangChainSplitter(CHUNK_CHARACTERS).split(pages))


def _document(identity: str, file: Planted, title: str) -> Document:
    return Document(
        document_id=identity,
        tenant=file.tenant,
        bucket="attacks",
        key=f"{file.tenant}/{file.name}",
        title=title,
        status=DocumentStatus.INDEXED,
        latest_generation=1,
        live_generation=1,
        version_id="1",
        readers=READERS,
        revision=1,
        lock=1,
        received_at=0.0,
        updated_at=0.0,
    )
