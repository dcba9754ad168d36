"""Does Textract's jobs and announces each: OCR one job after the other, replay many at once."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from devstack.modelserver.documents import Announcer, DocumentNotReadableError, DocumentStore, NotAnnouncedError
from devstack.modelserver.models.ports import OcrEngine
from devstack.modelserver.models.registry import Lazy
from devstack.modelserver.pages import PagePictures, UnreadableDocumentError
from devstack.modelserver.recordings import Recordings
from devstack.modelserver.textract_blocks import Block, page_blocks
from devstack.modelserver.textract_control import TextractBehaviour, TextractControl
from devstack.modelserver.textract_jobs import Job, JobTable

logger = logging.getLogger(__name__)
# Replayed jobs mostly wait; more than this at once wait in line.
REPLAYS_AT_ONCE = 64


class TextractWorker:
    """Reads the pages of each job's document.

    Args:
        jobs: where results go.
        documents: where documents come from.
        announcer: told when a job with a NotificationChannel is done.
        ocr: the engine, made when the first page is read.
        control: faults and replay.
        dpi: resolution of rendered pages.
        most_pages: longer documents fail.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        jobs: JobTable,
        documents: DocumentStore,
        announcer: Announcer,
        ocr: Lazy[OcrEngine],
        control: TextractControl,
        *,
        dpi: int,
        most_pages: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._jobs = jobs
        self._documents = documents
        self._announcer = announcer
        self._ocr = ocr
        self._control = control
        self._dpi = dpi
        self._most_pages = most_pages
        self._clock = clock
        # OCR one at a time: a page already uses every core.
        self._ocr_pool = ThreadPoolExecutor(1, "textract-ocr")
        self._replay_pool = ThreadPoolExecutor(REPLAYS_AT_ONCE, "textract-replay")
        self._stopping = threading.Event()
        self._recordings: dict[Path, Recordings] = {}

    def begin(self, job: Job) -> None:
        """Put the job in line."""
        pool = self._ocr_pool if self._control.behaviour.replay is None else self._replay_pool
        pool.submit(self.run, job).add_done_callback(partial(self._see_after, job))

    def resume(self) -> None:
        """Put everything in line that a stopped server left undone or unannounced."""
        for job in self._jobs.unfinished():
            self.begin(job)

    def stop(self) -> None:
        """Finish the current jobs, leave the rest for the next start."""
        self._stopping.set()
        for pool in (self._ocr_pool, self._replay_pool):
            pool.shutdown(wait=False, cancel_futures=True)

    def drain(self) -> None:
        """Finish every job in line; none can be put there any more."""
        for pool in (self._ocr_pool, self._replay_pool):
            pool.shutdown(wait=True)

    def learn(self, behaviour: TextractBehaviour) -> None:
        """Read the recordings that a behaviour names.

        Raises:
            ValueError: there are none in its folder.
        """
        if behaviour.replay is not None:
            self._recordings[behaviour.replay] = Recordings(behaviour.replay)

    def run(self, job: Job) -> None:
        """Do the job if it is still to do, and announce it."""
        behaviour = self._control.behaviour
        if job.status == "IN_PROGRESS":
            if behaviour.replay is not None and self._stopping.wait(behaviour.job_seconds):
                return  # the next start does it
            job = self._jobs.save(self.finish(job, behaviour))
            self._control.count("pages", job.pages)
        self._announce(job, behaviour)

    def _see_after(self, job: Job, done: Future[None]) -> None:
        """A job whose work broke off with an error fails, as Textract's do: nobody may wait for it for ever."""
        error = None if done.cancelled() else done.exception()
        if error is not None:
            logger.error("job %s", job.id, exc_info=error)
            failed = self._jobs.save(replace(job, status="FAILED", message="INTERNAL_ERROR"))
            self._announce(failed, self._control.behaviour)

    def finish(self, job: Job, behaviour: TextractBehaviour) -> Job:
        """Read every page; the job returned says how it went."""
        if self._control.happens(behaviour.failed_share, "failed_jobs"):
            return replace(job, status="FAILED", message="INTERNAL_ERROR")
        location = job.request["DocumentLocation"]["S3Object"]
        try:
            content = self._documents.read(location["Bucket"], location["Name"], location.get("Version"))
            count = PagePictures(content, self._dpi).count()
        except DocumentNotReadableError:
            return replace(job, status="FAILED", message="INVALID_S3_OBJECT")
        except UnreadableDocumentError:
            return replace(job, status="FAILED", message="INVALID_IMAGE_TYPE")
        if count > self._most_pages:
            return replace(job, status="FAILED", message="NUM_PAGES_EXCEEDED")
        pages = self._pages(content, job, behaviour)
        if count > 1 and self._control.happens(behaviour.partial_share, "partial_jobs"):
            pages = _without_page(count, pages)
        return self._write(job, count, pages)

    def _pages(self, content: bytes, job: Job, behaviour: TextractBehaviour) -> Iterator[list[Block] | None]:
        """The blocks of each page; None for a page that cannot be read."""
        if behaviour.replay is not None:
            for page in self._recordings[behaviour.replay].pages(content, job.features):
                self._control.count("replayed_pages")
                yield page
            return
        for number, picture in enumerate(PagePictures(content, self._dpi).each(), start=1):
            yield None if picture is None else page_blocks(number, self._ocr.get().read(picture))

    def _write(self, job: Job, count: int, pages: Iterator[list[Block] | None]) -> Job:
        unreadable: list[int] = []
        done = self._jobs.write_blocks(job, _readable(pages, unreadable))
        status = "SUCCEEDED" if not unreadable else "FAILED" if len(unreadable) == count else "PARTIAL_SUCCESS"
        message = "UNREADABLE_DOCUMENT" if status == "FAILED" else None
        return replace(done, status=status, message=message, pages=count, unreadable_pages=tuple(unreadable))

    def _announce(self, job: Job, behaviour: TextractBehaviour) -> None:
        channel = job.request.get("NotificationChannel")
        if channel and not self._control.happens(behaviour.lost_notifications, "lost_notifications"):
            late = self._control.happens(behaviour.late_notifications, "late_notifications")
            if late and self._stopping.wait(behaviour.late_seconds):
                return  # the next start announces it
            times = 1 + self._control.happens(behaviour.duplicate_notifications, "duplicate_notifications")
            for _ in range(times):
                self._publish(job, channel["SNSTopicArn"])
        self._jobs.save(replace(job, notified=True))

    def _publish(self, job: Job, topic: str) -> None:
        try:
            self._announcer.publish(topic, json.dumps(notification(job, self._clock())))
            self._control.count("notifications")
        except NotAnnouncedError:
            logger.exception("job %s is done, but its topic was not told", job.id)


def _without_page(number: int, pages: Iterator[list[Block] | None]) -> Iterator[list[Block] | None]:
    return (None if at == number else page for at, page in enumerate(pages, start=1))


def _readable(pages: Iterator[list[Block] | None], unreadable: list[int]) -> Iterator[Block]:
    for number, blocks in enumerate(pages, start=1):
        if blocks is None:
            unreadable.append(number)
        else:
            yield from blocks


def notification(job: Job, now: float) -> dict[str, object]:
    """What Textract publishes; a partial success is announced as a success.

    https://docs.aws.amazon.com/textract/latest/dg/async-notification-payload.html
    """
    location = job.request["DocumentLocation"]["S3Object"]
    tag = {"JobTag": job.request["JobTag"]} if "JobTag" in job.request else {}
    return {
        "JobId": job.id,
        "Status": "FAILED" if job.status == "FAILED" else "SUCCEEDED",
        "API": job.api,
        **tag,
        "Timestamp": int(now * 1000),
        "DocumentLocation": {"S3ObjectName": location["Name"], "S3Bucket": location["Bucket"]},
    }
