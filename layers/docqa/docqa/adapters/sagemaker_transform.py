"""Jobs of SageMaker batch transform: instances that start, work through files in a bucket, and end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from botocore.exceptions import ClientError

from docqa.adapters.aws_errors import code_of
from docqa.adapters.content_handlers.handler import ContentHandler
from docqa.adapters.job_files import JobFiles
from docqa.adapters.job_requests import Request, groups, requests
from docqa.adapters.job_results import ResultReader, errors
from docqa.adapters.model_errors import model_errors
from docqa.errors import ConfigurationError
from docqa.models.inference import JobLimits, JobReport, JobState, Record, RecordResult, Route, StartedJob
from docqa.ports.clock import Clock
from docqa.ports.objects import ObjectStore

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")

# A request that fails takes its whole file with it: eight full ones of a TEI container are 256 passages to do again.
REQUESTS_A_FILE = 8
# Above the largest request; the calls side by side may have 100 together.
MAX_PAYLOAD_MB = 6
FILE_BYTES = 8 * 1024 * 1024
# What a container does side by side, as in real-time calls.
PARALLEL_CALLS = 4
INVOCATION_SECONDS = 600
# Writing the files has to fit into a function's fifteen minutes.
MOST_RECORDS = 100_000
# The service has no limit, and a container that never gets ready is pinged for ever, at the price of its instance.
LONGEST_SECONDS = 24 * 3600.0
_PREPARED = "prepared"
_UNKNOWN_JOB = frozenset({"ValidationException", "ResourceNotFound"})
_OUT = ".jsonl.out"


class SageMakerTransformJobs(Generic[Asked, Answered]):
    """Implements `ports.InferenceJobs`. A job is one transform job of the token's name.

    Args:
        client: boto3's `sagemaker`.
        model: Name of the SageMaker model.
        bucket: WorkBucket.
        handler: The container's format.
        fault_of: Why an answer cannot be used.
        clock: The time.
        instance_type: For instance `ml.m5.xlarge`.
        instance_count: How many; files are shared out among them.
    """

    def __init__(
        self,
        client: Any,
        model: str,
        bucket: ObjectStore,
        handler: ContentHandler[Asked, Answered],
        fault_of: Callable[[Answered], str],
        clock: Clock,
        instance_type: str,
        instance_count: int = 1,
    ) -> None:
        self._client = client
        self._model = model
        self._bucket = bucket
        self._handler = handler
        self._reader = ResultReader(handler, fault_of)
        self._clock = clock
        self._resources = {"InstanceType": instance_type, "InstanceCount": instance_count}

    @property
    def route(self) -> Route:
        """BATCH."""
        return Route.BATCH

    @property
    def limits(self) -> JobLimits:
        """One record is a job, too; whether it is worth the minutes that an instance needs is not asked here."""
        return JobLimits(1, MOST_RECORDS, LONGEST_SECONDS)

    def start(self, prefix: str, records: Iterable[Record[Asked]], token: str) -> StartedJob:
        """Write small files, beside them whose records each line asks for, and create the job."""
        files = JobFiles(self._bucket, prefix, token)
        prepared = files.note(_PREPARED)
        started = StartedJob(token, frozenset({token}), self._prepare(files, records) if prepared is None else prepared)
        # The service may count a job twice against its limit before it sees that it has it already.
        if prepared is None or self._described(token) is None:
            self._create(files, token)
        return started

    def _prepare(self, files: JobFiles, records: Iterable[Record[Asked]]) -> int:
        """Write the input; how many records it has."""
        files.forget()  # a start that broke off may have left files that the service would read too
        lines = requests(records, self._handler)
        count = 0
        for number, file in enumerate(groups(lines, REQUESTS_A_FILE, FILE_BYTES, lambda line: len(line.body))):
            count += sum(len(line.ids) for line in file)
            if count > MOST_RECORDS:
                files.forget()
                raise ConfigurationError(f"a transform job takes at most {MOST_RECORDS} records")
            self._write(files, f"{number:05d}", file)
        if not count:
            raise ConfigurationError("a job without records cannot be started")
        files.write_note(_PREPARED, count)
        return count

    def _write(self, files: JobFiles, name: str, lines: list[Request]) -> None:
        files.write_note(name, [line.ids for line in lines])
        files.write_input(f"{name}.jsonl", b"".join(line.body + b"\n" for line in lines))

    def _create(self, files: JobFiles, token: str) -> None:
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": files.uri(files.input)}}
        with model_errors(self._model):
            try:
                self._client.create_transform_job(
                    TransformJobName=token,
                    ModelName=self._model,
                    MaxConcurrentTransforms=PARALLEL_CALLS,
                    MaxPayloadInMB=MAX_PAYLOAD_MB,
                    ModelClientConfig={"InvocationsTimeoutInSeconds": INVOCATION_SECONDS, "InvocationsMaxRetries": 3},
                    # One line of a file is one call of the container.
                    BatchStrategy="SingleRecord",
                    TransformInput={"DataSource": source, "ContentType": "application/json", "SplitType": "Line"},
                    TransformOutput={
                        "S3OutputPath": files.uri(files.output.rstrip("/")),
                        "Accept": "application/json",
                        "AssembleWith": "Line",
                    },
                    TransformResources=self._resources,
                )
            except ClientError as error:
                if code_of(error) != "ResourceInUse":  # the name is taken: an earlier start got so far
                    raise

    def state(self, prefix: str, started: StartedJob) -> JobReport:
        """A job one of whose files failed is called Failed, and has the results of the others all the same."""
        job = self._described(started.external_id)
        if job is None:
            return JobReport(JobState.FAILED, "the service does not know the job")
        status, message = job["TransformJobStatus"], job.get("FailureReason", "")
        if status in ("InProgress", "Stopping"):
            if self._clock.now() < job["CreationTime"].timestamp() + LONGEST_SECONDS:
                return JobReport(JobState.RUNNING)
            return JobReport(JobState.EXPIRED, f"not done after {LONGEST_SECONDS:.0f} seconds")
        if status == "Completed":
            return JobReport(JobState.ENDED)
        files = JobFiles(self._bucket, prefix, started.external_id)
        came = any(True for _ in self._outputs(files))
        return JobReport(JobState.ENDED if came else JobState.FAILED, message or f"the job is {status}")

    def _described(self, job: str) -> Any:
        """What the service says about the job; None if it does not know it."""
        with model_errors(self._model):
            try:
                return self._client.describe_transform_job(TransformJobName=job)
            except ClientError as error:
                if code_of(error) in _UNKNOWN_JOB:
                    return None
                raise

    def results(self, prefix: str, started: StartedJob) -> Iterator[RecordResult[Answered]]:
        """File by file; the records of a file without output are missing."""
        files = JobFiles(self._bucket, prefix, started.external_id)
        for key in self._outputs(files):
            name = key.rpartition("/")[2].removesuffix(_OUT)
            if (lines := files.note(name)) is not None:
                yield from self._file(key, lines)

    def _outputs(self, files: JobFiles) -> Iterator[str]:
        """Below the output's prefix, in whatever folder: the documentation and its own example name different ones."""
        return (found.key for found in self._bucket.list_objects(files.output) if found.key.endswith(_OUT))

    def _file(self, key: str, asked: list[list[str]]) -> Iterator[RecordResult[Answered]]:
        with self._bucket.open(key) as file:
            answered = sum(1 for line in file if line.strip())
            if answered != len(asked):
                words = f"the file has {answered} lines for {len(asked)} requests: answers are not one line each"
                yield from errors([record for ids in asked for record in ids], words)
                return
            file.seek(0)
            for ids, line in zip(asked, (line for line in file if line.strip()), strict=True):
                yield from self._reader.read(ids, line)

    def stop(self, prefix: str, started: StartedJob) -> None:  # noqa: ARG002 - the service stops by name
        """The service stores nothing of a file that it was working on."""
        with model_errors(self._model):
            try:
                self._client.stop_transform_job(TransformJobName=started.external_id)
            except ClientError as error:
                # It ended meanwhile, or before.
                if code_of(error) not in _UNKNOWN_JOB or self._running(started.external_id):
                    raise

    def _running(self, job: str) -> bool:
        described = self._described(job)
        return described is not None and described["TransformJobStatus"] == "InProgress"
