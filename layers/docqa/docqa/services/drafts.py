"""What a chat model wrote, checked: before it is known whether that is the answer."""

from __future__ import annotations

from dataclasses import dataclass

from docqa.domain.verification import Claim, Judged
from docqa.models.chunk import ScoredChunk


@dataclass(frozen=True, slots=True)
class Written:
    """One text of a model, and what became of its sentences."""

    passages: tuple[ScoredChunk, ...]
    text: str
    sentences: tuple[Judged, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model made of the passages.

    Attributes:
        claims: Verified sentences; none when nothing held.
        passages: What was in the prompt; claims cite them by their place, from 1.
        declined: The model says that the passages do not hold the answer.
        discounted_tokens: Of its tokens, those that were read and written at the lower price of batch inference.
        written: Everything that the model wrote on the way here.
    """

    claims: tuple[Claim, ...]
    passages: tuple[ScoredChunk, ...]
    declined: bool = False
    input_tokens: int = 0
    output_tokens: int = 0
    discounted_tokens: tuple[int, int] = (0, 0)
    written: tuple[Written, ...] = ()
