"""Jobs that are waited for: lists in, lists out, for work that nobody waits for but the program itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from docqa.models.inference import JobReport, JobState, Record, RecordResult, StartedJob
from docqa.ports.inference import InferenceJobs

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")

# Services answer within minutes or hours; asking more often has them throttle.
POLL_SECONDS = 20.0
# What was not answered by a second job is not going to be by a third.
ROUNDS = 2


class WaitingJobs(Generic[Asked, Answered]):
    """Has values answered by jobs of a route, and waits. What came back without an answer is asked once more.

    Args:
        jobs: The route.
        prefix: `…/` in the route's bucket; each job lies below it, under its token, and stays there.
        new_token: A token for each job that was never given before, such as `lambda: uuid4().hex`.
        sleep: Waits so many seconds: `time.sleep`.
    """

    def __init__(
        self,
        jobs: InferenceJobs[Asked, Answered],
        prefix: str,
        new_token: Callable[[], str],
        sleep: Callable[[float], None],
    ) -> None:
        self._jobs = jobs
        self._prefix = prefix
        self._new_token = new_token
        self._sleep = sleep

    def answers(self, values: Sequence[Asked]) -> list[RecordResult[Answered]]:
        """A result for each value, in order; `value` is None where there is no answer after all rounds.

        Raises:
            ThrottledError: too many jobs; what was answered already is lost to this call.
            ConfigurationError: the service does not take such jobs, or not so few records.
        """
        found: dict[int, RecordResult[Answered]] = {}
        missing = list(range(len(values)))
        why = ""
        for round_ in range(ROUNDS):
            if not missing or (round_ and len(missing) < self._jobs.limits.least_records):
                break
            for numbers in shares(missing, self._jobs.limits.most_records):
                prefix, started, report = self._waited_for(values, numbers)
                why = report.message or why
                found |= {int(result.id): result for result in self._jobs.results(prefix, started)}
            missing = [number for number in missing if number not in found or found[number].value is None]
        lost = "did not come back" + (f": {why}" if why else "")
        return [found.get(number) or RecordResult(str(number), None, lost) for number in range(len(values))]

    def _waited_for(self, values: Sequence[Asked], numbers: Sequence[int]) -> tuple[str, StartedJob, JobReport]:
        """A job over these of the values that has ended, in one way or another."""
        token = self._new_token()
        prefix = f"{self._prefix}{token}/"
        started = self._jobs.start(prefix, (Record(str(number), values[number]) for number in numbers), token)
        waited = 0.0
        while (report := self._jobs.state(prefix, started)).state is JobState.RUNNING:
            if waited > self._jobs.limits.longest_seconds:
                self._jobs.stop(prefix, started)
                return prefix, started, JobReport(JobState.EXPIRED, "not done in the longest time of the route")
            self._sleep(POLL_SECONDS)
            waited += POLL_SECONDS
        return prefix, started, report


def shares(items: Sequence[int], most: int) -> list[Sequence[int]]:
    """As few parts as there can be, of equal size: none is too small where the whole is not."""
    parts = -(-len(items) // most)
    size = -(-len(items) // max(parts, 1))
    return [items[at : at + size] for at in range(0, len(items), max(size, 1))]
