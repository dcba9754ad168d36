"""What the demo drops and asks: the files below demo/ of the repository."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from devstack.settings import REPOSITORY

FOLDER = REPOSITORY / "demo"
TENANT = "demo"
GROUP = "staff"
# One report and the HTML page go through the API, the others are put into the bucket as an IAM principal would.
OVER_HTTP = frozenset({"venice-first-solo.pdf", "kestrel-hill-visitors.html"})


@dataclass(frozen=True)
class DemoDocument:
    """One file of the demo."""

    file: Path

    @property
    def name(self) -> str:
        """Its path below the tenant."""
        return self.file.name

    @property
    def key(self) -> str:
        """Its key in the documents bucket."""
        return f"{TENANT}/{self.name}"

    @property
    def over_http(self) -> bool:
        """Whether it is uploaded through the API."""
        return self.name in OVER_HTTP

    @property
    def etag(self) -> str:
        """What S3 calls an object with these bytes that was written in one part: their MD5 digest."""
        return hashlib.md5(self.file.read_bytes(), usedforsecurity=False).hexdigest()

    @property
    def sidecar(self) -> bytes:
        """Who may read it, as the file beside the object says it."""
        return json.dumps({"metadataAttributes": {"groups": [GROUP]}}).encode()


class DemoQuestion(BaseModel):
    """One question of the demo.

    Attributes:
        channel: `http` or `queue`.
        document, page, expects: Where the answer stands, and words of it; None: the documents do not answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: str
    question: str
    document: str | None
    page: int | None
    expects: str | None

    @property
    def is_answerable(self) -> bool:
        """Whether the documents answer it."""
        return self.document is not None


def documents() -> list[DemoDocument]:
    """Every demo document, by name."""
    return [DemoDocument(file) for file in sorted((FOLDER / "documents").iterdir()) if not file.name.startswith(".")]


def questions() -> list[DemoQuestion]:
    """Every demo question, in order."""
    return TypeAdapter(list[DemoQuestion]).validate_json((FOLDER / "questions.json").read_bytes())
