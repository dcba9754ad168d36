"""What answering needs from the outside, in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import ConfigDict, Field

from docqa.domain.terms import terms
from docqa.errors import InvalidRequestError
from docqa.models.access import Principal
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.chunk import IndexedChunk, ScoredChunk
from docqa.models.feedback import FeedbackRecord
from docqa.models.question import Filters
from docqa.models.trace import AnswerTrace
from docqa.ports.questions import Destination, QuestionRecord
from docqa.ports.search import SearchQuery
from tests.fakes.embeddings import HashedWordEmbeddings


class MeteredWordEmbeddings(HashedWordEmbeddings):
    """`HashedWordEmbeddings` with a model's name and a meter: one token a character.

    Attributes:
        texts_a_call: As many passages as it takes at once.
        calls_for_several: How many questions each call for several of them had.
    """

    def __init__(self, model: str = "words", dimensions: int = 64, texts_a_call: int = 1) -> None:
        super().__init__(dimensions)
        self.model = model
        self.texts_a_call = texts_a_call
        self.embedded_tokens = 0
        self.calls_for_several: list[int] = []

    def embed_query(self, text: str) -> list[float]:
        self.embedded_tokens += len(text)
        return super().embed_query(text)

    def embed_queries(self, texts: list[str]) -> list[list[float]]:
        self.calls_for_several.append(len(texts))
        return [self.embed_query(text) for text in texts]


@dataclass
class InMemoryChunkSearch:
    """Finds by common words and by cosine, behind the tenant and the readers that each chunk carries.

    Attributes:
        asked: Every query so far.
        fetched: Keys of every fetch so far.
        before_search: Called before each search, so that a test can change the world between two of them.
    """

    chunks: list[IndexedChunk] = field(default_factory=list)
    asked: list[SearchQuery] = field(default_factory=list)
    fetched: list[list[tuple[str, int, int]]] = field(default_factory=list)
    before_search: Callable[[], None] = lambda: None

    def search(self, query: SearchQuery, limit: int) -> list[ScoredChunk]:
        self.before_search()
        self.asked.append(query)
        open_ones = [chunk for chunk in self.chunks if _may_be_found(chunk, query)]
        wanted = set(terms(query.text))
        lexical = {_key(chunk): float(len(wanted & set(terms(chunk.chunk.text)))) for chunk in open_ones}
        cosine = {_key(c): sum(a * b for a, b in zip(query.vector, c.vector, strict=True)) for c in open_ones}
        by_words = {key for key in _best(lexical, limit) if lexical[key] > 0}
        by_vector = set(_best(cosine, limit))
        return [
            ScoredChunk(
                chunk=chunk.chunk,
                document_id=chunk.document_id,
                generation=chunk.generation,
                title=chunk.title,
                lexical=lexical[key] if key in by_words else None,
                cosine=cosine[key] if key in by_vector else None,
            )
            for chunk in open_ones
            if (key := _key(chunk)) in by_words | by_vector
        ]

    def fetch(self, query: SearchQuery, keys: Sequence[tuple[str, int, int]]) -> list[ScoredChunk]:
        self.fetched.append(list(keys))
        return [
            ScoredChunk(chunk.chunk, chunk.document_id, chunk.generation, chunk.title)
            for chunk in self.chunks
            if _key(chunk) in keys and _may_be_found(chunk, query)
        ]


def _may_be_found(chunk: IndexedChunk, query: SearchQuery) -> bool:
    return (
        query.principal.may_read(chunk.tenant, chunk.readers)
        and _is_wanted(chunk, query.filters)
        and (chunk.document_id, chunk.generation) not in query.exclude
    )


def _is_wanted(chunk: IndexedChunk, filters: Filters) -> bool:
    """What the index does with strings, by the values themselves."""
    day = str(chunk.attributes.get("date", ""))[:10]
    return (
        (not filters.document_ids or chunk.document_id in filters.document_ids)
        and all(_has(chunk.attributes.get(name), wanted) for name, wanted in filters.attributes.items())
        and (filters.since is None or day >= filters.since.isoformat())
        and (filters.until is None or "" < day <= filters.until.isoformat())
    )


def _has(value: object, wanted: object) -> bool:
    values, any_of = (one if isinstance(one, list) else [one] for one in (value, wanted))
    return any(one in values for one in any_of)


def _key(chunk: IndexedChunk) -> tuple[str, int, int]:
    return (chunk.document_id, chunk.generation, chunk.chunk.ordinal)


def _best(scores: dict[tuple[str, int, int], float], limit: int) -> list[tuple[str, int, int]]:
    return sorted(scores, key=lambda key: (-scores[key], key))[:limit]


class ScriptedChat(BaseChatModel):
    """Answers with what `script` makes of the prompt, or raises it.

    Attributes:
        prompts: Every prompt so far, as one text.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    script: Callable[[str], str | Exception]
    prompts: list[str] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        prompt = "\n".join(message.text for message in messages)
        self.prompts.append(prompt)
        said = self.script(prompt)
        if isinstance(said, Exception):
            raise said
        message = AIMessage(said, usage_metadata={"input_tokens": 100, "output_tokens": 10, "total_tokens": 110})
        return ChatResult(generations=[ChatGeneration(message=message)])


@dataclass
class InMemoryQuestionStore:
    """One record a question."""

    records: dict[str, QuestionRecord] = field(default_factory=dict)
    traces: dict[str, AnswerTrace] = field(default_factory=dict)

    def begin(self, record: QuestionRecord, now: float) -> QuestionRecord | None:
        known = self.records.get(record.answer_id)
        if known is not None:
            taken_over = _is_open(known) and known.lease_until <= now and known.body_hash == record.body_hash
            if not taken_over:
                return known
        self.records[record.answer_id] = record
        return None

    def complete(
        self,
        answer_id: str,
        answer: Answer,
        sources: Sequence[str],
        trace: AnswerTrace | None = None,
        *,
        settled: bool = True,
        final: bool = True,
    ) -> Answer:
        record = self.records[answer_id]
        if _is_open(record):
            if trace is not None:
                self.traces[answer_id] = trace
            settle_at = 0.0 if settled else record.settle_at
            self.records[answer_id] = replace(
                record, answer=answer, sources=tuple(sources), settle_at=settle_at, final=final
            )
        return self.records[answer_id].answer or answer

    def release(self, answer_id: str) -> None:
        record = self.records.get(answer_id)
        if record is not None and record.answer is None:
            self.records[answer_id] = replace(record, lease_until=0.0)

    def settle(self, answer_id: str) -> None:
        record = self.records.get(answer_id)
        if record is not None and record.answer is not None:
            self.records[answer_id] = replace(record, settle_at=0.0)

    def unsettled(self, now: float, limit: int) -> list[str]:
        due = [one for one in self.records.values() if 0 < one.settle_at <= now]
        return [one.answer_id for one in sorted(due, key=lambda one: one.settle_at)][:limit]

    def get(self, answer_id: str) -> QuestionRecord | None:
        return self.records.get(answer_id)

    def trace(self, answer_id: str) -> AnswerTrace | None:
        return self.traces.get(answer_id)


@dataclass
class InMemoryFeedbackStore:
    """The latest record an answer, by when it came; the cursor is the number of those that were shown."""

    questions: InMemoryQuestionStore
    kept: dict[str, tuple[str, float, FeedbackRecord]] = field(default_factory=dict)

    def record(self, tenant: str, feedback: FeedbackRecord, now: float) -> bool:
        record = self.questions.records.get(feedback.answer_id)
        if record is None or record.tenant != tenant or record.answer is None or _is_open(record):
            return False
        self.kept[feedback.answer_id] = (tenant, now, feedback)
        return True

    def list(self, tenant: str, limit: int, cursor: str | None) -> tuple[list[FeedbackRecord], str | None]:
        if cursor is not None and not cursor.isdecimal():
            raise InvalidRequestError("cursor")
        begin = int(cursor or 0)
        newest = sorted((one for one in self.kept.values() if one[0] == tenant), key=lambda one: -one[1])
        shown = [feedback for _, _, feedback in newest[begin : begin + limit]]
        end = begin + len(shown)
        return shown, str(end) if end < len(newest) else None


def _is_open(record: QuestionRecord) -> bool:
    return record.answer is None or record.answer.status is AnswerStatus.FAILED or not record.final


@dataclass
class InMemoryChannelRegistry:
    """Queues and destinations by name."""

    queues: dict[str, Principal] = field(default_factory=dict)
    destinations: dict[tuple[str, str], Destination] = field(default_factory=dict)

    def principal_of_queue(self, queue_arn: str) -> Principal | None:
        return self.queues.get(queue_arn)

    def destination(self, tenant: str, name: str) -> Destination | None:
        return self.destinations.get((tenant, name))


@dataclass
class RecordingSender:
    """Keeps what it delivers."""

    sent: list[tuple[Destination, Answer]] = field(default_factory=list)

    def send(self, destination: Destination, answer: Answer) -> None:
        self.sent.append((destination, answer))
