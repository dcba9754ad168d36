"""How a chat model writes answers in an evaluation: as the stack that is deployed with it has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from docqa.bootstrap.answering import AnsweringSettings
from evaluation.chat_answers import ChatAnswers


@dataclass(frozen=True, slots=True)
class ChatRules:
    """What the stack's parameters ChatPassages, ChatMaxTokens and ChatAnswers say.

    Attributes:
        passages: That the model reads.
        max_tokens: Of an answer.
        answers: What one must be to replace the quotes.
    """

    passages: int
    max_tokens: int
    answers: ChatAnswers


def rules_of(parameters: Mapping[str, str]) -> ChatRules:
    """The rules of a stack with these parameters; those that it does not name are the product's own."""
    own = AnsweringSettings.model_fields
    return ChatRules(
        passages=int(parameters.get("ChatPassages", own["chat_passages"].default)),
        max_tokens=int(parameters.get("ChatMaxTokens", own["chat_max_tokens"].default)),
        answers=ChatAnswers(parameters.get("ChatAnswers", own["chat_answers"].default)),
    )
