"""Takes asynchronous invocations from the queue, and tells the topic how each ended."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.documents import Announcer
from devstack.modelserver.hosting.async_answers import AsyncAnswers, Failure
from devstack.modelserver.hosting.async_notification import notification
from devstack.modelserver.hosting.behaviour import HostingControl
from devstack.modelserver.hosting.capacity import AsyncInstances
from devstack.modelserver.hosting.containers import Answered
from devstack.modelserver.hosting.endpoints import Endpoint, Endpoints
from devstack.modelserver.hosting.invocations import COMPLETED, EXPIRED, FAILED, Invocation, InvocationTable, Outcome
from devstack.modelserver.job_line import JobLine
from devstack.modelserver.notices import Notices

BROKEN = Outcome(FAILED, "InternalServerError: We encountered an internal error. Please try again.")


class AsyncWorker:
    """One step of an invocation after the other.

    Args:
        table: where they are kept until they are over.
        endpoints: what they ask.
        instances: whether there is one to work on.
        answers: what becomes of a request.
        topics: whom to tell.
        control: faults and times.
        line: does the work.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        table: InvocationTable,
        endpoints: Endpoints,
        instances: AsyncInstances,
        answers: AsyncAnswers,
        topics: Announcer,
        control: HostingControl,
        line: JobLine,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._table = table
        self._endpoints = endpoints
        self._instances = instances
        self._answers = answers
        self._topics = topics
        self._control = control
        self._line = line
        self._notices = Notices(control, line)
        self._clock = clock

    def begin(self, invocation: Invocation) -> None:
        """Put it into the queue."""
        if invocation.outcome is not None:
            self._announce(invocation, invocation.outcome)
        else:
            self._queue(invocation, self._wait(invocation))

    def resume(self) -> None:
        """Put everything into the queue that a stopped server left undone or unannounced."""
        for invocation in self._table.unfinished():
            self.begin(invocation)

    def _wait(self, invocation: Invocation) -> float:
        """Seconds that it still waits for its turn, instances aside."""
        return max(0.0, invocation.received + self._control.behaviour.queue_seconds - self._clock())

    def _queue(self, invocation: Invocation, wait: float) -> None:
        """Look at it after so many seconds, or when its time in the queue is over."""
        left = invocation.received + self._control.limit(invocation.queue_limit) - self._clock()
        self._do(invocation, lambda: self._turn(invocation), min(wait, left))

    def _turn(self, invocation: Invocation) -> None:
        if self._clock() - invocation.received >= self._control.limit(invocation.queue_limit):
            self._expire(invocation, "The request was not processed before its time in the queue ended.")
            return
        try:
            endpoint = self._endpoints.find(invocation.endpoint)
        except AwsError as error:  # deleted meanwhile
            self._end(invocation, Outcome(FAILED, f"ClientError: {error.message}"))
            return
        wait = self._wait(invocation) or self._instances.ready_in(endpoint.name, endpoint.instances)
        if wait > 0:
            self._queue(invocation, wait)
        else:
            self._work(invocation, endpoint)

    def _work(self, invocation: Invocation, endpoint: Endpoint) -> None:
        """The container answers now; when that is seen depends on how long the model is to seem to work."""
        began = self._clock()
        result = self._answers.ask(invocation, endpoint.container)
        seconds = self._control.behaviour.invocation_seconds
        longest = self._control.limit(invocation.work_limit)
        if self._clock() - began + seconds > longest:
            reason = "The model did not answer within InvocationTimeoutSeconds."
            self._do(invocation, lambda: self._expire(invocation, reason), min(seconds, longest))
        else:
            self._do(invocation, lambda: self._finish(invocation, result), seconds)

    def _finish(self, invocation: Invocation, result: Answered | Failure) -> None:
        self._end(invocation, self._answers.write(invocation, result))

    def _expire(self, invocation: Invocation, reason: str) -> None:
        self._control.count("expired_requests")
        self._end(invocation, Outcome(EXPIRED, reason))

    def _do(self, invocation: Invocation, piece: Callable[[], None], wait: float = 0.0) -> None:
        self._line.submit(piece, wait, lambda: self._end(invocation, BROKEN))

    def _end(self, invocation: Invocation, outcome: Outcome) -> None:
        self._announce(self._table.save(replace(invocation, outcome=outcome)), outcome)

    def _announce(self, invocation: Invocation, outcome: Outcome) -> None:
        """Tell the topic, then forget the invocation."""
        topic = self._topic(invocation.endpoint, outcome)
        if not topic:
            self._table.forget(invocation)
            return
        message = json.dumps(notification(invocation, outcome, self._clock()))
        self._notices.send(lambda: self._topics.publish(topic, message), lambda: self._table.forget(invocation))

    def _topic(self, endpoint: str, outcome: Outcome) -> str:
        try:
            output = self._endpoints.find(endpoint).output
        except AwsError:
            return ""
        if output is None:
            return ""
        return output.success_topic if outcome.status == COMPLETED else output.error_topic
