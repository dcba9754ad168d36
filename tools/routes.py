"""The HTTP API's routes: what goes in and what comes out, for docs/openapi.json. A test ties them to the template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from docqa.models.answer import Answer
from docqa.models.api import (
    DocumentPage,
    DocumentView,
    PendingAnswer,
    Problem,
    ReadersBody,
    UploadRequest,
    UploadTicket,
)
from docqa.models.batch_api import BatchRequest, BatchView
from docqa.models.document import DocumentStatus
from docqa.models.feedback import FeedbackBody, FeedbackPage, FeedbackRecord
from docqa.models.question import Question
from docqa.models.spending import SpendingReport
from docqa.models.trace import Explanation

PROBLEMS = {
    400: "The request is malformed or outside the stated limits.",
    401: "No verified identity came with the request.",
    403: "The caller is known and may not do this.",
    404: "Nothing of that name is visible to this caller.",
    409: "The state of the thing asked for does not allow this now.",
    422: "The idempotency key was used before with another body.",
    429: "Over the caller's rate, or over the tenant's budget of the day; see Retry-After.",
    500: "docqa failed; quote `instance`.",
    503: "A service behind docqa is busy or down; see Retry-After.",
}
# What any route may answer.
ALWAYS = frozenset({401, 429, 500, 503})


@dataclass(frozen=True)
class Parameter:
    """One value outside the body."""

    name: str
    place: str  # "path", "query" or "header"
    description: str
    schema: dict[str, Any]

    def as_openapi(self) -> dict[str, Any]:
        """As OpenAPI writes it."""
        required = {"required": True} if self.place == "path" else {}
        return {"name": self.name, "in": self.place, **required, "description": self.description, "schema": self.schema}


@dataclass(frozen=True)
class Route:
    """One operation.

    Attributes:
        responses: Status to what it means and the body's model, for what is not a problem.
        problems: Statuses of the problem documents that the route may answer with.
    """

    method: str
    path: str
    operation: str
    summary: str
    responses: dict[int, tuple[str, type[BaseModel] | None]]
    body: type[BaseModel] | None = None
    parameters: tuple[Parameter, ...] = ()
    refusals: frozenset[int] = field(default_factory=frozenset)

    @property
    def problems(self) -> frozenset[int]:
        """Statuses of the problem documents that the route may answer with."""
        return ALWAYS | self.refusals

    def models(self) -> Iterator[type[BaseModel]]:
        """Every model that the route names."""
        yield Problem
        if self.body:
            yield self.body
        for _, model in self.responses.values():
            if model:
                yield model


DOCUMENT_ID = Parameter("document_id", "path", "Id of the document.", {"type": "string", "pattern": "^[0-9a-f]{32}$"})
ANSWER_ID = Parameter("answer_id", "path", "Id of the answer.", {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,128}$"})
BATCH_ID = Parameter("batch_id", "path", "Id of the batch.", {"type": "string", "pattern": "^[0-9a-f]{32}$"})
CURSOR = Parameter("cursor", "query", "Of the page before; absent: the first page.", {"type": "string"})
LIMIT = Parameter("limit", "query", "Documents a page.", {"type": "integer", "minimum": 1, "maximum": 100})
FEEDBACK_LIMIT = Parameter("limit", "query", "Records a page.", {"type": "integer", "minimum": 1, "maximum": 500})
DAYS = Parameter(
    "days", "query", "So many days, today included; 7 unless said.", {"type": "integer", "minimum": 1, "maximum": 90}
)
STATUS = Parameter(
    "status",
    "query",
    "Only documents of this status; `FAILED` are the ones in quarantine. A page may be short before the end.",
    {"type": "string", "enum": [status.value for status in DocumentStatus]},
)
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key", "header", "The same key and body get the same answer, and cost once.", {"type": "string"}
)
PREFER = Parameter("Prefer", "header", "`respond-async`: do not wait for the answer.", {"type": "string"})

ROUTES = (
    Route(
        "POST",
        "/documents",
        "uploadDocument",
        "Get an address to upload one document to.",
        {201: ("Upload the file to `url` as a form with `fields`, the file last.", UploadTicket)},
        body=UploadRequest,
        refusals=frozenset({400, 403}),
    ),
    Route(
        "GET",
        "/documents",
        "listDocuments",
        "List the documents that the caller may see, newest change first.",
        {200: ("A page of the list.", DocumentPage)},
        parameters=(CURSOR, LIMIT, STATUS),
        refusals=frozenset({400}),
    ),
    Route(
        "GET",
        "/documents/{document_id}",
        "showDocument",
        "Show one document.",
        {200: ("The document.", DocumentView)},
        parameters=(DOCUMENT_ID,),
        refusals=frozenset({404}),
    ),
    Route(
        "DELETE",
        "/documents/{document_id}",
        "deleteDocument",
        "Delete one document; it stops answering at once.",
        {204: ("It is hidden; its passages are being removed.", None)},
        parameters=(DOCUMENT_ID,),
        refusals=frozenset({403, 404}),
    ),
    Route(
        "GET",
        "/documents/{document_id}/content",
        "openDocument",
        "Open the document itself: a citation's `uri`.",
        {302: ("`Location` is a short-lived address of the file.", None)},
        parameters=(DOCUMENT_ID,),
        refusals=frozenset({404, 409}),
    ),
    Route(
        "PUT",
        "/documents/{document_id}/readers",
        "setDocumentReaders",
        "Say who may read the document.",
        {200: ("The document with its new readers.", DocumentView)},
        body=ReadersBody,
        parameters=(DOCUMENT_ID,),
        refusals=frozenset({400, 403, 404, 409}),
    ),
    Route(
        "POST",
        "/documents/{document_id}/reprocess",
        "reprocessDocument",
        "Process the document's file again, for instance after it failed; what answers now goes on answering.",
        {202: ("The document, which waits now.", DocumentView)},
        parameters=(DOCUMENT_ID,),
        refusals=frozenset({403, 404, 409}),
    ),
    Route(
        "POST",
        "/questions",
        "askQuestion",
        "Ask a question.",
        {
            200: ("The answer, or that the documents do not answer.", Answer),
            202: ("The answer is being worked on; `Location` is where it will be.", PendingAnswer),
        },
        body=Question,
        parameters=(IDEMPOTENCY_KEY, PREFER),
        refusals=frozenset({400, 409, 422}),
    ),
    Route(
        "POST",
        "/batches",
        "createBatch",
        "Have many questions answered together: in the body, or from a file.",
        {
            201: ("Upload the file to `upload.url` as a form with `upload.fields`, the file last.", BatchView),
            202: ("The questions are being answered; `Location` says how far they are.", BatchView),
        },
        body=BatchRequest,
        parameters=(IDEMPOTENCY_KEY,),
        refusals=frozenset({400, 422}),
    ),
    Route(
        "GET",
        "/batches/{batch_id}",
        "showBatch",
        "How far a batch is, and, once it is done, where its results are; for who sent it, and for administrators.",
        {200: ("The batch.", BatchView)},
        parameters=(BATCH_ID,),
        refusals=frozenset({404}),
    ),
    Route(
        "GET",
        "/answers/{answer_id}",
        "showAnswer",
        "Show a stored answer.",
        {200: ("The answer.", Answer), 202: ("It is being worked on.", PendingAnswer)},
        parameters=(ANSWER_ID,),
        refusals=frozenset({404}),
    ),
    Route(
        "GET",
        "/answers/{answer_id}/explanation",
        "explainAnswer",
        "Show how an answer came about, stage by stage; for who asked, and for administrators.",
        {200: ("Answer and trace.", Explanation), 202: ("It is being worked on.", PendingAnswer)},
        parameters=(ANSWER_ID,),
        refusals=frozenset({404}),
    ),
    Route(
        "POST",
        "/answers/{answer_id}/feedback",
        "recordFeedback",
        "Say whether an answer is right, and what it should have been; the latest word counts.",
        {200: ("What is on record now.", FeedbackRecord)},
        body=FeedbackBody,
        parameters=(ANSWER_ID,),
        refusals=frozenset({400, 404, 409}),
    ),
    Route(
        "GET",
        "/feedback",
        "listFeedback",
        "What was said about the tenant's answers, newest first; for administrators.",
        {200: ("A page of it.", FeedbackPage)},
        parameters=(CURSOR, FEEDBACK_LIMIT),
        refusals=frozenset({400, 403}),
    ),
    Route(
        "GET",
        "/spending",
        "showSpending",
        "What the caller's tenant has paid for Textract and models by day (UTC), and what is left of today's budget.",
        {200: ("Days and budget.", SpendingReport)},
        parameters=(DAYS,),
        refusals=frozenset({400}),
    ),
)
