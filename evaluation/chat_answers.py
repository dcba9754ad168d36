"""What an answer of the chat model must be to replace the quotes: the stack's parameter ChatAnswers."""

from enum import StrEnum


class ChatAnswers(StrEnum):
    """Every sentence borne out by its citations; or that, and nothing left out of what the quotes say."""

    VERIFIED = "verified"
    COMPLETE = "complete"
