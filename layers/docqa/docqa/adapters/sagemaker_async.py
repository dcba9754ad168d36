"""Jobs of requests to a SageMaker asynchronous endpoint, which takes a while to wake and answers into a bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from docqa.adapters.content_handlers.handler import ContentHandler
from docqa.adapters.job_files import JobFiles, key_in, refuse_odd_address
from docqa.adapters.job_requests import requests
from docqa.adapters.job_results import ResultReader, errors, words_of
from docqa.adapters.model_errors import model_errors
from docqa.errors import ConfigurationError, NotFoundError
from docqa.models.inference import JobLimits, JobReport, JobState, Record, RecordResult, Route, StartedJob
from docqa.ports.clock import Clock
from docqa.ports.objects import ObjectStore

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")

# An inference id has 64 characters, a token up to 60 of them: a dot and three digits are left.
MOST_PARTS = 1_000
# Between an answer and its object, and between two clocks.
_GRACE_SECONDS = 300.0
_PREPARED, _STARTED, _TAKEN = "prepared", "started", "-taken"


@dataclass(frozen=True, slots=True)
class _Part:
    """A request that was handed over: its inference id, where the answer or the failure comes to, and since when."""

    id: str
    output: str
    failure: str
    invoked_at: float


class SageMakerAsyncJobs(Generic[Asked, Answered]):
    """Implements `ports.InferenceJobs`. A part is one request to the endpoint.

    The endpoint's answers lie below the job's prefix if its S3OutputPath is the bucket itself; in any case where the
    service said. Its failures come to its S3FailurePath; without one, a failure is known when its time is over.

    Args:
        client: boto3's `sagemaker-runtime`.
        endpoint: Name of the endpoint.
        bucket: WorkBucket.
        handler: The container's format.
        fault_of: Why an answer cannot be used.
        clock: The time.
        queue_seconds: How long a request may wait for its turn, 60 to 21,600.
        invocation_seconds: How long the container may work on it, 1 to 3,600.
    """

    def __init__(
        self,
        client: Any,
        endpoint: str,
        bucket: ObjectStore,
        handler: ContentHandler[Asked, Answered],
        fault_of: Callable[[Answered], str],
        clock: Clock,
        queue_seconds: int = 21_600,
        invocation_seconds: int = 900,
    ) -> None:
        self._client = client
        self._endpoint = endpoint
        self._bucket = bucket
        self._handler = handler
        self._reader = ResultReader(handler, fault_of)
        self._clock = clock
        self._queue_seconds = queue_seconds
        self._invocation_seconds = invocation_seconds

    @property
    def route(self) -> Route:
        """ASYNCHRONOUS."""
        return Route.ASYNCHRONOUS

    @property
    def limits(self) -> JobLimits:
        """As many records as parts, times what the container takes a call."""
        longest = self._queue_seconds + self._invocation_seconds + _GRACE_SECONDS
        return JobLimits(1, MOST_PARTS * self._handler.most, longest)

    def start(self, prefix: str, records: Iterable[Record[Asked]], token: str) -> StartedJob:
        """Write all requests, then hand over one after the other, each noted before and after.

        Repeated with the same token, what is noted as handed over is not handed over again. A start that ended between
        the call and its note has that one request answered twice, to the same place.
        """
        refuse_odd_address(prefix, self._endpoint)
        files = JobFiles(self._bucket, prefix, token)
        note = files.note(_STARTED)
        if note is None:
            prepared = files.note(_PREPARED) or self._prepare(files, records)
            noted = files.noted()
            parts = [self._handed_over(files, token, _name(number), noted) for number in range(prepared["parts"])]
            note = {"records": prepared["records"], "parts": [asdict(part) for part in parts]}
            files.write_note(_STARTED, note)
        return StartedJob(token, frozenset(part["id"] for part in note["parts"]), note["records"])

    def _prepare(self, files: JobFiles, records: Iterable[Record[Asked]]) -> dict[str, int]:
        """Write the requests and whose records they ask for; how many there are of both."""
        counted = {"parts": 0, "records": 0}
        for request in requests(records, self._handler):
            if counted["parts"] == MOST_PARTS:
                files.forget()
                raise ConfigurationError(f"{self._endpoint} is given at most {MOST_PARTS} requests a job")
            name = _name(counted["parts"])
            files.write_note(name, request.ids)
            files.write_input(f"{name}.json", request.body)
            counted = {"parts": counted["parts"] + 1, "records": counted["records"] + len(request.ids)}
        if not counted["parts"]:
            raise ConfigurationError("a job without records cannot be started")
        files.write_note(_PREPARED, counted)
        return counted

    def _handed_over(self, files: JobFiles, token: str, name: str, noted: frozenset[str]) -> _Part:
        if f"{name}{_TAKEN}" in noted:
            return _Part(**files.note(f"{name}{_TAKEN}"))
        with model_errors(self._endpoint):
            answer = self._client.invoke_endpoint_async(
                EndpointName=self._endpoint,
                ContentType="application/json",
                Accept="application/json",
                InferenceId=f"{token}.{name}",
                InputLocation=files.uri(f"{files.input}{name}.json"),
                # The same address for the same request, so that one that is answered twice has one answer.
                S3OutputPathExtension=files.output.rstrip("/"),
                Filename=f"{name}.out",
                RequestTTLSeconds=self._queue_seconds,
                InvocationTimeoutSeconds=self._invocation_seconds,
            )
        failure = answer.get("FailureLocation", "")
        part = _Part(
            answer["InferenceId"],
            key_in(self._bucket, answer["OutputLocation"], self._endpoint),
            failure and key_in(self._bucket, failure, self._endpoint),
            self._clock.now(),
        )
        files.write_note(f"{name}{_TAKEN}", asdict(part))
        return part

    def state(self, prefix: str, started: StartedJob) -> JobReport:
        """ENDED when every part has its answer or its failure, EXPIRED when nothing can come any more."""
        note = JobFiles(self._bucket, prefix, started.external_id).note(_STARTED)
        if note is None:
            return JobReport(JobState.FAILED, "what was noted of the job is gone")
        parts = [_Part(**part) for part in note["parts"]]
        overdue = self._clock.now() >= max(part.invoked_at for part in parts) + self.limits.longest_seconds
        failed: list[_Part] = []
        missing = 0
        # The last ones are answered last: while the job runs, this looks at one of them.
        for part in reversed(parts):
            if self._bucket.exists(part.output):
                continue
            if part.failure and self._bucket.exists(part.failure):
                failed.append(part)
            elif overdue:
                missing += 1
            else:
                return JobReport(JobState.RUNNING)
        if missing:
            return JobReport(JobState.EXPIRED, f"{missing} of {len(parts)} requests were not answered in time")
        return JobReport(JobState.ENDED, self._told(failed, len(parts)))

    def _told(self, failed: list[_Part], parts: int) -> str:
        if not failed:
            return ""
        return f"{len(failed)} of {parts} requests failed: {words_of(self._bucket.read(failed[-1].failure))}"

    def results(self, prefix: str, started: StartedJob) -> Iterator[RecordResult[Answered]]:
        """Part by part. Of a request of several records that failed, none is known to be at fault: they are missing."""
        files = JobFiles(self._bucket, prefix, started.external_id)
        note = files.note(_STARTED) or {"parts": []}
        for number, part in enumerate(_Part(**found) for found in note["parts"]):
            body = self._read(part.output)
            failure = None if body is not None else self._read(part.failure)
            ids = files.note(_name(number)) if body or failure else None
            if not ids:  # nothing came, or the prefix is being deleted meanwhile
                continue
            if body is not None:
                yield from self._reader.read(ids, body)
            elif failure is not None and len(ids) == 1:
                yield from errors(ids, words_of(failure))

    def stop(self, prefix: str, started: StartedJob) -> None:
        """The service cannot take a request back: what waits finds nothing to read when its turn comes, and fails."""
        self._bucket.delete_prefix(JobFiles(self._bucket, prefix, started.external_id).input)

    def _read(self, key: str) -> bytes | None:
        try:
            return self._bucket.read(key) if key else None
        except NotFoundError:
            return None


def _name(part: int) -> str:
    return f"{part:03d}"
