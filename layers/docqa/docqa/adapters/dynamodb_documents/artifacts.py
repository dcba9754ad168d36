"""Who uses what in the work bucket, and what has been cleaned up."""

from __future__ import annotations

from contextlib import suppress

from docqa.adapters.dynamodb_documents.expressions import Change, Delete, Key
from docqa.adapters.dynamodb_documents.items import generation_key
from docqa.adapters.dynamodb_documents.reads import TableItems
from docqa.adapters.dynamodb_faults import ConditionFailedError
from docqa.errors import NotYetVisibleError, StaleVersionError
from docqa.models.document import GenerationStatus

# Positions within the claim's transaction.
_GENERATION, _OWNER = 0, 1
# Earlier releases kept the owners as a set in the artefact's item, which held some eleven thousand.
_UNUSED = "attribute_not_exists(#owners) AND (attribute_not_exists(#owner_count) OR #owner_count <= :none)"
_ABSENT, _PRESENT = "attribute_not_exists(#document_id)", "attribute_exists(#document_id)"


class ArtifactItems(TableItems):
    """The part of `ports.DocumentRegistry` that clean-up uses.

    An artefact's item counts its owners, each of whom has an item of its own beside it: equal files may be many. It
    outlives its last owner, marked `removing`, until its objects are deleted: nobody may take objects for ready that
    are just going away.
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
        owning = Change(_claim_key(prefix, owner), "SET #owner = :owner", {"owner": owner}, when=_ABSENT)
        owned = Change(
            _artifact_key(prefix), "ADD #owner_count :one", {"one": 1}, when="attribute_not_exists(#removing)"
        )
        try:
            self._table.transact([using, owning, owned])
        except ConditionFailedError as error:
            if _GENERATION in error.writes:
                raise StaleVersionError(f"{owner} is neither being processed nor live") from error
            if _OWNER in error.writes:
                return  # claimed before, and not released since
            raise NotYetVisibleError(f"{prefix} is being removed: claim it again in a moment") from error

    def release_artifact(self, prefix: str, owner: str) -> bool:
        """Take the owner away; True when nobody uses the prefix any more."""
        leaving = Change(_artifact_key(prefix), "ADD #owner_count :less", {"less": -1})
        with suppress(ConditionFailedError):  # released before, or claimed under an earlier release
            self._table.transact([Delete(_claim_key(prefix, owner), _PRESENT), leaving])
        item = self._table.update(
            Change(_artifact_key(prefix), "DELETE #owners :owners", {"owners": frozenset({owner})})
        )
        if item.get("owners") or item.get("owner_count", 0) > 0:
            return False
        change = Change(_artifact_key(prefix), "SET #removing = :yes", {"yes": True, "none": 0}, when=_UNUSED)
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
            self._table.delete(Delete(_artifact_key(prefix), "attribute_exists(#removing)"))
        except ConditionFailedError:
            return  # forgotten before

    def artifacts_of(self, owner: str) -> list[str]:
        """Prefixes that the owner claimed."""
        item = self._table.get(_owner_key(owner))
        return [] if item is None else sorted(item.get("artifacts", ()))


def _artifact_key(prefix: str) -> Key:
    return f"artifact#{prefix}", "artifact"


def _claim_key(prefix: str, owner: str) -> Key:
    return f"artifact#{prefix}", f"owner#{owner}"


def _part_name(part: str) -> str:
    return f"making {part}"


def _owner_key(owner: str) -> Key:
    document_id, _, generation = owner.rpartition(":")
    return generation_key(document_id, int(generation))
