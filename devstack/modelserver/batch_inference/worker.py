"""Works through batch jobs: validation, the queue, record after record, and the files in the bucket."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import NamedTuple

from devstack.modelserver.arns import bucket_and_key
from devstack.modelserver.batch_inference import jobs
from devstack.modelserver.batch_inference.answering import Answering
from devstack.modelserver.batch_inference.answers import DEFAULT_HOURS, event_detail, manifest
from devstack.modelserver.batch_inference.behaviour import BedrockControl
from devstack.modelserver.batch_inference.jobs import BatchJob, BatchTable
from devstack.modelserver.batch_inference.output import Counts, SpooledFile
from devstack.modelserver.batch_inference.records import BadJobError, RecordFile, record_files
from devstack.modelserver.documents import EventBus, NoBucketError, ObjectStore
from devstack.modelserver.job_line import JobLine, Steps
from devstack.modelserver.notices import Notices

EVENT = "Batch Inference Job State Change"
BROKEN = "The job failed due to an internal error."
# How soon a job that only waits sees that it is to stop.
LOOK_SECONDS = 0.1
# How often a running job says how far it is, in records.
TOLD_EVERY = 20
SECONDS_AN_HOUR = 3600
JSON = "application/json"


class Output(NamedTuple):
    """What is answered of a file, and the file."""

    spooled: SpooledFile
    file: RecordFile


class BatchWorker:
    """One job after the other goes on a little.

    Args:
        table: where jobs are kept.
        answering: answers a record.
        objects: where input and output lie.
        bus: told of every change of a job's status.
        control: faults and times.
        line: does the work.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        table: BatchTable,
        answering: Answering,
        objects: ObjectStore,
        bus: EventBus,
        control: BedrockControl,
        line: JobLine,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._table = table
        self._answering = answering
        self._objects = objects
        self._bus = bus
        self._control = control
        self._line = line
        self._notices = Notices(control, line)
        self._clock = clock

    def begin(self, job: BatchJob) -> None:
        """Put the job in line."""
        self._line.work_through(
            lambda: self._steps(job.id), lambda: self._end(self._now(job.id), jobs.FAILED, message=BROKEN)
        )

    def resume(self) -> None:
        """Go on with everything that a stopped server left undone."""
        for job in sorted(self._table.all(), key=lambda one: one.submitted):
            if not job.is_over:
                self.begin(job)

    def changed(self, job: BatchJob) -> None:
        """Tell the bus of the job's status."""
        told = event_detail(job)
        self._notices.send(lambda: self._bus.put("aws.bedrock", EVENT, job.arn, told))

    def _steps(self, job_id: str) -> Steps:
        behaviour = self._control.behaviour
        self._go_to(job_id, jobs.VALIDATING)
        yield 0.0
        try:
            files = record_files(self._now(job_id), self._objects, behaviour)
        except BadJobError as error:
            self._end(self._now(job_id), jobs.FAILED, message=str(error))
            return
        job = self._table.change(self._now(job_id), total=sum(len(file.lines) for file in files))
        self._go_to(job_id, jobs.SCHEDULED)
        yield from self._wait(job_id, job.submitted + behaviour.queue_seconds)
        if self._ended_before_it_began(job_id):
            return
        self._go_to(job_id, jobs.IN_PROGRESS)
        halved = self._control.happens(behaviour.partial_share, "partial_jobs")
        spool = self._table.spool(job_id)
        outputs = [Output(SpooledFile(spool / f"{number:06}"), file) for number, file in enumerate(files)]
        yield from self._answer(job, outputs, job.total // 2 if halved else job.total, behaviour.job_seconds)
        self._finish(job_id, outputs)

    def _ended_before_it_began(self, job_id: str) -> bool:
        job, behaviour = self._now(job_id), self._control.behaviour
        if job.status == jobs.STOPPING:
            self._end(job, jobs.STOPPED)
        elif self._is_late(job) or self._control.happens(behaviour.expired_share, "expired_jobs"):
            self._end(job, jobs.EXPIRED, message="The job was not started before its timeout.")
        elif self._control.happens(behaviour.failed_share, "failed_jobs"):
            self._end(job, jobs.FAILED, message=BROKEN)
        return self._now(job_id).is_over

    def _answer(self, job: BatchJob, outputs: list[Output], most: int, seconds: float) -> Steps:
        """Answer up to `most` records, spread over so many seconds."""
        began = self._clock()
        for spooled, file in outputs:
            if spooled.is_complete:
                continue
            spooled.begin()
            for record in file.records():
                processed = _counts(outputs).processed
                yield from self._wait(job.id, began + seconds * (processed + 1) / job.total)
                if processed == most or self._must_end(job.id):
                    return
                spooled.add(self._answering.answer(job.request, record))
                if processed % TOLD_EVERY == 0:
                    self._tell(job.id, _counts(outputs))
                yield 0.0
            spooled.complete()

    def _finish(self, job_id: str, outputs: list[Output]) -> None:
        """Write what was answered, and say how the job ended."""
        done = _counts(outputs)
        job = self._tell(job_id, done)
        bucket, prefix = bucket_and_key(job.request["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"]) or ("", "")
        folder = "/".join(part for part in (prefix.rstrip("/"), job_id) if part)
        summary = json.dumps(manifest(job, done.input_tokens, done.output_tokens)).encode()
        try:
            for spooled, file in outputs:
                if not self._control.happens(self._control.behaviour.missing_output_share, "missing_outputs"):
                    self._objects.write(bucket, f"{folder}/{file.name}.out", spooled.shuffled(job_id), JSON)
            self._objects.write(bucket, f"{folder}/manifest.json.out", summary, JSON)
        except NoBucketError as error:
            self._end(job, jobs.FAILED, message=f"The output cannot be written: {error}")
            return
        if job.status == jobs.STOPPING:
            self._end(job, jobs.STOPPED)
        else:
            self._end(job, jobs.COMPLETED if done.processed == job.total else jobs.PARTIALLY)

    def _tell(self, job_id: str, done: Counts) -> BatchJob:
        return self._table.change(self._now(job_id), succeeded=done.succeeded, errors=done.errors)

    def _wait(self, job_id: str, until: float) -> Steps:
        while (left := until - self._clock()) > 0 and not self._must_end(job_id):
            yield min(left, LOOK_SECONDS)

    def _must_end(self, job_id: str) -> bool:
        job = self._now(job_id)
        return job.status == jobs.STOPPING or self._is_late(job)

    def _is_late(self, job: BatchJob) -> bool:
        hours = float(job.request.get("timeoutDurationInHours", DEFAULT_HOURS))
        return self._clock() >= job.submitted + hours * SECONDS_AN_HOUR / self._control.behaviour.limits_faster

    def _go_to(self, job_id: str, status: str) -> None:
        if (job := self._table.advance(job_id, status)) is not None:
            self.changed(job)

    def _end(self, job: BatchJob, status: str, message: str = "") -> None:
        if not self._now(job.id).is_over:
            self.changed(self._table.change(job, status=status, message=message, ended=self._clock()))
            self._table.forget_spool(job.id)

    def _now(self, job_id: str) -> BatchJob:
        job = self._table.find(job_id)
        assert job is not None
        return job


def _counts(outputs: list[Output]) -> Counts:
    done = Counts()
    for spooled, _ in outputs:
        done.add(spooled.counts)
    return done
