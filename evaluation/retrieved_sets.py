"""Question sets, searched: the candidates of every question, also with what answers it taken away."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from opensearchpy import OpenSearch

from docqa.adapters.metered_embeddings import MeteredEmbeddings
from docqa.adapters.opensearch_index import OpenSearchChunkIndex
from docqa.adapters.opensearch_search import OpenSearchChunkSearch
from docqa.adapters.opensearch_setup import OpenSearchIndexSetup
from docqa.domain.chunk_headers import embedded_text
from docqa.domain.fusion import fuse
from docqa.domain.question_terms import QuestionTerms
from docqa.domain.reranking import rerank
from docqa.domain.sentences import sentence_spans
from docqa.models.access import Principal
from docqa.models.chunk import IndexedChunk, ScoredChunk
from docqa.ports.search import SearchQuery
from docqa.services.retrieval import CANDIDATES
from evaluation.question_sets import AskedQuestion, QuestionSet, SourceDocument

CHUNK_CHARACTERS = 1200
_READERS = frozenset({"tenant"})
_BATCH = 96
# A shorter sentence may stand anywhere.
_SENTENCE_CHARACTERS = 40

Progress = Callable[[Iterable[SourceDocument], str], Iterable[SourceDocument]]


@dataclass(frozen=True)
class Searched:
    """A question and what was found for it, fused and ranked, best first.

    Attributes:
        answerable: Whether the documents that were searched hold the answer.
        left_out: What was taken away of what holds it: its documents, just its passages (the hard kind), or nothing.
    """

    set_name: str
    question: AskedQuestion
    candidates: tuple[ScoredChunk, ...]
    answerable: bool
    left_out: Literal["", "documents", "passages"] = ""


@contextmanager
def indexed(
    question_set: QuestionSet, client: OpenSearch, embeddings: MeteredEmbeddings, progress: Progress
) -> Iterator[list[SourceDocument]]:
    """The set's documents in the index, under a tenant of their own, for as long as the context lasts."""
    setup, name = OpenSearchIndexSetup(client), index_name(client, embeddings)
    setup.create(name, embeddings.dimensions)
    index = OpenSearchChunkIndex(client, name, time.sleep, random.random)
    documents = list(question_set.documents(CHUNK_CHARACTERS))
    try:
        for document in progress(documents, f"indexing {question_set.name}"):
            _write(index, document, question_set.name, embeddings)
        index.refresh()
        yield documents
    finally:
        for document in documents:
            index.remove(document.document_id, 1, len(document.chunks))


def _write(index: OpenSearchChunkIndex, document: SourceDocument, name: str, embeddings: MeteredEmbeddings) -> None:
    for at in range(0, len(document.chunks), _BATCH):
        chunks = document.chunks[at : at + _BATCH]
        vectors = embeddings.embed_documents([embedded_text(document.title, chunk) for chunk in chunks])
        index.write(
            [
                IndexedChunk(
                    chunk=chunk,
                    document_id=document.document_id,
                    generation=1,
                    tenant=tenant_of(name),
                    title=document.title,
                    readers=_READERS,
                    # Repeated runs write anew: an external version must rise.
                    revision=time.time_ns() // 1000,
                    vector=tuple(vector),
                )
                for chunk, vector in zip(chunks, vectors, strict=True)
            ]
        )


def index_name(client: OpenSearch, embeddings: MeteredEmbeddings) -> str:
    """The index that sets are kept in, beside those of a stack."""
    return OpenSearchIndexSetup(client).name(embeddings.dimensions, "evaluation")


def tenant_of(name: str) -> str:
    """The tenant under which a set is indexed."""
    return f"evaluation-{name}"


def search_all(
    question_set: QuestionSet, documents: Sequence[SourceDocument], client: OpenSearch, embeddings: MeteredEmbeddings
) -> Iterator[Searched]:
    """Each question as it stands, and each answerable one again without the documents that answer it."""
    search, index = OpenSearchChunkSearch(client), index_name(client, embeddings)
    ids = {document.path: document.document_id for document in documents}
    caller = Principal(tenant_of(question_set.name), "evaluation")
    for question in question_set.questions():
        query = SearchQuery(question.question, embeddings.embed_query(question.question), caller, index=index)
        found = _ranked(search, query)
        yield Searched(question_set.name, question, found, question.answerable)
        if question.answerable and any(one.text for one in question.evidence):
            rest = tuple(one for one in found if not _holds_evidence(one, question))
            yield Searched(question_set.name, question, rest, answerable=False, left_out="passages")
        away = {ids[path] for path in ids if _belongs(path, question)}
        if question.answerable and len(away) < len(ids):
            excluded = frozenset((one, 1) for one in away)
            without = SearchQuery(query.text, query.vector, caller, index=index, exclude=excluded)
            yield Searched(
                question_set.name, question, _ranked(search, without), answerable=False, left_out="documents"
            )


def _ranked(search: OpenSearchChunkSearch, query: SearchQuery) -> tuple[ScoredChunk, ...]:
    fused = fuse(search.search(query, CANDIDATES))
    return tuple(rerank(QuestionTerms(query.text, fused), fused))


def _holds_evidence(passage: ScoredChunk, question: AskedQuestion) -> bool:
    """Whether the passage shares a sentence with the text that holds the answer."""
    text = passage.chunk.text
    sentences = [text[span.start : span.end] for span in sentence_spans(text)]
    return any(
        one in evidence.text or evidence.text in text
        for evidence in question.evidence
        for one in sentences
        if evidence.text and len(one) >= _SENTENCE_CHARACTERS
    )


def _belongs(path: str, question: AskedQuestion) -> bool:
    """Whether a document answers the question, or is a report of the same company as one that does."""
    return any(path == one.document or _series(path) == _series(one.document) for one in question.evidence)


def _series(path: str) -> str:
    """`2023 Q1 AAPL.pdf` and `2022 Q3 AAPL.pdf` are of one series; other documents are each their own."""
    words = path.rsplit(".", 1)[0].split()
    return words[-1] if path.endswith(".pdf") and len(words) > 1 else path
