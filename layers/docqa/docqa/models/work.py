"""What pipeline steps hand to the next one, beside the document reference: counts and ranges, never text."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PageSpan(_Frozen):
    """Pages `first` to `last`, 1-based and inclusive: the work of one iteration of the page map."""

    first: int = Field(ge=1)
    last: int = Field(ge=1)


class Inspection(_Frozen):
    """Result of inspecting a document: its type and how its pages are shared out."""

    media_type: str
    pages: int = Field(ge=1)
    spans: list[PageSpan]


class ExtractionPlan(_Frozen):
    """Which part of a document goes to the text extraction service.

    Attributes:
        pages: How many pages need it; 0 when the text layers say everything.
        artifact: WorkBucket prefix `<tenant>/extractions/<content_hash>-<settings_hash>/` of input and result.
        ready: The result is there already, from an earlier run or another document with the same bytes.
    """

    pages: int = Field(ge=0)
    artifact: str = ""
    ready: bool = False


class ChunkSpan(_Frozen):
    """Chunks `first` to `last`, 0-based ordinals, inclusive: the work of one iteration of the chunk map."""

    first: int = Field(ge=0)
    last: int = Field(ge=0)


class Chunking(_Frozen):
    """Result of chunking: how many chunks, and how they are shared out."""

    chunks: int = Field(ge=0)
    spans: list[ChunkSpan]
