"""Jobs of requests to a SageMaker asynchronous endpoint, which takes a while to wake and answers into a bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from docqa.adapters.content_handlers.handler import ContentHandler
from docqa.adapters.job_files import JobFiles, key_in, refuse_odd_address
from docqa.adapters.job_requests import Request, requests
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
_STARTED = "started"


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
        """Hand over one request after the other, each noted before and after.

        Repeated with the same token, what is noted as handed over is not handed over again. A start that ended between
        the call and its note has that one request answered twice, to the same place.
        """
        refuse_odd_address(prefix, self._endpoint)
        files = JobFiles(self._bucket, prefix, token)
        if (before := files.note(_STARTED)) is not None:
            return _started(token, before)
        noted, parts, count = files.noted(), [], 0
        for number, request in enumerate(requests(records, self._handler)):
            if number == MOST_PARTS:
                raise ConfigurationError(
                    f"{self._endpoint} takes at most {MOST_PARTS} requests a job: use another route"
                )
            name = f"{number:03d}"
            parts.append(self._handed_over(files, token, name, request, files.note(name) if name in noted else None))
            count += len(request.ids)
        if not parts:
            raise ConfigurationError("a job without records cannot be started")
        note = {"records": count, "parts": [asdict(part) for part in parts]}
        files.write_note(_STARTED, note)
        return _started(token, note)

    def _handed_over(
        self, files: JobFiles, token: str, name: str, request: Request, before: Mapping[str, Any] | None
    ) -> _Part:
        if before is not None and tuple(before["ids"]) != request.ids:
            raise ConfigurationError("the job was begun with other records: start another one")
        if before is not None and before["part"] is not None:
            return _Part(**before["part"])
        files.write_input(f"{name}.json", request.body)
        files.write_note(name, {"ids": request.ids, "part": None})
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
        files.write_note(name, {"ids": request.ids, "part": asdict(part)})
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
            if (body := self._read(part.output)) is not None:
                yield from self._reader.read(files.note(f"{number:03d}")["ids"], body)
            elif (failure := self._read(part.failure)) is not None:
                ids = files.note(f"{number:03d}")["ids"]
                if len(ids) == 1:
                    yield from errors(ids, words_of(failure))

    def stop(self, prefix: str, started: StartedJob) -> None:
        """The service cannot take a request back: what waits finds nothing to read when its turn comes, and fails."""
        self._bucket.delete_prefix(JobFiles(self._bucket, prefix, started.external_id).input)

    def _read(self, key: str) -> bytes | None:
        try:
            return self._bucket.read(key) if key else None
        except NotFoundError:
            return None


def _started(token: str, note: Mapping[str, Any]) -> StartedJob:
    return StartedJob(token, frozenset(part["id"] for part in note["parts"]), note["records"])
