"""The metadata files that say who may read a document, written by docqa itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docqa import ids
from docqa.domain.readers import SIDECAR_MAX_BYTES, sidecar_with
from docqa.errors import NotFoundError
from docqa.models.api import ReadersBody
from docqa.ports.objects import ObjectStore


@dataclass(frozen=True, slots=True)
class MetadataFiles:
    """Metadata files of one bucket."""

    objects: ObjectStore

    def write_readers(self, key: str, body: ReadersBody) -> None:
        """Let the document's metadata file name these readers; its other attributes stay."""
        self.write(key, body, None)

    def write(self, key: str, body: ReadersBody | None, attributes: Mapping[str, Any] | None) -> None:
        """Let the document's metadata file name these readers and these other attributes; what is None stays."""
        content = sidecar_with(self._existing(key), body, attributes)
        self.objects.write(ids.sidecar_key(key), content, "application/json")

    def _existing(self, key: str) -> bytes | None:
        sidecar = self.objects.head(ids.sidecar_key(key))
        if sidecar is None or sidecar.size > SIDECAR_MAX_BYTES:
            return None
        try:
            return self.objects.read(sidecar.key)
        except NotFoundError:
            return None
