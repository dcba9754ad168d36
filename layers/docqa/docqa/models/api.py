"""Bodies of the HTTP API that are not questions, answers or documents themselves."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# A place in line is counted up to here, which costs as much as reading twenty documents.
PLACE_MAX = 1000

Group = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.@-]{1,128}$")]


class ReadersBody(BaseModel):
    """Who may read a document: everybody in the tenant, or the named groups. Neither: nobody."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant: bool = Field(default=False, description="Everybody in the tenant may read it.")
    groups: list[Group] = Field(default_factory=list, max_length=50, description="Members of these groups may read it.")


class UploadRequest(BaseModel):
    """Ask for an address to upload one document to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Annotated[str, StringConstraints(min_length=1, max_length=900)] = Field(
        description="Where the document lives below the tenant, e.g. reports/2026/q3.pdf."
    )
    size: int = Field(ge=1, description="Bytes; the upload is refused when the file is larger.")
    readers: ReadersBody | None = Field(default=None, description="Who may read it; absent: as the stack decides.")
    attributes: dict[str, Any] | None = Field(
        default=None,
        description="Other attributes of its metadata file, instead of those that it has: year, date, expires (both in "
        "ISO 8601), or any other; strings, numbers, booleans, or lists of strings. Absent: they stay.",
    )


class UploadTicket(BaseModel):
    """A form upload for exactly one key, valid for a few minutes."""

    model_config = ConfigDict(frozen=True)

    document_id: str
    url: str
    fields: dict[str, str]
    expires_in: int = Field(description="Seconds.")


class PageCountsView(BaseModel):
    """How the pages were read."""

    total: int = 0
    text_layer: int = 0
    ocr: int = 0
    empty: int = 0
    unreadable: list[tuple[int, int]] = Field(default_factory=list, description="Page ranges that could not be read.")
    unrecognised: list[tuple[int, int]] = Field(
        default_factory=list,
        description="Page ranges that show something in which no text was found, or that were read only in part.",
    )
    ocr_confidence: float | None = Field(
        default=None, description="Mean confidence of the pages that text extraction read, 0 to 1."
    )


class FailureView(BaseModel):
    """Why the newest version failed and what to do."""

    code: str
    message: str


class DocumentView(BaseModel):
    """A document as its owner and its readers see it."""

    model_config = ConfigDict(frozen=True)

    document_id: str
    key: str
    title: str
    status: str
    generation: int = Field(description="The newest version.")
    live_generation: int = Field(description="The version that answers; 0 when none does.")
    version_id: str = Field(
        default="",
        description="The storage's id of the newest version: `x-amz-version-id` of the response to its upload. While "
        "it is another one, what was uploaded has not been noted yet.",
    )
    readers: ReadersBody
    live_readers: ReadersBody | None = Field(
        default=None,
        description="Who may read the version that answers, while its bytes are older than the newest: what is said "
        "of the newest takes away from it, and gives nothing of it.",
    )
    received_at: float
    updated_at: float
    place: int | None = Field(
        default=None,
        description="While it waits: which of the tenant's waiting documents it is, 1 being the next; "
        f"{PLACE_MAX} stands for more. Tenants take turns.",
    )
    waiting: str | None = Field(
        default=None, description="While it waits: what for, if that is more than its turn. It starts by itself then."
    )
    stage: str = Field(
        default="", description="What is being done with the newest version, or was being done when it failed."
    )
    attempt: int = Field(default=0, description="How often the newest version was started.")
    route: str = Field(
        default="",
        description="How its passages are embedded: realtime, asynchronous or batch; empty: not decided yet.",
    )
    route_reason: str = Field(default="", description="Why on that route.")
    media_type: str = Field(default="", description="What the newest version is, by its content.")
    warnings: list[str] = Field(default_factory=list, description="What the document's owner should know.")
    pages: PageCountsView | None = None
    chunks: int | None = None
    failure: FailureView | None = None
    usage: dict[str, float] = Field(default_factory=dict, description="Counted units of paid work.")
    cost_usd: float = Field(default=0.0, description="What text extraction and embedding of the newest version cost.")
    timings: dict[str, float] = Field(default_factory=dict, description="Seconds by stage.")


class DocumentPage(BaseModel):
    """A page of the list of documents."""

    documents: list[DocumentView]
    cursor: str | None = Field(default=None, description="Pass it as ?cursor= to go on; null at the end.")


class PendingAnswer(BaseModel):
    """202: the answer is being worked on; ask again at `location`."""

    answer_id: str
    location: str


class Problem(BaseModel):
    """RFC 9457 problem document, served as application/problem+json."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str | None = Field(default=None, description="Correlation id of the request, for support.")
    errors: list[dict[str, Any]] | None = Field(default=None, description="Fields that were wrong.")
