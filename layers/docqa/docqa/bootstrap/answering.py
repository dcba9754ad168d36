"""The answering service with its adapters, each made once a process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from docqa.bootstrap.chat import ChatSettings
from docqa.bootstrap.clients import QUESTION, client
from docqa.bootstrap.clock import SystemClock
from docqa.bootstrap.embeddings import EmbeddingSettings, embeddings, following
from docqa.bootstrap.model_calls import CHAT, QUESTION_EMBEDDING, QUOTE_ORDERING, ModelUse, model_calls
from docqa.bootstrap.reranking import RerankSettings, reranker
from docqa.bootstrap.search_index import connection
from docqa.bootstrap.spending import budgets, metering
from docqa.bootstrap.stores import registry
from docqa.errors import ConfigurationError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from docqa.domain.confidence import Calibration
    from docqa.ports.feedback import FeedbackStore
    from docqa.ports.questions import QuestionStore
    from docqa.services.answering import Answering, QuestionModel
    from docqa.services.explanations import Explanations
    from docqa.services.feedback import AnswerFeedback, FeedbackExport
    from docqa.services.generation import Generator
    from docqa.services.question_costs import QuestionCosts
    from docqa.services.recorded_answers import AnswerReader
    from docqa.services.reranking import Reranking
    from docqa.services.retrieval import Retrieval

# A search takes tens of milliseconds; a domain that needs longer than this is better reported than waited for.
SEARCH_TIMEOUT_SECONDS = 4.0


class AnsweringSettings(ChatSettings, EmbeddingSettings, RerankSettings):
    """Settings of every function that answers; derive from it."""

    documents_table: str
    questions_table: str
    opensearch_endpoint: str
    chat_passages: int = Field(default=5, ge=1, le=20, description="Passages that the chat model reads.")
    chat_answers: Literal["verified", "complete"] = Field(
        default="verified", description="What a generated answer must be to replace the quotes."
    )
    chat_samples: int = Field(
        default=1, ge=1, le=5, description="Answers to one prompt, among which their verified claims vote."
    )
    chat_tokens_per_minute: int = Field(default=0, ge=0, description="That all processes share; 0: not limited.")
    chat_processes: int = Field(default=10, ge=1, description="Among which they are shared.")
    answer_threshold: float | None = Field(
        default=None, ge=0, le=1, description="Least confidence to answer with; absent: the calibration's own."
    )
    spending_table: str
    tenant_daily_budget_usd: float | None = Field(default=None, ge=0, description="Absent: no limit.")


def answer_reader(questions_table: str, documents_table: str) -> AnswerReader:
    """The use case of GET /answers/{id}."""
    from docqa.services.recorded_answers import AnswerReader

    return AnswerReader(question_store(questions_table), registry(documents_table, QUESTION), SystemClock())


def explanations(questions_table: str, documents_table: str, admin_group: str) -> Explanations:
    """The use case of GET /answers/{id}/explanation."""
    from docqa.services.explanations import Explanations

    reader = answer_reader(questions_table, documents_table)
    return Explanations(question_store(questions_table), reader, admin_group)


def feedback(questions_table: str, documents_table: str, admin_group: str) -> AnswerFeedback:
    """The use case of POST /answers/{id}/feedback."""
    from docqa.services.feedback import AnswerFeedback

    reader = answer_reader(questions_table, documents_table)
    return AnswerFeedback(reader, _feedback_store(questions_table), SystemClock(), admin_group)


def feedback_export(questions_table: str, documents_table: str, admin_group: str) -> FeedbackExport:
    """The use case of GET /feedback."""
    from docqa.services.feedback import FeedbackExport

    reader = answer_reader(questions_table, documents_table)
    return FeedbackExport(reader, _feedback_store(questions_table), admin_group)


def _feedback_store(table: str) -> FeedbackStore:
    from docqa.adapters.dynamodb_feedback import DynamoDBFeedbackStore

    return DynamoDBFeedbackStore(client("dynamodb", QUESTION), table)


@cache
def answering(settings: AnsweringSettings) -> Answering:
    """Retrieve, decide, generate, verify."""
    from docqa.adapters.opensearch_search import OpenSearchChunkSearch
    from docqa.runtime.logging import log_failure
    from docqa.services.answering import Answering
    from docqa.services.retrieval import ActiveIndex, Retrieval

    clock, documents = SystemClock(), registry(settings.documents_table, QUESTION)
    search = OpenSearchChunkSearch(connection(settings.opensearch_endpoint, SEARCH_TIMEOUT_SECONDS))
    retrieval, costs = Retrieval(search, documents, clock), question_costs(settings)
    return Answering(
        _question_model(settings, settings),
        ActiveIndex(documents, clock),
        retrieval,
        _generator(settings),
        settings.chat_passages,
        clock,
        _next_model(settings),
        complete_only=settings.chat_answers == "complete",
        costs=costs,
        reranking=_reranking(settings, retrieval, costs),
        refused=log_failure,
    )


def _reranking(settings: AnsweringSettings, retrieval: Retrieval, costs: QuestionCosts) -> Reranking | None:
    model = reranker(settings)
    if model is None:
        return None
    from docqa.runtime.logging import log_failure
    from docqa.services.reranking import Reranking

    return Reranking(model, retrieval, costs, log_failure)


def question_costs(settings: AnsweringSettings) -> QuestionCosts:
    """Budgets and ledger of questions."""
    from docqa.services.question_costs import QuestionCosts

    table = settings.spending_table
    limits = budgets(table, settings.tenant_daily_budget_usd, QUESTION)
    return QuestionCosts(SystemClock(), limits, metering(table, QUESTION))


def _calibration(settings: AnsweringSettings, embedding: EmbeddingSettings) -> Calibration:
    from docqa.domain.confidence import load_calibration

    calibration = load_calibration(embedding.embedding_model, embedding.embedding_dimensions)
    return calibration if settings.answer_threshold is None else calibration.with_threshold(settings.answer_threshold)


def _question_model(settings: AnsweringSettings, embedding: EmbeddingSettings) -> QuestionModel:
    from docqa.services.answering import QuestionModel

    return QuestionModel(
        embeddings(embedding, QUESTION_EMBEDDING),
        _calibration(settings, embedding),
        sentences=embeddings(embedding, QUOTE_ORDERING),
    )


def _next_model(settings: AnsweringSettings) -> QuestionModel | None:
    return _question_model(settings, following(settings)) if settings.next_embedding_model else None


@cache
def question_store(table: str) -> QuestionStore:
    """Questions and their recorded answers."""
    from docqa.adapters.dynamodb_questions import DynamoDBQuestionStore

    return DynamoDBQuestionStore(client("dynamodb", QUESTION), table)


def _generator(settings: AnsweringSettings) -> Callable[[], Generator] | None:
    if settings.chat_provider == "none":
        return None
    if not settings.chat_model:
        raise ConfigurationError("CHAT_MODEL is missing: name the model, or set CHAT_PROVIDER to none")
    return partial(_make_generator, settings)


@cache
def _make_generator(settings: AnsweringSettings) -> Generator:
    # LangChain Core's chat models take half a second to import: only an answer that is generated pays for it.
    import random
    import time

    from docqa.services.generation import Generator

    chat = guarded(chat_model(settings), settings, CHAT)
    return Generator(chat, settings.chat_model, SystemClock(), time.sleep, settings.chat_samples, random.random)


def guarded(model: BaseChatModel, settings: AnsweringSettings, use: ModelUse) -> BaseChatModel:
    """The model at its pace, and left alone while it is down."""
    from docqa.adapters.guarded_chat import GuardedChat

    shared = use.at(settings.chat_tokens_per_minute, settings.chat_processes)
    calls = model_calls(settings.chat_model, shared)
    return GuardedChat(inner=model, calls=calls, max_tokens=settings.chat_max_tokens)


def chat_model(settings: AnsweringSettings) -> BaseChatModel:
    """The chat model that the settings name."""
    if settings.chat_provider == "bedrock":
        from docqa.adapters.bedrock_chat import BedrockChat

        return BedrockChat(
            client=client("bedrock-runtime", CHAT.patience),
            model=settings.chat_model,
            max_tokens=settings.chat_max_tokens,
        )
    from docqa.adapters.sagemaker_chat import SageMakerChat
    from docqa.bootstrap.content_handlers import chat_container

    return SageMakerChat(
        client=client("sagemaker-runtime", CHAT.patience),
        endpoint=settings.chat_model,
        max_tokens=settings.chat_max_tokens,
        handler=chat_container(settings.chat_format),
    )
