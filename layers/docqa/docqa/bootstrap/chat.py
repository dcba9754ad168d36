"""Which chat model a function uses."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from docqa.config import Settings


class ChatSettings(Settings):
    """Settings of every function that asks a chat model; derive from it."""

    chat_provider: Literal["bedrock", "sagemaker", "none"]
    chat_model: str = Field(default="", description="Model id on Bedrock, endpoint name on SageMaker.")
    chat_max_tokens: int = Field(default=500, ge=1, le=8_000)
    chat_format: Literal["messages", "tgi"] = Field(
        default="messages", description="What a SageMaker container speaks: OpenAI-shaped messages, or TGI's own."
    )
