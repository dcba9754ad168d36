"""The researching service, for the one function that imports LangChain's agents."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from pydantic import Field

from docqa.bootstrap.answering import answering, chat_model, guarded, question_costs
from docqa.bootstrap.channels import WorkerSettings, handed_over_questions
from docqa.bootstrap.clients import QUESTION
from docqa.bootstrap.clock import SystemClock
from docqa.bootstrap.model_calls import RESEARCH
from docqa.bootstrap.stores import registry

if TYPE_CHECKING:
    from docqa.services.handed_over_questions import HandedOverQuestions
    from docqa.services.research.agent import ResearchAgent
    from docqa.services.research.researching import Researching


class ResearchSettings(WorkerSettings):
    """Settings of the function that researches; derive from it."""

    research_queue_url: str
    research_steps: int = Field(default=10, ge=2, le=50, description="Calls of the chat model, for one question.")
    research_tokens: int = Field(
        default=60_000, ge=1_000, description="Tokens read and written for one question, after which no call begins."
    )


def researched_questions(settings: ResearchSettings) -> HandedOverQuestions:
    """The use case behind the researcher's queue."""
    return handed_over_questions(settings, _researching(settings), settings.research_queue_url)


def _researching(settings: ResearchSettings) -> Researching:
    from docqa.services.research.researching import Researching

    documents = registry(settings.documents_table, QUESTION)
    agent = None if settings.chat_provider == "none" else partial(_agent, settings)
    return Researching(answering(settings), documents, agent, SystemClock(), question_costs(settings))


@cache
def _agent(settings: ResearchSettings) -> ResearchAgent:
    # LangChain's agents take a second to import: a question that was answered already does without.
    from docqa.services.research.agent import Budget, ResearchAgent

    budget = Budget(settings.research_steps, settings.research_tokens)
    chat = guarded(chat_model(settings), settings, RESEARCH)
    return ResearchAgent(chat, settings.chat_model, budget, SystemClock())
