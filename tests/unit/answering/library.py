"""A small library of documents with an answering service over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from langchain_core.language_models import BaseChatModel

from docqa.domain.confidence import Calibration
from docqa.domain.sentences import sentence_spans
from docqa.ids import document_id
from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.chunk import Chunk, IndexedChunk
from docqa.models.document import Document, DocumentStatus
from docqa.models.question import Question
from docqa.models.search_index import IndexConfiguration
from docqa.services.answering import Answering, QuestionModel
from docqa.services.generation import Generator
from docqa.services.outcomes import Answered
from docqa.services.question_costs import QuestionCosts
from docqa.services.retrieval import ActiveIndex, Retrieval
from tests.fakes.answering import InMemoryChunkSearch, MeteredWordEmbeddings, ScriptedChat
from tests.fakes.messages import ManualClock
from tests.fakes.registry import InMemoryDocumentRegistry

TENANT = "acme"
ANA = Principal(TENANT, "ana", frozenset({"staff"}))
EVERYBODY = frozenset({"tenant"})
RUNWAY = (
    "The aerodrome has one runway. Runway 07/25 is grass and 640 metres long. It was opened in 1936 by Amelia Hart. "
    "Landing lights were added later."
)
TOWER = "The control tower is staffed from 0800 to 1700. Its frequency is 118.700 MHz."
# What the gateway leaves to a question.
SECONDS = 27.0
# Cosines of the fake embeddings say little: only the coverage of the question decides.
PLAIN = Calibration(intercept=-4.0, weights={"best_passage_coverage": 8.0}, threshold=0.5)


@dataclass
class Library:
    """Documents in registry and index, and questions about them.

    Attributes:
        calibration: Turns evidence into confidence.
        complete_only: A generated answer must say all that the quotes say.
        samples: Answers to each prompt.
    """

    registry: InMemoryDocumentRegistry = field(default_factory=InMemoryDocumentRegistry)
    search: InMemoryChunkSearch = field(default_factory=InMemoryChunkSearch)
    embeddings: MeteredWordEmbeddings = field(default_factory=MeteredWordEmbeddings)
    clock: ManualClock = field(default_factory=ManualClock)
    calibration: Calibration = PLAIN
    complete_only: bool = False
    samples: int = 1

    def __post_init__(self) -> None:
        self.registry.configuration = IndexConfiguration("index", "words", self.embeddings.dimensions)

    def add(
        self,
        name: str,
        text: str,
        readers: frozenset[str] = EVERYBODY,
        *,
        tenant: str = TENANT,
        generation: int = 1,
        indexed_readers: frozenset[str] | None = None,
    ) -> str:
        """One page, one chunk; makes the generation live. The document's id.

        Args:
            indexed_readers: What the chunk in the index carries, when it lags behind the registry.
        """
        key = f"{tenant}/{name}"
        identity = document_id("documents", key)
        self.registry.documents[identity] = Document(
            document_id=identity,
            tenant=tenant,
            bucket="documents",
            key=key,
            title=name,
            status=DocumentStatus.INDEXED,
            latest_generation=generation,
            live_generation=generation,
            version_id=str(generation),
            readers=readers,
            revision=1,
            lock=1,
            received_at=0.0,
            updated_at=0.0,
        )
        self.search.chunks.append(
            IndexedChunk(
                chunk=Chunk(0, 1, 0, len(text), text),
                document_id=identity,
                generation=generation,
                tenant=tenant,
                title=name,
                readers=readers if indexed_readers is None else indexed_readers,
                revision=1,
                vector=tuple(self.embeddings.embed_documents([text])[0]),
            )
        )
        return identity

    def change(self, identity: str, **changes: object) -> None:
        """Write the document's item anew."""
        self.registry.documents[identity] = replace(self.registry.documents[identity], **changes)  # type: ignore[arg-type]

    def answering(self, chat: BaseChatModel | None = None, costs: QuestionCosts | None = None) -> Answering:
        generator = None if chat is None else Generator(chat, "scripted", self.clock, lambda _: None, self.samples)
        return Answering(
            QuestionModel(self.embeddings, self.calibration, sentences=self.embeddings),
            ActiveIndex(self.registry, self.clock),
            Retrieval(self.search, self.registry, self.clock),
            None if generator is None else lambda: generator,
            5,
            self.clock,
            complete_only=self.complete_only,
            costs=costs,
        )

    def ask(self, question: str, principal: Principal = ANA, chat: ScriptedChat | None = None) -> Answered:
        service = self.answering(chat)
        deadline = self.clock.now() + SECONDS
        grounds = service.find_grounds(Question(question=question), principal, "answer-1", deadline)
        return service.conclude(grounds, deadline)

    def is_verbatim(self, answer: Answer) -> bool:
        """Whether every quote is a sentence of its document's page."""
        pages = {(c.document_id, c.chunk.page): c.chunk.text for c in self.search.chunks}
        return all(
            citation.quote in _sentences(pages[citation.document_id, citation.page]) for citation in answer.citations
        )


def _sentences(text: str) -> set[str]:
    return {text[span.start : span.end] for span in sentence_spans(text)}


def says(text: str | Exception) -> ScriptedChat:
    """A chat model that always says this."""
    return ScriptedChat(script=lambda _: text)


def answers_in_turn(*texts: str) -> ScriptedChat:
    """A chat model that says these one after the other."""
    waiting = iter(texts)
    script: Callable[[str], str] = lambda _: next(waiting)  # noqa: E731 - a line says it
    return ScriptedChat(script=script)
