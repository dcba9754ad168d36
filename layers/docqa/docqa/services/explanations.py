"""Why was this answered? The kept trace of an answer, as far as its reader may still read what it speaks of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.api import PendingAnswer
from docqa.models.trace import AnswerTrace, Explanation, VersionTrace
from docqa.ports.questions import QuestionStore
from docqa.services.recorded_answers import AnswerReader, OpenDocuments, pending


@dataclass(frozen=True, slots=True)
class Explanations:
    """The use case of GET /answers/{id}/explanation.

    Attributes:
        admin_group: Its members may ask about every answer of their tenant; empty: nobody may but who asked. What they
            may not read themselves is withheld from them, too.
    """

    store: QuestionStore
    reader: AnswerReader
    admin_group: str = ""

    def explain(self, answer_id: str, principal: Principal) -> Explanation | PendingAnswer:
        """Answer and trace, checked as they are now, or that it is still being worked on.

        Raises:
            NotFoundError: there is no such question that this caller may look into.
        """
        record = self.reader.record_of(answer_id, principal, self.admin_group)
        if record.answer is None:
            return pending(answer_id)
        answer: Answer = self.reader.checked(record.answer, record.sources, principal)
        trace = self.store.trace(answer_id)
        return Explanation(answer=answer, trace=trace and self._open_part(trace, principal))

    def _open_part(self, trace: AnswerTrace, principal: Principal) -> AnswerTrace:
        named = [*trace.candidates, *trace.dropped, *trace.sentences, *(v for w in trace.written for v in w.passages)]
        documents = self.reader.open_documents({one.document_id for one in named}, principal)
        is_open: Callable[[VersionTrace], bool] = lambda one: documents.answers(one.document_id, one.generation)  # noqa: E731 - used four times
        kept = {
            "candidates": tuple(filter(is_open, trace.candidates)),
            "sentences": tuple(filter(is_open, trace.sentences)),
            # What a model wrote may say what any passage of its prompt said.
            "written": tuple(one for one in trace.written if all(map(is_open, one.passages))),
        }
        # Not of `dropped`: that a closed document was found is already something about it.
        withheld = sum(len(getattr(trace, name)) - len(entries) for name, entries in kept.items())
        return trace.model_copy(update={**kept, "dropped": _dropped(trace, documents), "withheld": withheld})


def _dropped(trace: AnswerTrace, documents: OpenDocuments) -> tuple[VersionTrace, ...]:
    """Older and newer versions of what the caller may read; other documents are not even counted."""
    return tuple(one for one in trace.dropped if documents.has(one.document_id))
