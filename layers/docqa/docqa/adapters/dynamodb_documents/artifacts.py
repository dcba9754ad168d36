"""Who uses what in the work bucket, and what has been cleaned up."""

from __future__ import annotations

from docqa.adapters.dynamodb_documents.expressions import Change, Key
from docqa.adapters.dynamodb_documents.items import generation_key
from docqa.adapters.dynamodb_documents.reads import TableItems
from docqa.adapters.dynamodb_faults import ConditionFailedError
from docqa.errors import NotYetVisibleError, StaleVersionError
from docqa.models.document import GenerationStatus

# Positions within the claim's transaction.
_GENERATION = 0


class ArtifactItems(TableItems):
    """The part of `ports.DocumentRegistry` that clean-up uses.

    An artefact's item outlives its last owner, marked `removing`, until its objects are deleted: nobody may
    take objects for ready that are just going away.
    """

    def set_indexed_revision(self, document_id: str, generation: int, revision: int) -> None:
        """Note the metadata revision that the chunks carry; never lowers it."""
        change = Change(
            generation_key(document_id, generation),
            "SET #indexed_revision = :revision",
            {"revision": revision},
            when="attribute_exists(#document_id) AND "
            "(attribute_not_exists(#indexed_revision) OR #indexed_revision < :revision)",
        )
        try:
            self._table.update(change)
        except ConditionFailedError:
            return  # it is as high already

    def mark_removed(self, document_id: str, generation: int) -> None:
        """Chunks and artefacts of a SUPERSEDED or FAILED generation are gone."""
        change = Change(
            generation_key(document_id, generation),
            "SET #status = :removed REMOVE #artifacts",
            {
                "removed": GenerationStatus.REMOVED.value,
                "superseded": GenerationStatus.SUPERSEDED.value,
                "failed": GenerationStatus.FAILED.value,
            },
            when="#status IN (:superseded, :failed)",
        )
        try:
            self._table.update(change)
        except ConditionFailedError:
            return  # nothing to clean up in any other state

    def claim_artifact(self, prefix: str, owner: str) -> None:
        """Note the owner with the artefact and the artefact with the owner."""
        using = Change(
            _owner_key(owner),
            "ADD #artifacts :prefixes",
            {
                "prefixes": frozenset({prefix}),
                "processing": GenerationStatus.PROCESSING.value,
                "live": GenerationStatus.LIVE.value,
            },
            when="#status IN (:processing, :live)",
        )
        owned = Change(
            _artifact_key(prefix),
            "ADD #owners :owners",
            {"owners": frozenset({owner})},
            when="attribute_not_exists(#removing)",
        )
        try:
            self._table.transact([using, owned])
        except ConditionFailedError as error:
            if _GENERATION in error.writes:
                raise StaleVersionError(f"{owner} is neither being processed nor live") from error
            raise NotYetVisibleError(f"{prefix} is being removed: claim it again in a moment") from error

    def release_artifact(self, prefix: str, owner: str) -> bool:
        """Take the owner away; True when nobody uses the prefix any more."""
        item = self._table.update(
            Change(_artifact_key(prefix), "DELETE #owners :owners", {"owners": frozenset({owner})})
        )
        if item.get("owners"):
            return False
        change = Change(
            _artifact_key(prefix), "SET #removing = :yes", {"yes": True}, when="attribute_not_exists(#owners)"
        )
        try:
            self._table.update(change)
        except ConditionFailedError:
            return False  # claimed again between the two writes
        return True

    def start_making(self, prefix: str, part: str, owner: str, now: float, until: float) -> bool:
        """Write the announcement into the artefact's item, unless another one's is there and holds."""
        change = Change(
            _artifact_key(prefix),
            "SET #part = :making",
            {"making": {"owner": owner, "until": until}, "owner": owner, "now": now},
            when="attribute_not_exists(#part) OR #part.#owner = :owner OR #part.#until < :now",
            names={"part": _part_name(part)},
        )
        try:
            self._table.update(change)
        except ConditionFailedError:
            return False
        return True

    def stop_making(self, prefix: str, part: str, owner: str) -> None:
        """Take the announcement out again."""
        change = Change(
            _artifact_key(prefix),
            "REMOVE #part",
            {"owner": owner},
            when="#part.#owner = :owner",
            names={"part": _part_name(part)},
        )
        try:
            self._table.update(change)
        except ConditionFailedError:
            return  # another one's

    def forget_artifact(self, prefix: str) -> None:
        """The objects below a prefix that nobody uses are deleted."""
        try:
            self._table.delete(_artifact_key(prefix), "attribute_exists(#removing)")
        except ConditionFailedError:
            return  # forgotten before

    def artifacts_of(self, owner: str) -> list[str]:
        """Prefixes that the owner claimed."""
        item = self._table.get(_owner_key(owner))
        return [] if item is None else sorted(item.get("artifacts", ()))


def _artifact_key(prefix: str) -> Key:
    return f"artifact#{prefix}", "artifact"


def _part_name(part: str) -> str:
    return f"making {part}"


def _owner_key(owner: str) -> Key:
    document_id, _, generation = owner.rpartition(":")
    return generation_key(document_id, int(generation))
