"""Does Textract's jobs one after the other, and announces each."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from devstack.modelserver.documents import Announcer, DocumentNotReadableError, DocumentStore, NotAnnouncedError
from devstack.modelserver.models.ports import OcrEngine
from devstack.modelserver.models.registry import Lazy
from devstack.modelserver.pages import PagePictures, UnreadableDocumentError
from devstack.modelserver.textract_blocks import Block, page_blocks
from devstack.modelserver.textract_jobs import Job, JobTable

logger = logging.getLogger(__name__)


class TextractWorker:
    """Reads the pages of each job's document.

    Args:
        jobs: where results go.
        documents: where documents come from.
        announcer: told when a job with a NotificationChannel is done.
        ocr: the engine, made when the first page is read.
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
        *,
        dpi: int,
        most_pages: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._jobs = jobs
        self._documents = documents
        self._announcer = announcer
        self._ocr = ocr
        self._dpi = dpi
        self._most_pages = most_pages
        self._clock = clock
        # One at a time: a page already uses every core.
        self._pool = ThreadPoolExecutor(1, "textract")

    def begin(self, job: Job) -> None:
        """Put the job in line."""
        self._pool.submit(self.run, job)

    def resume(self) -> None:
        """Put everything in line that a stopped server left undone or unannounced."""
        for job in self._jobs.unfinished():
            self.begin(job)

    def stop(self) -> None:
        """Finish the current job, leave the rest for the next start."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def run(self, job: Job) -> None:
        """Do the job if it is still to do, and announce it."""
        try:
            self._announce(self._jobs.save(self.finish(job)) if job.status == "IN_PROGRESS" else job)
        except Exception:  # the thread's last resort: a job must never stay in progress for ever
            logger.exception("job %s", job.id)
            self._announce(self._jobs.save(replace(job, status="FAILED", message="INTERNAL_ERROR")))

    def finish(self, job: Job) -> Job:
        """Read every page; the job returned says how it went."""
        location = job.request["DocumentLocation"]["S3Object"]
        try:
            content = self._documents.read(location["Bucket"], location["Name"], location.get("Version"))
            pictures = PagePictures(content, self._dpi)
            count = pictures.count()
        except DocumentNotReadableError:
            return replace(job, status="FAILED", message="INVALID_S3_OBJECT")
        except UnreadableDocumentError:
            return replace(job, status="FAILED", message="INVALID_IMAGE_TYPE")
        if count > self._most_pages:
            return replace(job, status="FAILED", message="NUM_PAGES_EXCEEDED")
        unreadable: list[int] = []
        done = self._jobs.write_blocks(job, self._blocks(pictures, unreadable))
        status = "SUCCEEDED" if not unreadable else "FAILED" if len(unreadable) == count else "PARTIAL_SUCCESS"
        message = "UNREADABLE_DOCUMENT" if status == "FAILED" else None
        return replace(done, status=status, message=message, pages=count, unreadable_pages=tuple(unreadable))

    def _blocks(self, pictures: PagePictures, unreadable: list[int]) -> Iterator[Block]:
        for number, picture in enumerate(pictures.each(), start=1):
            if picture is None:
                unreadable.append(number)
            else:
                yield from page_blocks(number, self._ocr.get().read(picture))

    def _announce(self, job: Job) -> None:
        channel = job.request.get("NotificationChannel")
        if channel:
            try:
                self._announcer.publish(channel["SNSTopicArn"], json.dumps(notification(job, self._clock())))
            except NotAnnouncedError:
                logger.exception("job %s is done, but its topic was not told", job.id)
        self._jobs.save(replace(job, notified=True))


def notification(job: Job, now: float) -> dict[str, object]:
    """What Textract publishes; a partial success is announced as a success.

    https://docs.aws.amazon.com/textract/latest/dg/async-notification-payload.html
    """
    location = job.request["DocumentLocation"]["S3Object"]
    tag = {"JobTag": job.request["JobTag"]} if "JobTag" in job.request else {}
    return {
        "JobId": job.id,
        "Status": "FAILED" if job.status == "FAILED" else "SUCCEEDED",
        "API": "StartDocumentTextDetection",
        **tag,
        "Timestamp": int(now * 1000),
        "DocumentLocation": {"S3ObjectName": location["Name"], "S3Bucket": location["Bucket"]},
    }
