"""What every content handler offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from docqa.models.inference import Prompt, Reply

Value_co = TypeVar("Value_co", covariant=True)
Asked_contra = TypeVar("Asked_contra", contravariant=True)
Answered_co = TypeVar("Answered_co", covariant=True)

# What `decode` raises for a body in another form.
ANOTHER_FORM = (KeyError, IndexError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Value_co]):
    """What a body says of one of the values that were asked; tokens are 0 where it does not count them."""

    value: Value_co
    tokens: int = 0


class ContentHandler(Protocol[Asked_contra, Answered_co]):
    """The JSON bodies of one kind of model or container."""

    @property
    def most(self) -> int:
        """How many values one body takes."""
        ...

    def encode(self, values: Sequence[Asked_contra]) -> Mapping[str, object]:
        """The request's body for 1 to `most` values."""
        ...

    def decode(self, body: Any) -> Sequence[Answer[Answered_co]]:
        """The answers of a response's body, in the order of the values.

        Raises:
            KeyError, IndexError, TypeError, ValueError, AttributeError: the body is of another form.
        """
        ...


class ChatHandler(ContentHandler[Prompt, Reply], Protocol):
    """The bodies of a chat model."""

    def encode(self, values: Sequence[Prompt], stop: Sequence[str] = ()) -> Mapping[str, object]:
        """The request's body for a prompt. `stop`: texts before which the answer ends."""
        ...
