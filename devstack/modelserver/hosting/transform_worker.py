"""Works through transform jobs: file by file, mini-batch by mini-batch."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from devstack.modelserver.arns import bucket_and_key
from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.documents import (
    DocumentNotReadableError,
    EventBus,
    NoBucketError,
    ObjectStore,
    StorageUnavailableError,
)
from devstack.modelserver.hosting.behaviour import HostingControl
from devstack.modelserver.hosting.containers import JSON, Containers, model_error
from devstack.modelserver.hosting.endpoints import Endpoints
from devstack.modelserver.hosting.transform_answers import event_detail
from devstack.modelserver.hosting.transform_input import BadInputError, InputFile, input_files, payloads
from devstack.modelserver.hosting.transform_jobs import (
    COMPLETED,
    FAILED,
    STOPPED,
    STOPPING,
    TransformJob,
    TransformTable,
)
from devstack.modelserver.job_line import JobLine, Steps
from devstack.modelserver.notices import Notices

EVENT = "SageMaker Transform Job State Change"
BROKEN = "InternalServerError: We encountered an internal error. Please try again."
LOST = "ClientError: See job logs for more information"
# How soon a job that only waits sees that it is to stop.
LOOK_SECONDS = 0.1


class TransformWorker:
    """Transforms files into a folder of the job, and writes them to the bucket at its end.

    So a job that is stopped has stored nothing, and one that goes on after a restart does no file twice.

    Args:
        table: where jobs are kept.
        endpoints: knows the containers of models.
        containers: what answers, in the background.
        objects: where input and output lie.
        bus: told of every change of a job's status.
        control: faults and times.
        line: does the work.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        table: TransformTable,
        endpoints: Endpoints,
        containers: Containers,
        objects: ObjectStore,
        bus: EventBus,
        control: HostingControl,
        line: JobLine,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._table = table
        self._endpoints = endpoints
        self._containers = containers
        self._objects = objects
        self._bus = bus
        self._control = control
        self._line = line
        self._notices = Notices(control, line)
        self._clock = clock

    def begin(self, job: TransformJob) -> None:
        """Put the job in line."""
        self._line.work_through(lambda: self._steps(job.name), lambda: self._end(self._now(job.name), FAILED, BROKEN))

    def resume(self) -> None:
        """Go on with everything that a stopped server left undone."""
        for job in sorted(self._table.all(), key=lambda one: one.created):
            if not job.is_over:
                self.begin(job)

    def changed(self, job: TransformJob) -> None:
        """Tell the bus of the job's status."""
        told = event_detail(job)
        self._notices.send(lambda: self._bus.put("aws.sagemaker", EVENT, job.arn, told))

    def _steps(self, name: str) -> Steps:
        job = self._now(name)
        if job.started is None:
            job = self._table.change(job, started=self._clock())
        try:
            files = input_files(job.request, self._objects)
        except BadInputError as error:
            self._end(self._now(name), FAILED, f"ClientError: {error}")
            return
        for number, file in enumerate(files):
            for wait in self._transform(job, file, self._table.spool(name) / f"{number:06}"):
                if self._is_stopping(name):
                    return
                yield wait
        while (left := job.created + self._control.behaviour.transform_seconds - self._clock()) > 0:
            if self._is_stopping(name):
                return
            yield min(left, LOOK_SECONDS)
        if not self._is_stopping(name):
            self._finish(name, files)

    def _is_stopping(self, name: str) -> bool:
        """Whether the job was to stop; if so, it has."""
        job = self._now(name)
        if job.is_over:
            return True
        if job.status != STOPPING:
            return False
        self._end(job, STOPPED)
        return True

    def _transform(self, job: TransformJob, file: InputFile, spool: Path) -> Steps:
        """Leave the output in `<spool>.out`, or an empty `<spool>.lost`: a bad record loses its whole file."""
        if spool.with_suffix(".out").exists() or spool.with_suffix(".lost").exists():
            return
        container = self._endpoints.container_of(job.request["ModelName"])
        line_end = b"\n" if job.request["TransformOutput"].get("AssembleWith") == "Line" else b""
        draft = spool.with_suffix(".draft")
        try:
            content = self._objects.read(file.bucket, file.key, None)
            with draft.open("wb") as output:
                for payload in payloads(job.request, content):
                    answer = self._answer(container, payload, job.request["TransformInput"].get("ContentType", JSON))
                    output.write(answer.rstrip(b"\n") + line_end if line_end else answer)
                    yield 0.0
        except StorageUnavailableError:
            raise
        except (DocumentNotReadableError, BadInputError, AwsError):
            spool.with_suffix(".lost").touch()
        else:
            draft.replace(spool.with_suffix(".out"))

    def _answer(self, container: str, payload: bytes, content_type: str) -> bytes:
        self._control.count("mini_batches")
        if self._control.happens(self._control.behaviour.failed_share, "failed_invocations"):
            raise model_error(500, "the model ran out of memory")
        return self._containers.answer(container, payload, content_type).content

    def _finish(self, name: str, files: list[InputFile]) -> None:
        """Write what was transformed; one file that was not makes the job a failed one."""
        job, spool = self._now(name), self._table.spool(name)
        bucket, prefix = bucket_and_key(job.request["TransformOutput"]["S3OutputPath"]) or ("", "")
        lost = False
        for number, file in enumerate(files):
            output = spool / f"{number:06}.out"
            if not output.exists():
                lost = True
            elif not self._control.happens(self._control.behaviour.missing_output_share, "missing_outputs"):
                key = "/".join(part for part in (prefix.rstrip("/"), f"{file.path}.out") if part)
                try:
                    self._objects.write(
                        bucket, key, output.read_bytes(), job.request["TransformOutput"].get("Accept", JSON)
                    )
                except NoBucketError:
                    lost = True
        self._end(job, FAILED if lost else COMPLETED, LOST if lost else "")

    def _end(self, job: TransformJob, status: str, reason: str = "") -> None:
        if not job.is_over:
            self.changed(self._table.change(job, status=status, reason=reason, ended=self._clock()))
            self._table.forget_spool(job.name)

    def _now(self, name: str) -> TransformJob:
        job = self._table.find(name)
        assert job is not None
        return job
