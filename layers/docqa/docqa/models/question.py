"""A question, the same in an HTTP body, a queue message and a batch line."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

QUESTION_MAX_CHARACTERS = 2_000
METADATA_MAX_ENTRIES = 20

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=QUESTION_MAX_CHARACTERS)]
QuestionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:@/+=-]{1,128}$")]
DestinationName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Filters(BaseModel):
    """Narrow the search; never widens what the caller may read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document_ids: list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]] = Field(
        default_factory=list, max_length=100, description="Only these documents."
    )


class Question(BaseModel):
    """What somebody asks. Says nothing about who is asking: identity comes from verified claims or the channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: _Text = Field(description="The question in plain words.")
    id: QuestionId | None = Field(default=None, description="The asker's own id, echoed in the answer.")
    filters: Filters = Field(default_factory=Filters)
    top_k: int = Field(default=8, ge=1, le=20, description="Passages to consider.")
    language: str | None = Field(default=None, pattern=r"^[a-z]{2}$", description="ISO 639-1 code of the answer.")
    reply_to: DestinationName | None = Field(
        default=None, description="Name of a destination registered for the tenant."
    )
    metadata: dict[str, Annotated[str, StringConstraints(max_length=512)]] = Field(
        default_factory=dict, max_length=METADATA_MAX_ENTRIES, description="Echoed in the answer."
    )
