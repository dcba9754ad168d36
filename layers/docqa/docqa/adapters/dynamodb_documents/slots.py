"""Places for executions: a set of names in one item, so that taking and giving back never drift apart."""

from __future__ import annotations

from docqa import ids
from docqa.adapters.dynamodb_documents.expressions import Change, Key
from docqa.adapters.dynamodb_documents.items import (
    AGAIN,
    RUNNING,
    WAITING,
    document_key,
    generation_key,
    key_of,
    line_of,
    moment,
)
from docqa.adapters.dynamodb_documents.lines import LineReads
from docqa.adapters.dynamodb_faults import ConditionFailedError
from docqa.errors import StaleVersionError
from docqa.models.document import DocumentReference, DocumentStatus, Generation, GenerationStatus, Stage

SLOTS: Key = ("admission", "slots")
# Positions within the claim's transaction.
_GENERATION, _DOCUMENT, _SLOTS = range(3)


class SlotWrites(LineReads):
    """The part of `ports.DocumentRegistry` that dispatch uses."""

    def claim_slot(
        self, generation: Generation, capacity: int, deadline: float, now: float
    ) -> DocumentReference | None:
        """Take a place: the version, its document and the set of names change together or not at all."""
        attempt = generation.attempt + 1
        name = ids.execution_name(generation.document_id, generation.generation, attempt)
        try:
            self._table.transact(
                [_running(generation, attempt, deadline), _processing(generation, now), _taking(name, capacity)]
            )
        except ConditionFailedError as error:
            if error.writes & {_GENERATION, _DOCUMENT}:
                raise StaleVersionError(
                    f"generation {generation.generation} of {generation.document_id} is no longer waiting"
                ) from error
            return None
        return generation.reference().model_copy(update={"attempt": attempt})

    def slots(self) -> frozenset[str]:
        """Names of the executions that hold a place."""
        item = self._table.get(SLOTS)
        return frozenset() if item is None else frozenset(item.get("names", ()))

    def release_slot(self, execution: str) -> None:
        """Give the place of this execution back."""
        self._table.update(Change(SLOTS, "DELETE #names :name", {"name": frozenset({execution})}))

    def requeue(self, reference: DocumentReference, *, tries: int, due: float, work_done: int | None = None) -> bool:
        """Back to RECEIVED and into its line; a version that has ended or is on a later attempt stays as it is."""
        try:
            self._table.transact([_waiting(reference, due, Stage.RECEIVED, tries, work_done), _received(reference)])
        except ConditionFailedError:
            return False
        return True

    def park(self, reference: DocumentReference, due: float) -> bool:
        """Back into its line at stage EMBEDDING."""
        generation = self.get_generation(reference.document_id, reference.generation)
        if generation is None or generation.attempt != reference.attempt:
            return False
        if generation.is_parked:
            return True
        try:
            self._table.transact(
                [_waiting(reference, due, Stage.EMBEDDING, generation.tries, None), _received(reference)]
            )
        except ConditionFailedError:
            return False
        return True

    def hasten(self, document_id: str, generation: int, now: float) -> bool:
        """Move a parked version to the front of what is due."""
        found = self.get_generation(document_id, generation)
        if found is None or not found.is_parked:
            return False
        change = Change(
            generation_key(document_id, generation),
            "SET #due = :due, #work_order = :order",
            {
                "due": now,
                "order": line_of(found.tenant, now),
                "received": GenerationStatus.RECEIVED.value,
                "embedding": Stage.EMBEDDING.value,
            },
            when="#status = :received AND #stage = :embedding",
        )
        try:
            self._table.update(change)
        except ConditionFailedError:
            return False
        return True


def _running(generation: Generation, attempt: int, deadline: float) -> Change:
    return Change(
        generation_key(generation.document_id, generation.generation),
        "SET #status = :processing, #attempt = :attempt, #deadline = :deadline, "
        "#work_state = :running, #work_order = :order, #stage = :inspecting",
        {
            "processing": GenerationStatus.PROCESSING.value,
            "attempt": attempt,
            "deadline": deadline,
            "running": RUNNING,
            "order": moment(deadline),
            "inspecting": (Stage.EMBEDDING if generation.is_parked else Stage.INSPECTING).value,
            "received": GenerationStatus.RECEIVED.value,
            "before": generation.attempt,
        },
        when="#status = :received AND #attempt = :before",
    )


def _processing(generation: Generation, now: float) -> Change:
    return Change(
        document_key(generation.document_id),
        "SET #status = :processing, #updated_at = :now, #lock = #lock + :one",
        {
            "processing": DocumentStatus.PROCESSING.value,
            "now": now,
            "one": 1,
            "generation": generation.generation,
            "received": DocumentStatus.RECEIVED.value,
        },
        when="#latest_generation = :generation AND #status = :received",
    )


def _taking(name: str, capacity: int) -> Change:
    return Change(
        SLOTS,
        "ADD #names :name",
        {"name": frozenset({name}), "capacity": capacity},
        when="attribute_not_exists(#names) OR size(#names) < :capacity",
    )


def _waiting(reference: DocumentReference, due: float, stage: Stage, tries: int, work_done: int | None) -> Change:
    return Change(
        key_of(reference),
        "SET #status = :received, #stage = :stage, #tries = :tries, #due = :due, "
        "#work_state = :line, #work_order = :order"
        + ("" if work_done is None else ", #work_done_before = :work_done")
        + " REMOVE #deadline",
        {
            **({} if work_done is None else {"work_done": work_done}),
            "received": GenerationStatus.RECEIVED.value,
            "stage": stage.value,
            "tries": tries,
            "due": due,
            "line": AGAIN if tries else WAITING,
            "order": line_of(reference.tenant, due),
            "processing": GenerationStatus.PROCESSING.value,
            "attempt": reference.attempt,
        },
        when="#status = :processing AND #attempt = :attempt",
    )


def _received(reference: DocumentReference) -> Change:
    return Change(
        document_key(reference.document_id),
        "SET #status = :received, #lock = #lock + :one",
        {"received": DocumentStatus.RECEIVED.value, "one": 1, "generation": reference.generation},
        when="#latest_generation = :generation",
    )
