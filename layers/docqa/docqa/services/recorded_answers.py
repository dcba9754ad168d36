"""One recorded answer a question, and what everybody who works with it must do alike."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass

from docqa.domain.expiry import may_answer
from docqa.domain.live_access import answer_readers
from docqa.errors import IdempotencyMismatchError, NotFoundError
from docqa.ids import content_id, is_answer_id
from docqa.models.access import Principal
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.api import PendingAnswer
from docqa.models.document import Document
from docqa.models.question import Question
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.ports.questions import QuestionRecord, QuestionStore

WITHHELD = "A document that this answer was made from is replaced, removed or no longer open to you. Ask again."


@dataclass(frozen=True, slots=True)
class OpenDocuments:
    """Which documents a caller may read now, and in which version."""

    documents: Mapping[str, Document]
    principal: Principal
    now: float

    def has(self, document_id: str) -> bool:
        """Whether some version of it answers this caller."""
        document = self.documents.get(document_id)
        return (
            document is not None
            and may_answer(document, self.now)
            and self.principal.may_read(document.tenant, answer_readers(document))
        )

    def answers(self, document_id: str, generation: int) -> bool:
        """Whether this very version answers: a replaced one may have said what was to be taken out."""
        return self.has(document_id) and self.documents[document_id].live_generation == generation


class AnswerReader:
    """Reads recorded answers: only for those who asked, and only while its documents are open to them."""

    def __init__(self, store: QuestionStore, registry: DocumentRegistry, clock: Clock) -> None:
        self._store = store
        self._registry = registry
        self._clock = clock

    def show(self, answer_id: str, principal: Principal) -> Answer | PendingAnswer:
        """The recorded answer, or that it is still being worked on.

        Raises:
            NotFoundError: there is no such question of this caller's.
        """
        return self._read(self.record_of(answer_id, principal), principal)

    def record_of(self, answer_id: str, principal: Principal, admin_group: str = "") -> QuestionRecord:
        """The record of a question of this caller's, unchecked.

        Args:
            answer_id: Of the answer.
            principal: The caller.
            admin_group: Members of it get every record of their tenant; empty: nobody does but who asked.

        Raises:
            NotFoundError: there is no such question, or it is somebody else's.
        """
        record = self._store.get(answer_id) if is_answer_id(answer_id) else None
        if record is None or record.tenant != principal.tenant:
            raise NotFoundError("There is no such answer.")
        if record.subject != principal.subject and (not admin_group or admin_group not in principal.groups):
            raise NotFoundError("There is no such answer.")
        return record

    def repeat(self, known: QuestionRecord, asked: QuestionRecord, principal: Principal) -> Answer | PendingAnswer:
        """What is known of a question that is asked again.

        Raises:
            IdempotencyMismatchError: it was another question.
        """
        if known.body_hash != asked.body_hash:
            raise IdempotencyMismatchError("This idempotency key was used with another question; choose a new key.")
        return self._read(known, principal)

    def _read(self, record: QuestionRecord, principal: Principal) -> Answer | PendingAnswer:
        if record.answer is None:
            return pending(record.answer_id)
        return self.checked(record.answer, record.sources, principal)

    def checked(self, answer: Answer, sources: tuple[str, ...], principal: Principal) -> Answer:
        """The answer, or the same without text and citations when a source of it is gone or closed by now."""
        versions = [source.split(":") for source in sources]
        documents = self.open_documents({document_id for document_id, _ in versions}, principal)
        if all(documents.answers(document_id, int(number)) for document_id, number in versions):
            return answer
        return withheld(answer)

    def open_documents(self, document_ids: AbstractSet[str], principal: Principal) -> OpenDocuments:
        """Of these documents those that the caller may read now."""
        documents = self._registry.get_many(document_ids) if document_ids else {}
        return OpenDocuments(documents, principal, self._clock.now())


def withheld(answer: Answer) -> Answer:
    """The answer without text and citations, because something that it was made from is gone or closed."""
    nothing = {"status": AnswerStatus.ABSTAINED, "text": "", "citations": (), "confidence": 0.0}
    return answer.model_copy(update={**nothing, "reason": WITHHELD})


def answer_id_of(principal: Principal, *key: str) -> str:
    """The id of the answer to a question that carries a key: another caller's same key is another question."""
    return content_id("answer", principal.tenant, principal.subject, *key)


def question_record(
    question: Question, principal: Principal, answer_id: str, lease_until: float, settle_at: float, reply_to: str = ""
) -> QuestionRecord:
    """The record of a question that is about to be answered; the last three as in `QuestionRecord`."""
    # Without what nobody asked for: a field that a release adds must not make another question of a known one.
    body = question.model_dump(mode="json", exclude_defaults=True)
    return QuestionRecord(
        answer_id=answer_id,
        tenant=principal.tenant,
        subject=principal.subject,
        groups=principal.groups,
        body_hash=content_id("question", json.dumps(body, sort_keys=True)),
        body=body,
        lease_until=lease_until,
        reply_to=reply_to,
        settle_at=settle_at,
        threshold=principal.threshold,
    )


def pending(answer_id: str) -> PendingAnswer:
    """Where the answer will be."""
    return PendingAnswer(answer_id=answer_id, location=f"/answers/{answer_id}")


@contextmanager
def released_unless_done(store: QuestionStore, answer_id: str) -> Iterator[None]:
    """Let somebody else take the question when the work on it ends in an error."""
    done = False
    try:
        yield
        done = True
    finally:
        if not done:
            store.release(answer_id)
