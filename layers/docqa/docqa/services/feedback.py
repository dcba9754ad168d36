"""Right or wrong: what people say about their answers is kept, and becomes a question set."""

from __future__ import annotations

from dataclasses import dataclass

from docqa.errors import ConflictError, ForbiddenError, InvalidRequestError
from docqa.models.access import Principal
from docqa.models.answer import AnswerStatus
from docqa.models.feedback import FeedbackBody, FeedbackPage, FeedbackRecord
from docqa.ports.clock import Clock
from docqa.ports.feedback import FeedbackStore
from docqa.services.recorded_answers import AnswerReader

PAGE_DEFAULT = 100
PAGE_MAX = 500


@dataclass(frozen=True, slots=True)
class AnswerFeedback:
    """The use case of POST /answers/{id}/feedback.

    Attributes:
        admin_group: Its members may judge every answer of their tenant that they may read; empty: only who asked may.
    """

    reader: AnswerReader
    store: FeedbackStore
    clock: Clock
    admin_group: str = ""

    def record(self, answer_id: str, principal: Principal, body: FeedbackBody) -> FeedbackRecord:
        """Keep what is said about an answer, in place of what was said before; saying it twice changes nothing.

        Raises:
            NotFoundError: there is no such answer that this caller may read.
            ConflictError: there is nothing to judge: it is being worked on, failed, or its documents are closed.
            InvalidRequestError: the caller cannot read the document that is named.
        """
        record = self.reader.record_of(answer_id, principal, self.admin_group)
        if record.answer is None or record.answer.status is AnswerStatus.FAILED:
            raise ConflictError("There is no answer yet that could be judged.")
        if self.reader.checked(record.answer, record.sources, principal) != record.answer:
            raise ConflictError("A document that this answer was made from is no longer open to you. Ask again.")
        if body.document_id and not self.reader.open_documents({body.document_id}, principal).has(body.document_id):
            raise InvalidRequestError("document_id: there is no such document.")
        said = FeedbackRecord(answer_id=answer_id, question=record.answer.question, **body.model_dump())
        if not self.store.record(record.tenant, said, self.clock.now()):
            raise ConflictError("There is no answer any more that could be judged.")
        return said


@dataclass(frozen=True, slots=True)
class FeedbackExport:
    """The use case of GET /feedback: for administrators, since questions are other people's."""

    reader: AnswerReader
    store: FeedbackStore
    admin_group: str = ""

    def page(self, principal: Principal, limit: int = PAGE_DEFAULT, cursor: str | None = None) -> FeedbackPage:
        """A page of the tenant's feedback, newest first; without words on documents closed to the caller.

        Raises:
            ForbiddenError: the caller is no administrator.
            InvalidRequestError: limit or cursor is none.
        """
        if not self.admin_group or self.admin_group not in principal.groups:
            raise ForbiddenError("Only administrators may export what others said about their answers.")
        if not 1 <= limit <= PAGE_MAX:
            raise InvalidRequestError(f"limit must be from 1 to {PAGE_MAX}")
        feedback, following = self.store.list(principal.tenant, limit, cursor)
        named = {one.document_id for one in feedback if one.document_id}
        documents = self.reader.open_documents(named, principal)
        is_open = [one.document_id is None or documents.has(one.document_id) for one in feedback]
        shown = [one if may else _verdict_only(one) for one, may in zip(feedback, is_open, strict=True)]
        return FeedbackPage(feedback=shown, cursor=following)


def _verdict_only(said: FeedbackRecord) -> FeedbackRecord:
    # What is expected of a document is what stands in it.
    return said.model_copy(update=dict.fromkeys(("expected", "comment", "document_id", "page")))
