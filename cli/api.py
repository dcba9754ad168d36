"""docqa's HTTP API as Python calls; every refusal is a sentence and an exit code."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from cli.errors import (
    CommandError,
    ConflictError,
    NotAllowedError,
    NotFoundError,
    NotInTimeError,
    SignInError,
    UnavailableError,
    UsageError,
)
from cli.output import one_line
from cli.stack import NOT_RUNNING, NOTHING_DEPLOYED
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
from docqa.models.feedback import FeedbackBody, FeedbackPage, FeedbackRecord
from docqa.models.question import Question
from docqa.models.spending import SpendingReport
from docqa.models.trace import Explanation

# The gateway answers within 29 s; a little more, so that its own time-out is what we see.
READ_SECONDS = 35.0
CONNECT_SECONDS = 10.0
POLL_SECONDS = 0.5
# Requests that may be repeated are tried this often when the connection fails or the service is busy.
ATTEMPTS = 3

# What a status says to a person; any other is a plain failure.
_REFUSALS: dict[int, type[CommandError]] = {
    400: UsageError,
    401: SignInError,
    403: NotAllowedError,
    404: NotFoundError,
    409: ConflictError,
    413: UsageError,
    422: UsageError,
    429: UnavailableError,
    502: UnavailableError,
    503: UnavailableError,
    504: UnavailableError,
}

ModelT = TypeVar("ModelT", bound=BaseModel)


class Api:
    """A signed-in client; use it as a context manager. May be shared between threads.

    Args:
        base_url: Of the API, without a slash at its end.
        id_token: Of the signed-in person.
        direct: Never through a proxy: the API is on this machine.
        transport: Replaces the network in tests.
    """

    def __init__(
        self, base_url: str, id_token: str, *, direct: bool = False, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._direct = direct
        self._id_token = id_token
        timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        self._client = httpx.Client(
            base_url=base_url,
            headers={"Authorization": id_token},
            timeout=timeout,
            trust_env=not direct,
            transport=transport,
        )
        # Presigned addresses carry their own authority, and must not see the token.
        self.storage = httpx.Client(
            timeout=httpx.Timeout(300.0, connect=CONNECT_SECONDS), trust_env=not direct, transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self.storage.close()

    def own_groups(self) -> frozenset[str] | None:
        """Groups of the signed-in person, as the token says, unchecked: for remarks only; None: it cannot be read."""
        try:
            payload = self._id_token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            return frozenset(claims.get("cognito:groups", ()))
        except (IndexError, ValueError, AttributeError, TypeError):
            return None

    def request_upload(
        self, path: str, size: int, readers: ReadersBody | None, attributes: dict[str, Any] | None = None
    ) -> UploadTicket:
        """An address to upload one document to, with its readers and other attributes; None: as they are."""
        body = UploadRequest(path=path, size=size, readers=readers, attributes=attributes)
        return _parse(UploadTicket, self._send("POST", "/documents", json=body.model_dump(exclude_none=True)))

    def documents(self, status: str | None = None) -> Iterator[DocumentView]:
        """Every document that the signed-in person may see, newest change first; with a status only those of it."""
        cursor: str | None = None
        while True:
            given = {"cursor": cursor, "status": status}
            parameters = {name: value for name, value in given.items() if value}
            page = _parse(DocumentPage, self._send("GET", "/documents", params=parameters))
            yield from page.documents
            cursor = page.cursor
            if not cursor:
                return

    def document(self, document_id: str) -> DocumentView:
        """One document. Raises NotFoundError."""
        return _parse(DocumentView, self._send("GET", f"/documents/{_segment(document_id)}"))

    def find_document(self, document_id: str) -> DocumentView | None:
        """One document, or None while it has not been received."""
        try:
            return self.document(document_id)
        except NotFoundError:
            return None

    def delete(self, document_id: str) -> None:
        """Delete one document. Raises NotFoundError, SignInError."""
        self._send("DELETE", f"/documents/{_segment(document_id)}")

    def reprocess(self, document_id: str) -> DocumentView:
        """Have one document processed again. Raises ConflictError, NotFoundError, SignInError."""
        return _parse(DocumentView, self._send("POST", f"/documents/{_segment(document_id)}/reprocess"))

    def ask(self, question: Question, *, later: bool = False) -> Answer | PendingAnswer:
        """Ask; the answer, or where it will be. A repeated attempt asks no second time.

        With `later` nobody waits for the answer.
        """
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if later:
            headers["Prefer"] = "respond-async"
        body = question.model_dump(mode="json", exclude_defaults=True)
        return _answer(self._send("POST", "/questions", json=body, headers=headers))

    def answer(self, answer_id: str) -> Answer | PendingAnswer:
        """A stored answer, or that it is being worked on. Raises NotFoundError."""
        return _answer(self._send("GET", f"/answers/{_segment(answer_id)}"))

    def explain(self, answer_id: str) -> Explanation | PendingAnswer:
        """How an answer came about, or that it is being worked on. Raises NotFoundError."""
        response = self._send("GET", f"/answers/{_segment(answer_id)}/explanation")
        accepted = response.status_code == httpx.codes.ACCEPTED
        return _parse(PendingAnswer, response) if accepted else _parse(Explanation, response)

    def give_feedback(self, answer_id: str, body: FeedbackBody) -> FeedbackRecord:
        """Say whether an answer is right. Raises NotFoundError, ConflictError, UsageError."""
        path = f"/answers/{_segment(answer_id)}/feedback"
        return _parse(FeedbackRecord, self._send("POST", path, json=body.model_dump(exclude_defaults=True)))

    def feedback(self) -> Iterator[FeedbackRecord]:
        """Everything that was said about the tenant's answers, newest first. Raises NotAllowedError."""
        cursor: str | None = None
        while True:
            found = self._send("GET", "/feedback", params={"cursor": cursor} if cursor else {})
            page = _parse(FeedbackPage, found)
            yield from page.feedback
            cursor = page.cursor
            if not cursor:
                return

    def spending(self, days: int) -> SpendingReport:
        """What the signed-in person's tenant has spent. Raises UsageError."""
        return _parse(SpendingReport, self._send("GET", "/spending", params={"days": days}))

    def create_batch(self, size: int, within_seconds: int | None) -> BatchView:
        """A batch whose file of so many bytes is awaited. A repeated attempt makes no second one."""
        body = BatchRequest(size=size, within_seconds=within_seconds)
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        sent = self._send("POST", "/batches", json=body.model_dump(exclude_none=True), headers=headers)
        return _parse(BatchView, sent)

    def batch(self, batch_id: str) -> BatchView:
        """One batch. Raises NotFoundError."""
        return _parse(BatchView, self._send("GET", f"/batches/{_segment(batch_id)}"))

    def wait_for_answer(self, answer_id: str, seconds: float) -> Answer:
        """A stored answer, once it is there. Raises NotInTimeError."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.answer(answer_id)
            if isinstance(found, Answer):
                return found
            time.sleep(POLL_SECONDS)
        raise NotInTimeError(
            f"Answer {answer_id} is not there after {seconds:.0f} s: ask later with docqa answer {answer_id}."
        )

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """One request, repeated a few times when that is safe and may help."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                response = self._client.request(method, path, **arguments)
            except httpx.TransportError as error:
                if attempt == ATTEMPTS:
                    unreachable = f"{self._client.base_url} cannot be reached: {error}"
                    raise UnavailableError(NOT_RUNNING if self._direct else unreachable) from error
            else:
                if response.is_success:
                    return response
                if self._direct and response.status_code == httpx.codes.NOT_FOUND and not _is_problem(response):
                    raise NotFoundError(NOTHING_DEPLOYED)  # the emulator's own words: it knows no such API
                if response.status_code not in {429, 503} or attempt == ATTEMPTS:
                    raise _refusal(response)
            time.sleep(0.5 * attempt)
        raise AssertionError  # pragma: no cover - the last attempt returns or raises


def _is_problem(response: httpx.Response) -> bool:
    try:
        Problem.model_validate_json(response.content)
    except ValidationError:
        return False
    return True


def _answer(response: httpx.Response) -> Answer | PendingAnswer:
    accepted = response.status_code == httpx.codes.ACCEPTED
    return _parse(PendingAnswer, response) if accepted else _parse(Answer, response)


def _segment(identifier: str) -> str:
    """An id for a path; anything else than an id would reach another route."""
    if not identifier or not all(character.isalnum() or character in "-_" for character in identifier):
        raise NotFoundError(f"{one_line(identifier)!r} is not an id.")
    return identifier


def _parse(model: type[ModelT], response: httpx.Response) -> ModelT:
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        raise CommandError(
            f"{response.request.url.path} answered with something else than {model.__name__}: "
            "this docqa command and the stack are of different versions."
        ) from error


def _refusal(response: httpx.Response) -> CommandError:
    """The error that a response with a problem document, or the gateway's own message, stands for."""
    return _REFUSALS.get(response.status_code, CommandError)(_sentence(response))


def _sentence(response: httpx.Response) -> str:
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        return _gateway_sentence(response)
    support = (
        f" (reference {problem.instance})"
        if problem.instance and problem.status >= httpx.codes.INTERNAL_SERVER_ERROR
        else ""
    )
    return one_line(f"{problem.title}: {problem.detail}{support}")


def _gateway_sentence(response: httpx.Response) -> str:
    """What to say when API Gateway itself refused, before any function ran."""
    if response.status_code == httpx.codes.UNAUTHORIZED:
        return "You are not signed in, or your session has ended: run docqa login."
    return f"The service answered {response.status_code} {response.reason_phrase}."
