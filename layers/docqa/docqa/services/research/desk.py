"""The tools of a research: what they show is all that the asker may read, and is numbered to be cited."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from docqa.domain.calculations import FIRST_CALCULATION, Calculation, calculated
from docqa.domain.expiry import may_answer
from docqa.domain.live_access import answer_readers
from docqa.domain.prompt_passages import as_data, render_passage
from docqa.domain.question_filters import meets
from docqa.domain.support import source_of
from docqa.models.access import Principal
from docqa.models.chunk import ScoredChunk
from docqa.models.document import Document
from docqa.models.question import QUESTION_MAX_CHARACTERS, Question
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.services.answering import Answering

# Passages that one search shows.
SHOWN = 4
# All that a research may show: thirty searches' worth, and below the numbers of calculations.
MOST_PASSAGES = 120
# Documents that a list shows, and entries of the registry that are looked at for them.
LISTED, LOOKED_AT = 50, 400
_PAGE = 100
FULL = "Nothing more can be shown: answer from what you have."
NOTHING = "Nothing was found."


class ResearchDesk:
    """What one research has looked at, and the tools to look at more. Several may be used at once.

    Args:
        answering: Searches as for any question, behind the asker's rights and the question's filters.
        registry: Knows the documents.
        clock: The time.
        question: What is to be found out.
        principal: Who asks.
        deadline: Seconds since the epoch, for what searches need.
    """

    def __init__(
        self,
        answering: Answering,
        registry: DocumentRegistry,
        clock: Clock,
        question: Question,
        principal: Principal,
        deadline: float,
    ) -> None:
        self._answering = answering
        self._registry = registry
        self._clock = clock
        self._question = question
        self._principal = principal
        self._deadline = deadline
        self._lock = Lock()
        self._documents: list[str] = []
        self.passages: list[ScoredChunk] = []
        self.calculations: dict[int, Calculation] = {}
        self.embedded_tokens = 0
        self.rerank_queries = 0
        self.embedding_usd = 0.0

    def search(self, query: str, document: str = "") -> str:
        """Search the documents. Returns numbered passages, best first.

        Args:
            query: What to look for, in plain words, about one fact.
            document: Label such as D2 from list_documents, to search that document alone; empty searches all.
        """
        with self._lock:
            sought = self._sought(query, document)
            if isinstance(sought, str):
                return sought
            grounds = self._answering.find_grounds(sought, self._principal, "", self._deadline, for_quotes=False)
            self.embedded_tokens += grounds.usage.embedded_tokens
            self.rerank_queries += grounds.usage.rerank_queries
            self.embedding_usd += grounds.usage.usd
            return self._show(grounds.passages)

    def open_page(self, passage: int) -> str:
        """Read on around a passage: the rest of its page. Returns numbered passages in reading order.

        Args:
            passage: Number of a passage that was shown.
        """
        with self._lock:
            if not 1 <= passage <= len(self.passages):
                return f"There is no passage {passage}."
            return self._show(self._answering.page_of(self.passages[passage - 1], self._question, self._principal))

    def list_documents(self) -> str:
        """List the documents that can be searched, each with a label."""
        with self._lock:
            found = self._listed()
            for document in found:
                if document.document_id not in self._documents:
                    self._documents.append(document.document_id)
            lines = [f"D{self._documents.index(one.document_id) + 1}: {as_data(one.title)}" for one in found]
            return "\n".join(lines) or NOTHING

    def calculate(self, expression: str, passages: Sequence[int], unit: str = "") -> str:
        """Work out an arithmetic expression whose numbers stand in passages. Returns the result with a number to cite.

        Args:
            expression: Plain numbers as the passages have them, + - * / ** and parentheses, e.g. (90 - 80) / 80 * 100.
            passages: Numbers of the passages that the expression's numbers stand in.
            unit: What the result counts, e.g. % or million USD; empty for a plain number.
        """
        with self._lock:
            named = {n: source_of(self.passages[n - 1]) for n in passages if 1 <= n <= len(self.passages)}
            try:
                calculation = calculated(expression, unit, named)
            except ValueError as error:
                return f"Not calculated: {error}."
            number = FIRST_CALCULATION + len(self.calculations)
            self.calculations[number] = calculation
            return f"[{number}] {calculation.expression} = {calculation.result}"

    def _sought(self, query: str, document: str) -> Question | str:
        """The search as a question of its own with the filters of the whole, or why there is none."""
        text = query.strip()[:QUESTION_MAX_CHARACTERS]
        if not text:
            return "Say what to search for."
        filters = self._question.filters
        if document:
            place = document.strip().removeprefix("D")
            if not place.isdecimal() or not 1 <= int(place) <= len(self._documents):
                return f"There is no document {document}: list_documents gives the labels."
            filters = filters.model_copy(update={"document_ids": [self._documents[int(place) - 1]]})
        return Question(question=text, filters=filters, top_k=SHOWN)

    def _show(self, passages: Sequence[ScoredChunk]) -> str:
        numbers = {passage.key: number for number, passage in enumerate(self.passages, start=1)}
        shown = []
        for passage in passages:
            if passage.key not in numbers:
                if len(self.passages) == MOST_PASSAGES:
                    shown.append(FULL)
                    break
                self.passages.append(passage)
                numbers[passage.key] = len(self.passages)
            shown.append(render_passage(numbers[passage.key], passage))
        return "\n".join(shown) or NOTHING

    def _listed(self) -> list[Document]:
        found: list[Document] = []
        cursor: str | None = None
        now, looked_at = self._clock.now(), 0
        while len(found) < LISTED and looked_at < LOOKED_AT:
            page, cursor = self._registry.list_documents(self._principal.tenant, _PAGE, cursor)
            found += [one for one in page if may_answer(one, now) and self._is_wanted(one)]
            looked_at += _PAGE
            if cursor is None:
                break
        return found[:LISTED]

    def _is_wanted(self, document: Document) -> bool:
        is_open = self._principal.may_read(document.tenant, answer_readers(document))
        return is_open and meets(document, self._question.filters)
