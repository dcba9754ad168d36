"""Batches of questions: send a file, follow it, fetch its results."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import httpx

from cli.api import Api
from cli.errors import CommandError, NotFoundError, NotInTimeError, UnavailableError, UsageError
from cli.output import one_line
from cli.uploads import storage_reason
from docqa.models.answer import AnswerStatus
from docqa.models.batch import BATCH_ENDED, BatchStatus
from docqa.models.batch_api import BatchLinks, BatchView

POLL_SECONDS = 2.0


def send(api: Api, file: Path, within_seconds: int | None) -> BatchView:
    """Upload a file of questions; the batch as it then is.

    Raises:
        NotFoundError: there is no such file.
        UsageError: it is empty.
        UnavailableError, CommandError: the upload failed.
    """
    if not file.is_file():
        raise NotFoundError(f"There is no file {file}.")
    size = file.stat().st_size
    if not size:
        raise UsageError(f"{file} is empty: write JSON lines, a question on each.")
    batch = api.create_batch(size, within_seconds)
    if batch.upload is None:
        raise CommandError(
            "The stack gave no address to upload to: this docqa command and it are of different versions."
        )
    with file.open("rb") as body:
        try:
            response = api.storage.post(
                batch.upload.url, data=batch.upload.fields, files={"file": cast("IO[bytes]", body)}
            )
        except httpx.TransportError as error:
            raise UnavailableError(f"{file}: the upload broke off: {error}") from error
    if not response.is_success:
        raise CommandError(f"{file}: storage refused the upload: {storage_reason(response)}")
    return batch


def follow(connect: Callable[[], Api], batch_id: str, seconds: float, look: Callable[[BatchView], None]) -> BatchView:
    """Look at it again and again until it has ended.

    Args:
        connect: Makes a client, for each look: a sign-in may end while a batch of a day is waited for.
        batch_id: Which one.
        seconds: To wait at most.
        look: Is called with the batch each time.

    Raises:
        NotInTimeError: it has not, within so many seconds.
    """
    until = time.monotonic() + seconds
    while True:
        with connect() as api:
            batch = api.batch(batch_id)
        look(batch)
        if batch.status in BATCH_ENDED:
            return batch
        if time.monotonic() >= until:
            raise NotInTimeError(f"Batch {batch_id} is not done after {seconds:.0f} s: docqa batch show {batch_id}.")
        time.sleep(POLL_SECONDS)


def fetch(api: Api, links: BatchLinks, folder: Path) -> list[Path]:
    """Save the results in a folder; the files.

    Raises:
        UnavailableError, CommandError: storage does not give them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    addresses = {"results.jsonl": links.results, "results.csv": links.table, "report.html": links.report}
    return [_save(api, address, folder / name) for name, address in addresses.items()]


def failures(api: Api, links: BatchLinks, most: int) -> list[str]:
    """Of the first lines that failed, their number and the reason; at most so many.

    Raises:
        UnavailableError, CommandError: storage does not give the results.
    """
    found: list[str] = []
    with _download(api, links.results, "results.jsonl") as response:
        for line in response.iter_lines():
            result = json.loads(line)
            if result["status"] == AnswerStatus.FAILED:
                found.append(f"line {result['line']}: {result.get('reason') or 'no reason was given'}")
            if len(found) == most:
                break
    return found


def _save(api: Api, address: str, file: Path) -> Path:
    with _download(api, address, file.name) as response, file.open("wb") as body:
        for piece in response.iter_bytes():
            body.write(piece)
    return file


@contextmanager
def _download(api: Api, address: str, name: str) -> Iterator[httpx.Response]:
    try:
        with api.storage.stream("GET", address) as response:
            if not response.is_success:
                raise CommandError(f"{name}: storage answered {response.status_code}: ask for the batch again.")
            yield response
    except httpx.TransportError as error:
        raise UnavailableError(f"{name}: the download broke off: {error}") from error


def progress_line(batch: BatchView) -> str:
    """How far it is, in a few words."""
    counts = batch.counts
    through = counts.answered + counts.abstained + counts.failed
    if batch.status is BatchStatus.UPLOADING:
        return "waiting for its file to be seen"
    if batch.status is BatchStatus.RUNNING and not counts.questions:
        return "reading the file of questions"
    if batch.status is BatchStatus.RUNNING and not through and batch.waits_for_replies:
        return one_line(f"{counts.prompts:,} prompts wait for the chat model ({batch.route}: {batch.route_reason})")
    if batch.status is BatchStatus.RUNNING and not through:
        return f"{counts.searched:,} of {counts.questions:,} questions searched for"
    left = f", {batch.seconds_left / 60:.0f} minutes left" if batch.seconds_left else ""
    return f"{through:,} of {counts.questions:,} questions answered{left}"
