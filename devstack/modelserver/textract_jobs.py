"""Textract's jobs in a directory: they survive a restart of the server."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from devstack.modelserver.textract_blocks import Block

# Textract's largest answer, and the size of one stored part.
BLOCKS_A_PART = 1000


@dataclass(frozen=True)
class Job:
    """One text detection or analysis.

    Attributes:
        api: the operation that started it.
        status: IN_PROGRESS, SUCCEEDED, PARTIAL_SUCCESS or FAILED.
        created: seconds since 1970.
        message: why it failed, else None.
        unreadable_pages: 1-based pages without a result.
    """

    id: str
    request: dict[str, Any]
    created: float
    status: str = "IN_PROGRESS"
    message: str | None = None
    pages: int = 0
    blocks: int = 0
    unreadable_pages: tuple[int, ...] = ()
    notified: bool = False
    api: str = "StartDocumentTextDetection"

    @property
    def features(self) -> tuple[str, ...]:
        """What an analysis was asked for beside text."""
        return tuple(self.request.get("FeatureTypes", ()))


class JobTable:
    """Jobs by id and by client request token.

    Args:
        folder: one folder a job.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._jobs = {job.id: job for job in _stored(folder)}

    def find(self, job_id: str) -> Job | None:
        """The job, or None."""
        return self._jobs.get(job_id)

    def find_by_token(self, api: str, token: str) -> Job | None:
        """The job that this operation started with this ClientRequestToken, or None."""
        jobs = list(self._jobs.values())
        return next((job for job in jobs if (job.api, job.request.get("ClientRequestToken")) == (api, token)), None)

    def unfinished(self) -> list[Job]:
        """Jobs still to do or to announce, oldest first."""
        jobs = list(self._jobs.values())
        return sorted((job for job in jobs if not job.notified), key=lambda job: job.created)

    def running(self) -> int:
        """How many jobs are in progress."""
        return sum(job.status == "IN_PROGRESS" for job in list(self._jobs.values()))

    def add(self, api: str, request: dict[str, Any], created: float) -> Job:
        """A new job in progress."""
        job = Job(uuid.uuid4().hex + uuid.uuid4().hex, request, created, api=api)  # 64 characters, as Textract's are
        self.save(job)
        return job

    def save(self, job: Job) -> Job:
        """Write the job down, all or nothing."""
        folder = self._folder / job.id
        folder.mkdir(exist_ok=True)
        draft = folder / "job.json.draft"
        draft.write_text(json.dumps(asdict(job)))
        draft.replace(folder / "job.json")
        with self._lock:
            self._jobs[job.id] = job
        return job

    def write_blocks(self, job: Job, blocks: Iterable[Block]) -> Job:
        """Store the result in parts of 1,000 blocks; the job returned counts them."""
        count = 0
        for number, part in enumerate(_parts(blocks)):
            self._part(job.id, number).write_text(json.dumps(part))
            count += len(part)
        return replace(job, blocks=count)

    def read_blocks(self, job: Job, start: int, limit: int) -> list[Block]:
        """Blocks from `start`, at most `limit`, never across a stored part's end."""
        if start >= job.blocks:
            return []
        number, offset = divmod(start, BLOCKS_A_PART)
        part: list[Block] = json.loads(self._part(job.id, number).read_text())
        return part[offset : offset + limit]

    def _part(self, job_id: str, number: int) -> Path:
        return self._folder / job_id / f"blocks-{number:06}.json"


def _stored(folder: Path) -> Iterator[Job]:
    for path in folder.glob("*/job.json"):
        content = json.loads(path.read_text())
        yield Job(**{**content, "unreadable_pages": tuple(content["unreadable_pages"])})


def _parts(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    part: list[Block] = []
    for block in blocks:
        part.append(block)
        if len(part) == BLOCKS_A_PART:
            yield part
            part = []
    if part:
        yield part
