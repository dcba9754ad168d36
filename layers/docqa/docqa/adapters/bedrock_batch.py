"""Jobs of Bedrock batch inference: files of requests in a bucket, answered within hours, in any order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from botocore.exceptions import ClientError

from docqa.adapters.aws_errors import code_of
from docqa.adapters.content_handlers.handler import ContentHandler
from docqa.adapters.job_files import JobFiles, refuse_odd_address
from docqa.adapters.job_requests import groups, json_line
from docqa.adapters.job_results import WORDS_CHARACTERS, ResultReader
from docqa.adapters.model_errors import model_errors
from docqa.errors import ConfigurationError
from docqa.models.inference import JobLimits, JobReport, JobState, Record, RecordResult, Route, StartedJob
from docqa.ports.objects import ObjectStore

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")

# Bounds the memory that a start takes; a job may have several files, and the quota counts the records of all of them.
FILE_BYTES = 16 * 1024 * 1024
FILE_RECORDS = 10_000
_PREPARED, _STARTED = "prepared", "started"
_OUT = ".jsonl.out"
_STOPPABLE = frozenset({"Submitted", "Validating", "Scheduled", "InProgress"})
_RUNNING = _STOPPABLE | {"Stopping"}
_UNKNOWN_JOB = "ResourceNotFoundException"
_ENDED_ALREADY = frozenset({"ConflictException", "ValidationException", _UNKNOWN_JOB})


@dataclass(frozen=True, slots=True)
class BatchQuotas:
    """What the account may put into one job: the model's quotas, which AWS raises on request.

    Attributes:
        least_records, most_records: In all files of a job together.
        hours: After which the service gives up, 24 to 168.
    """

    least_records: int = 100
    most_records: int = 50_000
    hours: int = 24


class BedrockBatchJobs(Generic[Asked, Answered]):
    """Implements `ports.InferenceJobs`. A job is one model invocation job, a record one line of its files.

    Args:
        client: boto3's `bedrock`.
        model: Model id.
        role_arn: The role with which Bedrock reads and writes the bucket.
        bucket: WorkBucket.
        handler: The model's format; of each body it is given one record, so that a bad one fails alone.
        fault_of: Why an answer cannot be used.
        invocation_type: Whose bodies the handler makes. Converse takes no tools.
        quotas: Of this model in this account.
    """

    def __init__(
        self,
        client: Any,
        model: str,
        role_arn: str,
        bucket: ObjectStore,
        handler: ContentHandler[Asked, Answered],
        fault_of: Callable[[Answered], str],
        invocation_type: Literal["InvokeModel", "Converse"] = "InvokeModel",
        quotas: BatchQuotas | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self._role_arn = role_arn
        self._bucket = bucket
        self._handler = handler
        self._reader = ResultReader(handler, fault_of)
        self._invocation_type = invocation_type
        self._quotas = quotas or BatchQuotas()

    @property
    def route(self) -> Route:
        """BATCH."""
        return Route.BATCH

    @property
    def limits(self) -> JobLimits:
        """The quotas."""
        return JobLimits(self._quotas.least_records, self._quotas.most_records, self._quotas.hours * 3600.0)

    def start(self, prefix: str, records: Iterable[Record[Asked]], token: str) -> StartedJob:
        """Write the files and create the job; the token is the service's own against creating it twice."""
        refuse_odd_address(prefix, "Bedrock")
        files = JobFiles(self._bucket, prefix, token)
        count = files.note(_PREPARED)
        if count is None:
            count = self._prepare(files, records)
        job = files.note(_STARTED)
        if job is None:
            job = self._create(prefix, files, token)
            files.write_note(_STARTED, job)
        return StartedJob(job, frozenset({job}), count)

    def _prepare(self, files: JobFiles, records: Iterable[Record[Asked]]) -> int:
        files.forget()  # a start that broke off may have left files that the service would read too
        count = 0
        for number, lines in enumerate(groups(map(self._line, records), FILE_RECORDS, FILE_BYTES, len)):
            count += len(lines)
            if count > self._quotas.most_records:
                break
            files.write_input(f"{number:05d}.jsonl", b"".join(lines))
        if not self._quotas.least_records <= count <= self._quotas.most_records:
            files.forget()
            least, most = self._quotas.least_records, self._quotas.most_records
            raise ConfigurationError(f"a batch job of {self._model} takes {least} to {most} records")
        files.write_note(_PREPARED, count)
        return count

    def _line(self, record: Record[Asked]) -> bytes:
        return json_line({"recordId": record.id, "modelInput": self._handler.encode([record.value])}) + b"\n"

    def _create(self, prefix: str, files: JobFiles, token: str) -> str:
        """The ARN of the job."""
        with model_errors(self._model):
            created = self._client.create_model_invocation_job(
                jobName=token,
                clientRequestToken=token,
                roleArn=self._role_arn,
                modelId=self._model,
                modelInvocationType=self._invocation_type,
                inputDataConfig={"s3InputDataConfig": {"s3InputFormat": "JSONL", "s3Uri": files.uri(files.input)}},
                outputDataConfig={"s3OutputDataConfig": {"s3Uri": files.uri(_output(prefix))}},
                timeoutDurationInHours=self._quotas.hours,
            )
        return str(created["jobArn"])

    def state(self, prefix: str, started: StartedJob) -> JobReport:
        """Expired: it never began. A job that ended in another way counts as ended if there are results."""
        job = self._described(started.external_id)
        if job is None:
            return JobReport(JobState.FAILED, "the service does not know the job")
        status, message = job["status"], job.get("message", "")
        if status in _RUNNING:
            return JobReport(JobState.RUNNING)
        if status == "Completed":
            return JobReport(JobState.ENDED)
        if any(True for _ in self._outputs(prefix, started)):
            return JobReport(JobState.ENDED, message or f"the job is {status}")
        state = JobState.EXPIRED if status in ("Expired", "PartiallyCompleted") else JobState.FAILED
        return JobReport(state, message or f"the job is {status}")

    def _described(self, job: str) -> Any:
        """What the service says about the job; None if it does not know it."""
        with model_errors(self._model):
            try:
                return self._client.get_model_invocation_job(jobIdentifier=job)
            except ClientError as error:
                if code_of(error) == _UNKNOWN_JOB:
                    return None
                raise

    def results(self, prefix: str, started: StartedJob) -> Iterator[RecordResult[Answered]]:
        """Line by line, as the service wrote them; what it did not get to has no line."""
        for key in self._outputs(prefix, started):
            seen: set[str] = set()
            with self._bucket.open(key) as file:
                for line in file:
                    result = self._result(line)
                    if result is not None and result.id not in seen:
                        seen.add(result.id)
                        yield result

    def _outputs(self, prefix: str, started: StartedJob) -> Iterator[str]:
        """Only of this very job: the service puts its id into the address."""
        job = started.external_id.rpartition("/")[2]
        found = self._bucket.list_objects(f"{_output(prefix)}{job}/")
        return (one.key for one in found if one.key.endswith(_OUT))

    def _result(self, line: bytes) -> RecordResult[Answered] | None:
        """None for a line that cannot be told whose it is."""
        try:
            answered = json.loads(line)
            record = str(answered["recordId"])
        except (ValueError, KeyError, TypeError):
            return None
        if "modelOutput" in answered:
            return self._reader.read_one(record, answered["modelOutput"])
        error = answered.get("error") or {}
        words = f"{error.get('errorCode', '')} {error.get('errorMessage', 'neither output nor error')}"
        return RecordResult(record, None, words.strip()[:WORDS_CHARACTERS])

    def stop(self, prefix: str, started: StartedJob) -> None:  # noqa: ARG002 - the service stops by name
        """What was answered so far is written, and paid."""
        with model_errors(self._model):
            try:
                self._client.stop_model_invocation_job(jobIdentifier=started.external_id)
            except ClientError as error:
                # It ended meanwhile, or before.
                if code_of(error) not in _ENDED_ALREADY or self._stoppable(started.external_id):
                    raise

    def _stoppable(self, job: str) -> bool:
        described = self._described(job)
        return described is not None and described["status"] in _STOPPABLE


def _output(prefix: str) -> str:
    return f"{prefix}output/"
