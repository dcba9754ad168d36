"""What every part of the measurement works with: the running one-machine cloud and its choices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console

from cli.api import Api
from cli.errors import CommandError
from cli.stack import Stack
from devstack.processes import find_process
from devstack.settings import DevstackSettings, Endpoints
from docqa.adapters.dynamodb_documents import DocumentsTable, DynamoDBDocumentRegistry


@dataclass(frozen=True)
class Choices:
    """What the command line chooses.

    Attributes:
        data: Folder of real documents (`qa/filings`, `pdf_odd`, `receipts` …); None: the demo's own.
        recordings: Folder of recorded Textract responses; None: one page is made up.
        documents: How many are dropped at once in the burst.
        capacity: How many of them may be in flight.
        sizes: Pages of the documents whose memory is measured.
        seconds: The longest that one load may take.
        quick: A small burst against small quotas.
    """

    data: Path | None = None
    recordings: Path | None = None
    documents: int = 500
    # Each place has a process of each function in the end, some 70 MB: 40 of them take 10 GB.
    capacity: int = 40
    sizes: tuple[int, ...] = (1, 10, 100, 1_000, 3_000)
    seconds: float = 1800.0
    quick: bool = False

    @classmethod
    def small(cls, **chosen: Any) -> Choices:
        """A run of some minutes, which shows that everything works and little of how much it takes."""
        return cls(**{"documents": 50, "capacity": 8, "sizes": (1, 10, 100), "quick": True, **chosen})


@dataclass(frozen=True)
class Bench:
    """One running stack and how to look into it."""

    stack: Stack
    settings: DevstackSettings
    api: Api
    console: Console
    choices: Choices

    @cached_property
    def registry(self) -> DynamoDBDocumentRegistry:
        """The stack's own registry, read as the account's root."""
        return DynamoDBDocumentRegistry(
            DocumentsTable(self.client("dynamodb"), self.stack.output("DocumentsTableName"))
        )

    @cached_property
    def urls(self) -> Endpoints:
        """Where emulator, OpenSearch and model server listen."""
        return Endpoints.of(self.settings)

    @cached_property
    def emulator(self) -> psutil.Process:
        """The emulator, whose children are the functions.

        Raises:
            CommandError: it was not started by `make up`.
        """
        process = find_process(self.settings.processes_dir / "emulator.json")
        if process is None:
            raise CommandError("The emulator does not run here: run make up first.")
        return process

    def client(self, service: str) -> Any:
        """A client of the stack."""
        return self.stack.client(service)

    def say(self, sentence: str) -> None:
        """Tell the person who waits."""
        self.console.print(sentence, highlight=False, markup=False)

    @contextmanager
    def textract(self, **settings: Any) -> Iterator[None]:
        """Textract behaves so for a while."""
        self._control("textract", settings)
        try:
            yield
        finally:
            self._control("textract", {})

    def textract_counts(self) -> dict[str, Any]:
        """What happened at Textract since its behaviour was last set."""
        answer = httpx.get(f"{self.urls.models_url}/_control/textract", trust_env=False)
        counts: dict[str, Any] = answer.raise_for_status().json()
        return counts

    @contextmanager
    def without_embedding_model(self) -> Iterator[None]:
        """Vectors cost nothing for a while."""
        self._control("embedding", {"model": "hashed"})
        try:
            yield
        finally:
            self._control("embedding", {"model": "real"})

    def _control(self, what: str, settings: dict[str, Any]) -> None:
        answer = httpx.put(f"{self.urls.models_url}/_control/{what}", json=settings, trust_env=False, timeout=60)
        if answer.status_code != httpx.codes.OK:
            raise CommandError(f"The model server refuses these settings of {what}: {answer.json()['message']}")
