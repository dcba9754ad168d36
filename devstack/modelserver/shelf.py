"""Small records on disk, which survive a restart of the server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from devstack.modelserver.aws_errors import AwsError


class Shelf:
    """JSON objects by name: letters, digits and `-`.

    Args:
        folder: one file a record.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._records: dict[str, dict[str, Any]] = {
            path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")
        }

    def find(self, name: str) -> dict[str, Any] | None:
        """The record, or None."""
        return self._records.get(name)

    def all(self) -> list[dict[str, Any]]:
        """Every record, in no order."""
        with self._lock:
            return list(self._records.values())

    def put(self, name: str, record: dict[str, Any]) -> None:
        """Write the record down, all or nothing."""
        with self._lock:
            self._write(name, record)

    def add(self, name: str, record: dict[str, Any], taken: AwsError) -> None:
        """Write a new record down.

        Raises:
            AwsError: `taken`, because there is one of this name.
        """
        with self._lock:
            if name in self._records:
                raise taken
            self._write(name, record)

    def change(
        self, name: str, members: dict[str, Any], allow: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> dict[str, Any] | None:
        """Write a record down with these members changed, and only these: others may have changed meanwhile.

        Args:
            name: of the record, which is there.
            members: the new values.
            allow: asked about the record as it is; if it says no, nothing is changed and None returned.
        """
        with self._lock:
            if not allow(self._records[name]):
                return None
            record = self._records[name] | members
            self._write(name, record)
            return record

    def _write(self, name: str, record: dict[str, Any]) -> None:
        draft = self._folder / f"{name}.draft"
        draft.write_text(json.dumps(record))
        draft.replace(self._folder / f"{name}.json")
        self._records[name] = record

    def remove(self, name: str) -> None:
        """Forget the record, if there is one."""
        with self._lock:
            self._records.pop(name, None)
            (self._folder / f"{name}.json").unlink(missing_ok=True)
