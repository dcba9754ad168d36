"""What pipeline steps hand to the next one, beside the document reference: counts and ranges, never text."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from docqa.models.document import DocumentReference


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
    """Result of chunking: how many chunks, and how they are shared out.

    Attributes:
        revision: The document's metadata revision before any of them is indexed: every chunk will carry it, or a newer.
    """

    chunks: int = Field(ge=0)
    spans: list[ChunkSpan]
    revision: int = Field(ge=1)


# What each step is given.


class DocumentWork(_Frozen):
    """A step over the whole document."""

    reference: DocumentReference


class PageWork(_Frozen):
    """Read some pages."""

    reference: DocumentReference
    span: PageSpan
    media_type: str


class ExtractionWork(_Frozen):
    """Have a document's pages extracted, and wake the waiting task when that is done."""

    reference: DocumentReference
    plan: ExtractionPlan
    task_token: str


class CollectionWork(_Frozen):
    """Put the pages together."""

    reference: DocumentReference
    plan: ExtractionPlan


class ChunkWork(_Frozen):
    """Embed, or index, some chunks."""

    reference: DocumentReference
    span: ChunkSpan


class PublicationWork(_Frozen):
    """Make the generation live."""

    reference: DocumentReference
    revision: int = Field(ge=1)
