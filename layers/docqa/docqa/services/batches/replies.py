"""Prompts of a batch that a job of the chat model is asked, and its replies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, TypeAdapter

from docqa.models.batch import Batch
from docqa.models.inference import Prompt, Record, Reply
from docqa.ports.objects import ObjectStore
from docqa.services.batches.files import read_values, replies_key, write_values

PROMPTS: TypeAdapter[Record[Prompt]] = TypeAdapter(Record[Prompt])


class PromptId(NamedTuple):
    """Whose prompt it is: the id of a job's record, at most 60 characters long."""

    batch_id: str
    part: int
    number: int
    sample: int

    @classmethod
    def of(cls, record_id: str) -> PromptId:
        """From the record's id."""
        batch_id, part, number, sample = record_id.rsplit(":", 3)
        return cls(batch_id, int(part), int(number), int(sample))

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.part}:{self.number}:{self.sample}"


class KeptReply(BaseModel):
    """A reply to one prompt.

    Attributes:
        discounted: By batch inference.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    sample: int
    reply: Reply
    discounted: bool


_REPLIES: TypeAdapter[KeptReply] = TypeAdapter(KeptReply)


def replies_of(store: ObjectStore, batch: Batch, part: int) -> dict[tuple[int, int], KeptReply]:
    """Replies to a part by line and sample; none where none came."""
    kept = read_values(store, replies_key(batch, part), _REPLIES)
    return {(one.number, one.sample): one for one in kept}


def add_replies(store: ObjectStore, batch: Batch, part: int, replies: Mapping[tuple[int, int], KeptReply]) -> None:
    """Keep replies beside those that are there: the first one to a prompt stays."""
    together = {**replies, **replies_of(store, batch, part)}
    write_values(store, replies_key(batch, part), _REPLIES, [together[key] for key in sorted(together)])
