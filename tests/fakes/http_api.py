"""docqa's HTTP API and the bucket behind its upload tickets, in memory, for clients under test."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

BASE_URL = "https://api.test/v1"
STORAGE_URL = "https://storage.test/documents"
TOKEN = "token-of-ana"
DOCUMENT_ID = "0" * 32
# Of whatever is uploaded.
VERSION_ID = "version-of-the-upload"
STORED_AT = "Tue, 14 Nov 2023 22:13:20 GMT"  # 1,700,000,000 s since the epoch


def document_view(document_id: str = DOCUMENT_ID, **changes: Any) -> dict[str, Any]:
    """An indexed document as GET /documents/{id} shows it."""
    view = {
        "document_id": document_id,
        "key": "acme/reports/q3.pdf",
        "title": "Third quarter",
        "status": "INDEXED",
        "generation": 1,
        "live_generation": 1,
        "version_id": VERSION_ID,
        "readers": {"tenant": True, "groups": []},
        "received_at": 1_700_000_000.0,
        "updated_at": 1_700_000_004.0,
        "pages": {"total": 3, "text_layer": 2, "ocr": 1, "empty": 0, "unreadable": [], "unrecognised": []},
        "chunks": 7,
        "failure": None,
        "usage": {"textract_pages": 1},
        "timings": {"inspect": 0.5},
    }
    return view | changes


def answer_body(**changes: Any) -> dict[str, Any]:
    """A cited answer as POST /questions returns it."""
    body = {
        "answer_id": "a-1",
        "question": "How long is the runway?",
        "status": "answered",
        "text": "The runway is 640 metres long [1].",
        "citations": [
            {
                "number": 1,
                "document_id": DOCUMENT_ID,
                "title": "Handbook",
                "uri": f"/documents/{DOCUMENT_ID}/content#page=2",
                "page": 2,
                "quote": "Runway 07/25 is grass, 640 metres long.",
                "score": 0.9,
            }
        ],
        "confidence": 0.8,
    }
    return body | changes


@dataclass
class FakeHttpApi:
    """Serves what it is given and remembers what it was asked.

    Attributes:
        documents: Views by id; each GET of a list of views takes the next one, and keeps the last.
        answers: Responses to POST /questions and GET /answers/{id}, one after the other; the last one stays.
        served: (status, body) by "METHOD /path" of what is not kept here.
        feedback: Pages of GET /feedback, one after the other.
        refusals: (status, body) by "METHOD /path", served instead of the normal answer.
    """

    documents: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    refusals: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    served: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    feedback: list[dict[str, Any]] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    stored: dict[str, bytes] = field(default_factory=dict)
    storage_refusal: tuple[int, bytes] | None = None

    def transport(self) -> httpx.MockTransport:
        """What the client under test sends its requests through."""
        return httpx.MockTransport(self._serve)

    def sent(self, method: str, path: str) -> list[Any]:
        """JSON bodies of the requests to one route."""
        found = [one for one in self.requests if (one.method, one.url.path) == (method, "/v1" + path)]
        return [json.loads(one.content or b"null") for one in found]

    def _serve(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        if str(request.url).startswith(STORAGE_URL):
            return self._store(request)
        path = request.url.path.removeprefix("/v1")
        if refusal := self.refusals.get(f"{request.method} {path}"):
            return httpx.Response(refusal[0], content=refusal[1])
        if request.headers.get("authorization") != TOKEN:
            return httpx.Response(401, json={"message": "Unauthorized"})
        return self._route(request, path)

    def _route(self, request: httpx.Request, path: str) -> httpx.Response:  # noqa: PLR0911 - one a route
        if f"{request.method} {path}" in self.served:
            status, body = self.served[f"{request.method} {path}"]
            return httpx.Response(status, json=body)
        match (request.method, path.strip("/").split("/")):
            case ("POST", ["documents"]):
                return self._ticket(json.loads(request.content))
            case ("GET", ["documents"]):
                return self._list(request.url.params.get("cursor"), request.url.params.get("status"))
            case ("POST", ["documents", identifier, "reprocess"]):
                return self._reprocess(identifier)
            case ("GET", ["documents", identifier]):
                return self._document(identifier)
            case ("DELETE", ["documents", identifier]):
                return self._delete(identifier)
            case ("GET", ["feedback"]):
                return httpx.Response(200, json=self.feedback.pop(0))
            case ("POST", ["questions"]) | ("GET", ["answers", _]):
                status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                return httpx.Response(status, json=body)
        return _not_found()

    def _ticket(self, body: dict[str, Any]) -> httpx.Response:
        fields = {"key": f"acme/{body['path']}", "policy": "signed"}
        ticket = {"document_id": DOCUMENT_ID, "url": STORAGE_URL, "fields": fields, "expires_in": 300}
        return httpx.Response(201, json=ticket)

    def _store(self, request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers, "storage must not see the token"
        if self.storage_refusal:
            return httpx.Response(self.storage_refusal[0], content=self.storage_refusal[1])
        parts = dict(re.findall(rb'name="(\w+)"[^\r]*(?:\r\n[^\r]+)*\r\n\r\n(.*?)\r\n--', request.content, re.DOTALL))
        self.stored[parts[b"key"].decode()] = parts[b"file"]
        return httpx.Response(204, headers={"x-amz-version-id": VERSION_ID, "date": STORED_AT})

    def _delete(self, identifier: str) -> httpx.Response:
        return httpx.Response(204) if self.documents.pop(identifier, None) else _not_found()

    def _reprocess(self, identifier: str) -> httpx.Response:
        views = self.documents.get(identifier)
        if not views:
            return _not_found()
        if views[0]["status"] in ("RECEIVED", "PROCESSING"):
            return httpx.Response(409, json={"title": "Conflict", "status": 409, "detail": "It is under way already."})
        views[0] = views[0] | {"status": "RECEIVED", "generation": views[0]["generation"] + 1}
        return httpx.Response(202, json=views[0])

    def _list(self, cursor: str | None, status: str | None) -> httpx.Response:
        """Two a page; the cursor is where the page ended, so that what changes meanwhile moves nothing."""
        order = list(self.documents)
        rest = order[order.index(cursor) + 1 :] if cursor else order
        views = [self.documents[one][0] for one in rest if status in (None, self.documents[one][0]["status"])]
        following = views[1]["document_id"] if len(views) > len(views[:2]) else None
        return httpx.Response(200, json={"documents": views[:2], "cursor": following})

    def _document(self, identifier: str) -> httpx.Response:
        views = self.documents.get(identifier)
        if not views:
            return _not_found()
        return httpx.Response(200, json=views.pop(0) if len(views) > 1 else views[0])


def _not_found() -> httpx.Response:
    return httpx.Response(404, json={"title": "Not found", "status": 404, "detail": "There is no such thing."})
