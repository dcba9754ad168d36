"""What docqa tells the world on its event bus; each has a JSON schema file under docs/events."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field


class BusEvent(BaseModel):
    """Base of every event. The detail type is the class name; the detail carries ids, never content."""

    model_config = ConfigDict(frozen=True)
    source: ClassVar[str] = "docqa"


class DocumentIndexed(BusEvent):
    """A generation of a document became the one that answers."""

    tenant: str
    document_id: str
    generation: int
    pages: int
    chunks: int
    unreadable_pages: list[tuple[int, int]] = Field(default_factory=list)
    unrecognised_pages: list[tuple[int, int]] = Field(default_factory=list)


class DocumentFailed(BusEvent):
    """A generation could not be indexed. `live_generation` (0: none) keeps answering."""

    tenant: str
    document_id: str
    generation: int
    code: str
    live_generation: int


class DocumentDeleted(BusEvent):
    """A document no longer answers; its chunks and artefacts are being removed."""

    tenant: str
    document_id: str


class DocumentExpired(BusEvent):
    """A document no longer answers, because the moment that its metadata file names has come; its file stays."""

    tenant: str
    document_id: str


class AnswerReady(BusEvent):
    """A question that was not answered over HTTP at once has its recorded answer, or failed for good."""

    tenant: str
    answer_id: str
    status: str
    id: str | None = None


class BatchCompleted(BusEvent):
    """A batch of questions has its results, or has failed as a whole (status FAILED)."""

    tenant: str
    batch_id: str
    status: str
    questions: int
    answered: int
    abstained: int
    failed: int
    usd: float
