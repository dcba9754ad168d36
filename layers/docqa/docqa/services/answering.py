"""Answer one question: retrieve, decide, generate, verify; or quote; or say that the documents do not answer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from docqa.domain.budgets import Standing
from docqa.domain.confidence import Calibration, evidence_features
from docqa.domain.evidence import find_evidence
from docqa.domain.question_terms import QuestionTerms
from docqa.domain.visible_text import visible_text
from docqa.errors import ConfigurationError, RetryableError
from docqa.models.access import Principal
from docqa.models.chunk import ScoredChunk
from docqa.models.inference import Prompt
from docqa.models.question import Question
from docqa.models.search_index import IndexConfiguration
from docqa.ports.clock import Clock
from docqa.ports.search import SearchQuery
from docqa.services.given_replies import NO_REPLIES, GivenReplies
from docqa.services.neighbours import in_reading_order, with_neighbours
from docqa.services.outcomes import (
    INDEX_INCOMPLETE,
    NOT_IN_DOCUMENTS,
    QUOTED_BUDGET_USED_UP,
    QUOTED_MODEL_DOWN,
    QUOTED_MODEL_REFUSED,
    QUOTED_WITHOUT_MODEL,
    Answered,
    Grounds,
    abstained,
    embedding_usage,
    generated,
    quoted,
)
from docqa.services.question_costs import QuestionCosts
from docqa.services.question_vectors import EmbeddedQuestion, embedded_together
from docqa.services.quote_order import QuoteOrder
from docqa.services.refusals import unheard
from docqa.services.retrieval import ActiveIndex, Retrieval
from docqa.services.stopwatch import Stopwatch
from docqa.services.time_limits import CALL_SECONDS, EMBEDDING_SECONDS, GENERATION_SECONDS, RECORDING_SECONDS

if TYPE_CHECKING:
    from docqa.services.drafts import Draft
    from docqa.services.generation import Generator
    from docqa.services.reranking import Reranking


# Passages before and after one that a page is read to.
PAGE_REACH = 4


class Embedder(Protocol):
    """LangChain Core's `Embeddings` with a meter, as far as questions need it."""

    model: str
    dimensions: int

    @property
    def texts_a_call(self) -> int:
        """So many passages the model's service takes at most in one call."""
        ...

    @property
    def embedded_tokens(self) -> int:
        """Tokens embedded so far."""
        ...

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        ...

    def embed_queries(self, texts: list[str]) -> list[list[float]]:
        """The vectors of several questions, in as few calls as the model's service allows."""
        ...

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of passages."""
        ...


@dataclass(frozen=True, slots=True)
class QuestionModel:
    """An embedding model for questions, and what the scores that come of its vectors are worth.

    Attributes:
        sentences: The same model for sentences, called less patiently, whose failures do not count for questions.
    """

    embedder: Embedder
    calibration: Calibration
    sentences: Embedder


class Answering:
    """The answering service behind HTTP and queues.

    Args:
        model: Embeds questions with the model that embedded the documents.
        active: The index that is in use.
        retrieval: Finds passages that the caller may read.
        generator: Makes the chat model when it is first needed; None: evidence is quoted.
        passages_in_prompt: Passages that the chat model reads.
        clock: The time.
        next_model: The model by which all documents are being embedded anew: from one question to the next it is asked.
        complete_only: A generated answer must say all that the quotes say, or they are the answer.
        costs: Budgets and ledger; None: nobody keeps any.
        reranking: Has a model put the passages of what is answered in order; None: docqa's own order is taken.
        refused: Told when the embedding model refuses the sentences of an answer, which then keep their order.
    """

    def __init__(
        self,
        model: QuestionModel,
        active: ActiveIndex,
        retrieval: Retrieval,
        generator: Callable[[], Generator] | None,
        passages_in_prompt: int,
        clock: Clock,
        next_model: QuestionModel | None = None,
        *,
        complete_only: bool = False,
        costs: QuestionCosts | None = None,
        reranking: Reranking | None = None,
        refused: Callable[[Exception], None] = unheard,
    ) -> None:
        self._models = [model, *([next_model] if next_model else [])]
        self._complete_only = complete_only
        self._active = active
        self._retrieval = retrieval
        self._generator = generator
        self._passages_in_prompt = passages_in_prompt
        self._clock = clock
        self._costs = costs or QuestionCosts(clock)
        self._reranking = reranking
        self._order = QuoteOrder(self._costs, refused)

    @property
    def generates(self) -> bool:
        """Whether a chat model is set up, so that an answer may take its time."""
        return self._generator is not None

    def embed(self, questions: Sequence[Question], tenant: str, deadline: float) -> list[EmbeddedQuestion]:
        """Embed a tenant's questions together, for `find_grounds`. Raises as that does."""
        stopwatch = Stopwatch(self._clock, deadline)
        with stopwatch.stage("registry", CALL_SECONDS):
            model = self._model_of(self._active.configuration())
        with stopwatch.stage("budget", CALL_SECONDS):
            standing = self._costs.admit(tenant)
        return self._embedded(model.embedder, questions, tenant, standing, stopwatch, deadline)

    def may_generate(self, tenant: str) -> bool:
        """Whether the tenant's budget of the day is not used up.

        Raises:
            ThrottledError, ServiceUnavailableError: the ledger cannot be read now.
        """
        return not self._costs.budgets.standing(tenant).used_up

    def _embedded(
        self,
        embedder: Embedder,
        questions: Sequence[Question],
        tenant: str,
        standing: Standing,
        stopwatch: Stopwatch,
        deadline: float,
    ) -> list[EmbeddedQuestion]:
        tokens_before = embedder.embedded_tokens
        try:
            with stopwatch.stage("embed", EMBEDDING_SECONDS):
                return embedded_together(embedder, [one.question for one in questions])
        finally:
            tokens = embedder.embedded_tokens - tokens_before
            self._costs.embedded(tenant, embedder.model, tokens, deadline, used_up=standing.used_up)

    def find_grounds(
        self,
        question: Question,
        principal: Principal,
        answer_id: str,
        deadline: float,
        embedded: EmbeddedQuestion | None = None,
        *,
        for_quotes: bool = True,
    ) -> Grounds:
        """Retrieve and decide. Nothing is asked of anybody that may answer after `deadline`.

        Args:
            question: What is asked.
            principal: Who asks.
            answer_id: Of the answer.
            deadline: Seconds since the epoch.
            embedded: Its vector, if it is there already. One of another model than the index has is not used.
            for_quotes: Whether an answer is to be made of it; a search for passages alone leaves sentences as they are.

        Raises:
            ThrottledError, ServiceUnavailableError, NotYetVisibleError: search or embedding cannot be had in time.
            ConfigurationError: index and settings do not fit together.
            BudgetUsedUpError: the tenant may spend nothing more today.
        """
        stopwatch = Stopwatch(self._clock, deadline)
        with stopwatch.stage("registry", CALL_SECONDS):
            configuration = self._active.configuration()
        with stopwatch.stage("budget", CALL_SECONDS):
            standing = self._costs.admit(principal.tenant)
        model = self._model_of(configuration)
        if embedded is None or embedded.model != model.embedder.model:
            (embedded,) = self._embedded(model.embedder, [question], principal.tenant, standing, stopwatch, deadline)
        query = SearchQuery(question.question, embedded.vector, principal, question.filters, index=configuration.index)
        retrieved = self._retrieval.retrieve(query, question.top_k, stopwatch)
        with stopwatch.stage("decide"):
            asked = QuestionTerms(question.question, retrieved.candidates)
            evidence = find_evidence(asked, with_neighbours(retrieved.passages, retrieved.completed))
            confidence = 0.0
            features: dict[str, float] = {}
            threshold = model.calibration.threshold if principal.threshold is None else principal.threshold
            if evidence:
                features = evidence_features(asked, retrieved.candidates, evidence)
                confidence = model.calibration.confidence(features)
        grounds = Grounds(
            question=question,
            answer_id=answer_id,
            passages=retrieved.passages,
            completed=retrieved.completed,
            evidence=tuple(evidence),
            confidence=confidence,
            answerable=bool(evidence) and confidence >= threshold,
            usage=embedding_usage(embedded.model, embedded.tokens),
            stopwatch=stopwatch,
            complete=configuration.complete,
            candidates=retrieved.candidates,
            dropped=retrieved.dropped,
            features=features,
            threshold=threshold,
            tenant=principal.tenant,
            may_generate=not standing.used_up,
            embedded=embedded,
        )
        if not (grounds.answerable and grounds.may_generate):
            return grounds  # what is refused, or over its budget, costs no more than it has
        if self._reranking is not None:
            grounds = self._reranking.reordered(grounds, query, asked, deadline)
        if for_quotes and (self._generator is None or self._complete_only):
            # The prompt has the passages of the best quotes first, and a generated answer is held against all of them.
            then = 0.0 if self._generator is None else GENERATION_SECONDS
            grounds = self._by_meaning(grounds, deadline, then)
        return grounds

    def _by_meaning(self, grounds: Grounds, deadline: float, then: float = 0.0) -> Grounds:
        """With quotes ordered by their meaning too, unless they are already; see `QuoteOrder`."""
        vector = grounds.embedded
        if vector is None:
            return grounds
        known = (vector.model, len(vector.vector))
        model = next(one for one in self._models if known == (one.embedder.model, one.embedder.dimensions))
        return self._order.by_meaning(grounds, model.sentences, deadline, then + RECORDING_SECONDS)

    def page_of(self, passage: ScoredChunk, question: Question, principal: Principal) -> list[ScoredChunk]:
        """What else of its page stands near a passage, in reading order, as far as the caller may read it now.

        Raises:
            ThrottledError, ServiceUnavailableError: search or registry cannot answer.
        """
        document, generation, ordinal = passage.key
        near = range(max(ordinal - PAGE_REACH, 0), ordinal + PAGE_REACH + 1)
        found = self._retrieval.read(self._query(question, principal), [(document, generation, n) for n in near])
        same = [one for one in found if one.chunk.page == passage.chunk.page]
        return sorted(same, key=lambda one: one.chunk.ordinal)

    def still_open(self, passages: Sequence[ScoredChunk], question: Question, principal: Principal) -> bool:
        """Whether every passage is still of a live version and open to the caller. Raises as `page_of` does."""
        return len(self._retrieval.allowed(self._query(question, principal), passages)) == len(passages)

    def _query(self, question: Question, principal: Principal) -> SearchQuery:
        index = self._active.configuration().index
        return SearchQuery(question.question, (), principal, question.filters, index=index)

    def _model_of(self, configuration: IndexConfiguration) -> QuestionModel:
        """The model whose vectors the index holds: questions are embedded by it and by no other.

        Raises:
            ConfigurationError: the settings do not name it.
        """
        wanted = (configuration.embedding_model, configuration.dimensions)
        for model in self._models:
            if wanted == (model.embedder.model, model.embedder.dimensions):
                return model
        raise ConfigurationError(
            f"the index holds vectors of {wanted[0]} ({wanted[1]}), which neither EMBEDDING_MODEL nor "
            "NEXT_EMBEDDING_MODEL names"
        )

    def answer(self, question: Question, principal: Principal, answer_id: str, deadline: float) -> Answered:
        """Both of it, for whoever has the time. Raises as `find_grounds` does."""
        return self.conclude(self.find_grounds(question, principal, answer_id, deadline), deadline)

    def prompts(self, grounds: Grounds, max_tokens: int) -> list[Prompt]:
        """What the chat model is asked first, for whoever has it answered elsewhere; none where it is not asked."""
        if not grounds.answerable or self._generator is None:
            return []
        question = grounds.question
        return self._generator().prompts(question.question, question.language, self._attempts(grounds)[0], max_tokens)

    def conclude(
        self, grounds: Grounds, deadline: float, given: GivenReplies = NO_REPLIES, *, patient: bool = False
    ) -> Answered:
        """The answer: abstained, generated and verified, or quoted. Holds `deadline` whatever the chat model does.

        Args:
            grounds: What was found.
            deadline: Seconds since the epoch.
            given: What the chat model answered to `prompts` already; it is asked for the rest.
            patient: Whoever asks would rather wait than have quotes because the model is away.

        Raises:
            ThrottledError, ServiceUnavailableError: the chat model is away, and the caller patient.
        """
        if not grounds.answerable:
            return abstained(grounds, NOT_IN_DOCUMENTS if grounds.complete else INDEX_INCOMPLETE)
        if self._generator is None:
            return quoted(grounds, QUOTED_WITHOUT_MODEL)
        if not grounds.may_generate:
            return quoted(grounds, QUOTED_BUDGET_USED_UP)
        quote = partial(self._quoted, deadline)
        try:
            generator = self._generator()
            with self._costs.chat(grounds.tenant, generator.name, deadline) as tab:
                draft = generator.write(
                    grounds.question.question,
                    grounds.question.language,
                    self._attempts(grounds),
                    deadline - RECORDING_SECONDS,
                    grounds.stopwatch,
                    tab.add,
                    given,
                )
        except RetryableError:
            if patient:
                raise
            return quote(grounds, QUOTED_MODEL_DOWN)
        except ConfigurationError:
            return quote(grounds, QUOTED_MODEL_REFUSED)
        return generated(grounds, draft, generator.name, quote, complete=self._complete_only)

    def _quoted(self, deadline: float, grounds: Grounds, reason: str, draft: Draft | None = None) -> Answered:
        return quoted(self._by_meaning(grounds, deadline), reason, draft)

    def _attempts(self, grounds: Grounds) -> list[tuple[ScoredChunk, ...]]:
        """First the passages with the best evidence and the next ones; then, for a second try, the very best alone."""
        ordered = {e.passage.key: e.passage for e in grounds.quotes} | {p.key: p for p in grounds.passages}
        readable = (passage for passage in ordered.values() if visible_text(passage.chunk).strip())
        passages = tuple(islice(readable, self._passages_in_prompt))
        attempts = [passages, passages[:1]] if len(passages) > 1 else [passages]
        return [in_reading_order(attempt, grounds.completed) for attempt in attempts]
