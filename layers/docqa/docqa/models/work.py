"""What pipeline steps hand to the next one, beside the document reference: counts and ranges, never text."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from docqa.models.document import DocumentReference
from docqa.models.inference import Route


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


class OcrFeatures(StrEnum):
    """What is read from the pages that need text extraction: a stack's setting.

    TEXT reads lines. TABLES reads lines, and then tables and layout of those pages on which a table was seen. ALL reads
    tables, forms and layout of every such page.
    """

    TEXT = "text"
    TABLES = "tables"
    ALL = "all"

    @property
    def rounds(self) -> tuple[OcrFeatures, ...]:
        """What the jobs of each round are asked for, in order."""
        return (OcrFeatures.TEXT, OcrFeatures.TABLES) if self is OcrFeatures.TABLES else (self,)


class ExtractionPlan(_Frozen):
    """What goes to the text extraction service next.

    Attributes:
        pages: How many pages; of the whole document when nothing is left to do, 0 when the text layers say everything.
        artifact: WorkBucket prefix `<tenant>/extractions/<content_hash>-<settings_hash>/` of inputs and results.
        ready: Every result is there already, from an earlier run or another document with the same bytes.
        features: What this job is asked for.
        part: Which part of the pages, from 1: a file that is too large for one job is sent in several.
        last: Nothing follows this part.
    """

    pages: int = Field(ge=0)
    artifact: str = ""
    ready: bool = False
    features: OcrFeatures = OcrFeatures.TEXT
    part: int = Field(default=1, ge=1)
    last: bool = False


class NextStep(StrEnum):
    """What comes after a run of collecting pages."""

    COLLECT = "COLLECT"
    EXTRACT = "EXTRACT"
    CHUNK = "CHUNK"


class Collection(_Frozen):
    """How far collecting got: results are left (COLLECT), so are parts (EXTRACT), or the pages are complete (CHUNK)."""

    next: NextStep


class ChunkSpan(_Frozen):
    """Chunks `first` to `last`, 0-based ordinals, inclusive: the work of one iteration of the chunk map."""

    first: int = Field(ge=0)
    last: int = Field(ge=0)


class Chunking(_Frozen):
    """Result of chunking: how many chunks, and how they are shared out.

    Attributes:
        revision: The document's metadata revision before any of them is indexed: every chunk will carry it, or a newer.
        route: On which way they are embedded; on any but real time, this execution ends and another one goes on.
    """

    chunks: int = Field(ge=0)
    spans: list[ChunkSpan]
    revision: int = Field(ge=1)
    route: Route = Route.REALTIME


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


class ChunkingWork(_Frozen):
    """Cut the document's pages into passages, or go on with those that an earlier execution cut."""

    reference: DocumentReference
    goes_on: bool = False


class VectorsWork(_Frozen):
    """Have the passages embedded by a job, and wait for that aside."""

    reference: DocumentReference
    chunking: Chunking


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
