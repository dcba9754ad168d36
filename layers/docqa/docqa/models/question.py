"""A question, the same in an HTTP body, a queue message and a batch line."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

QUESTION_MAX_CHARACTERS = 2_000
METADATA_MAX_ENTRIES = 20
# Of attributes in a filter, and of values of one: far more than anybody asks for, and a search stays a small request.
ATTRIBUTES_MAX = 10
VALUES_MAX = 50

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=QUESTION_MAX_CHARACTERS)]
QuestionId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:@/+=-]{1,128}$")]
DestinationName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


_AttributeName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f*]{1,128}$")]
_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
AttributeValue = StrictBool | _Number | Annotated[str, StringConstraints(strict=True, max_length=256)]


def _said_once(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """One sentence about a value that is wrong, in place of one for each kind that it might have been."""
    try:
        return validate(value)
    except ValidationError:
        raise ValueError(
            "must be a string of at most 256 characters, a number, a boolean, or a list of 1 to 50 of them"
        ) from None


_Wanted = Annotated[
    AttributeValue | Annotated[list[AttributeValue], Field(min_length=1, max_length=VALUES_MAX)],
    WrapValidator(_said_once),
]


class Filters(BaseModel):
    """Narrow the search to documents that meet all of these; never widens what the caller may read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document_ids: list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]] = Field(
        default_factory=list, max_length=100, description="Only these documents."
    )
    attributes: dict[_AttributeName, _Wanted] = Field(
        default_factory=dict,
        max_length=ATTRIBUTES_MAX,
        description="Only documents whose metadata file says so, e.g. year: 2023; of a list, any value will do.",
    )
    since: date | None = Field(
        default=None, description="Only documents whose metadata attribute `date` is this day or a later one."
    )
    until: date | None = Field(
        default=None, description="Only documents whose metadata attribute `date` is this day or an earlier one."
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError("since must not be after until")
        return self


class Mode(StrEnum):
    """How a question is worked on."""

    ANSWER = "answer"
    RESEARCH = "research"


class Question(BaseModel):
    """What somebody asks. Says nothing about who is asking: identity comes from verified claims or the channel."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: _Text = Field(description="The question in plain words.")
    id: QuestionId | None = Field(default=None, description="The asker's own id, echoed in the answer.")
    filters: Filters = Field(default_factory=Filters)
    top_k: int = Field(default=8, ge=1, le=20, description="Passages to consider.")
    language: str | None = Field(default=None, pattern=r"^[a-z]{2}$", description="ISO 639-1 code of the answer.")
    mode: Mode = Field(
        default=Mode.ANSWER,
        description="research: several searches and calculations for a question that takes several steps; always 202.",
    )
    reply_to: DestinationName | None = Field(
        default=None, description="Name of a destination registered for the tenant."
    )
    metadata: dict[str, Annotated[str, StringConstraints(max_length=512)]] = Field(
        default_factory=dict, max_length=METADATA_MAX_ENTRIES, description="Echoed in the answer."
    )


class HandedOver(BaseModel):
    """A message of the queues that lead from one function to another; who asked is in the question's record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer_id: str
