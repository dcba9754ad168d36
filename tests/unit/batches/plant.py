"""Everything that answers batches, over one library, driven as the state machine drives it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from docqa.domain.routing import Boundaries, Offer
from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.batch import Batch
from docqa.models.batch_api import BatchRequest, BatchView
from docqa.models.inference import JobGroup, JobKind, JobLimits, Prompt, Reply, Route
from docqa.models.question import Question
from docqa.ports.batches import InboxChannel
from docqa.services.batches.concluding import ConcludeBatch
from docqa.services.batches.ending import EndBatch
from docqa.services.batches.finding import FindForBatch
from docqa.services.batches.launching import LaunchBatch
from docqa.services.batches.on_record import BatchQuestions
from docqa.services.batches.receipt import ReceiveBatch
from docqa.services.batches.reply_contents import ReplyContents
from docqa.services.batches.requesting import RequestReplies
from docqa.services.batches.results import BatchResults
from docqa.services.batches.showing import ShowBatch
from docqa.services.batches.splitting import SplitBatch
from docqa.services.batches.submission import SubmitBatch
from docqa.services.inference.jobs import InferenceJobService
from docqa.services.metering import Metering
from docqa.services.recorded_answers import AnswerReader
from tests.fakes.answering import InMemoryQuestionStore, ScriptedChat
from tests.fakes.batches import InMemoryBatchRegistry, InMemoryInboxes, RecordingExecutions
from tests.fakes.bucket import VersionedBucket
from tests.fakes.inference import ScriptedInferenceJobs
from tests.fakes.inference_jobs import InMemoryInferenceRegistry
from tests.fakes.ledger import InMemoryLedger
from tests.fakes.messages import RecordingBus, RecordingQueue, RecordingWorkflow
from tests.unit.answering.library import ANA, TENANT, Library

MODEL = "scripted"
WITHIN = 90_000.0
MOST_QUESTIONS, MOST_BYTES, MOST_OPEN = 20_000, 10_000_000, 3
MAX_TOKENS = 120
FIELDS = ("Ashford", "Birchwood", "Cranmore", "Denholm", "Elmsworth", "Fairoaks", "Gransden", "Halfpenny")
NOWHERE = "What does a cup of coffee cost on the moon?"
PREFIX = "acme/desk/"
ADMINS = "admins"

_ASKED = re.compile(r"Question: How long is the runway of (\w+)\?")
_PASSAGE = re.compile(r'<passage number="(\d+)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)


def fact(name: str, metres: int) -> str:
    """A page about one airfield."""
    return (
        f"The runway of {name} is {metres} metres long. Its surface is grass, and it was laid out in 19{metres % 90}."
    )


def runway_of(name: str) -> str:
    return f"How long is the runway of {name}?"


def well_read(prompt: str) -> str:
    """A chat model that finds what is asked in the passages, and cites it."""
    asked = _ASKED.search(prompt)
    for number, text in _PASSAGE.findall(prompt):
        found = asked and re.search(rf"The runway of {asked[1]} is (\d+) metres long", text)
        if found and asked:
            return f"The runway of {asked[1]} is {found[1]} metres long [{number}]."
    return "NO ANSWER"


def replied(prompt: Prompt) -> Reply:
    """The same model, through a job."""
    return Reply(well_read("\n".join(text for _, text in prompt.messages)), 100, 10)


def as_jsonl(lines: Iterable[dict[str, Any] | bytes]) -> bytes:
    return b"".join((one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in lines)


@dataclass
class BatchPlant:
    """Batches over a library of airfields.

    Attributes:
        routes: Ways to the chat model beside real time.
        boundaries: From when on they are taken.
    """

    chat: ScriptedChat | None = field(default_factory=lambda: ScriptedChat(script=well_read))
    routes: Sequence[ScriptedInferenceJobs] = ()
    boundaries: Boundaries = field(default_factory=lambda: Boundaries(20, 100, 2))
    library: Library = field(default_factory=Library)
    seconds: float = 1e9

    def __post_init__(self) -> None:
        clock = self.clock = self.library.clock
        self.documents = {
            name: self.library.add(name, fact(name, 600 + 37 * place)) for place, name in enumerate(FIELDS)
        }
        self.registry, self.store = InMemoryBatchRegistry(), InMemoryQuestionStore()
        self.work, self.inbox = VersionedBucket("work"), VersionedBucket("inbox")
        self.jobs, self.workflow, self.executions = (
            InMemoryInferenceRegistry(),
            RecordingWorkflow(),
            RecordingExecutions(),
        )
        self.bus, self.queue, self.inbox_queue = RecordingBus(), RecordingQueue(), RecordingQueue()
        self.inboxes = InMemoryInboxes()
        self.faults: list[Exception] = []
        numbers = count(1)
        launcher = LaunchBatch(self.registry, self.executions, clock, MOST_OPEN)
        self.submission = SubmitBatch(
            self.registry,
            self.work,
            self.inbox,
            launcher,
            MOST_BYTES,
            WITHIN,
            lambda: f"{next(numbers):032x}",
            clock,
        )
        self.receipt = ReceiveBatch(self.registry, self.inboxes, self.inbox, launcher, self.inbox_queue, WITHIN, clock)
        self.questions = BatchQuestions(self.store, clock)
        self.split = SplitBatch(self.registry, self.inbox, self.work, clock, MOST_QUESTIONS, MOST_BYTES)
        self.offers = [Offer(one.route, one.limits, float(one.route is Route.ASYNCHRONOUS)) for one in self.routes]
        self.requesting = RequestReplies(
            self.registry, self.jobs, self.workflow, self.queue, MODEL, self.offers, self.boundaries, clock
        )
        self.reader = AnswerReader(self.store, self.library.registry, clock)
        self.results = BatchResults(self.reader, self.work)
        self.undelivered: list[str] = []
        self.ending = EndBatch(
            self.registry,
            self.inboxes,
            self.results,
            self.inbox,
            self.work,
            self.bus,
            clock,
            self.undelivered.append,
        )
        self.showing = ShowBatch(self.registry, self.results, self.work, self.inbox, launcher, ADMINS, clock)
        self.ledger = InMemoryLedger()
        metering = Metering(self.ledger, clock, lambda: "one of its own")
        self.contents = ReplyContents(self.registry, self.work, self.workflow, clock, metering)
        services = {one.route: one for one in self.routes}
        self.job_service = InferenceJobService(
            self.jobs,
            self.work,
            lambda group: services.get(group.route) if group.kind is JobKind.REPLIES else None,
            {JobKind.REPLIES: self.contents},
            300.0,
            clock,
        )
        self.restart()

    def restart(self) -> None:
        """A new process: what answers keeps nothing in memory from one to the next."""
        answering = self.library.answering(self.chat)
        self.answering = answering
        self.find = FindForBatch(
            self.registry,
            self.questions,
            self.work,
            answering,
            MAX_TOKENS,
            self.clock,
            bool(self.routes),
            self.seconds,
            self.faults.append,
        )
        self.conclude = ConcludeBatch(
            self.registry, self.questions, self.work, answering, self.clock, self.seconds, self.faults.append
        )

    # --- how batches come

    def submit(
        self, questions: Sequence[str | dict[str, Any]], principal: Principal = ANA, key: str | None = None, **more: Any
    ) -> BatchView:
        """Over HTTP, questions in the body."""
        asked = [{"question": one} if isinstance(one, str) else one for one in questions]
        return self.submission.submit(principal, BatchRequest.model_validate({"questions": asked, **more}), key)

    def register(
        self, prefix: str = PREFIX, *groups: str, tenant: str = TENANT, threshold: float | None = None
    ) -> None:
        """A channel of the inbox bucket, in place of what the prefix was registered for before."""
        principal = Principal(tenant, f"inbox:{prefix}", frozenset(groups), threshold)
        self.inboxes.channels[prefix] = InboxChannel(prefix, principal)

    def drop(self, body: bytes, name: str = "monday.jsonl", metadata: dict[str, str] | None = None) -> str:
        """A file below the channel's prefix; the batch's id."""
        self.inbox.put(PREFIX + name, body, metadata)
        self.receipt.receive(PREFIX + name)
        return next(reversed(self.registry.batches))

    def upload(self, body: bytes, principal: Principal = ANA, key: str | None = None) -> str:
        """Through a form; the batch's id."""
        ticket = self.submission.submit(principal, BatchRequest(size=max(len(body), 1)), key)
        assert ticket.upload is not None
        self.inbox.put(ticket.upload.fields["key"], body)
        self.receipt.receive(ticket.upload.fields["key"])
        return ticket.batch_id

    # --- the state machine

    def run(self, batch_id: str) -> Batch:
        """Every step in its order; the batch as it ended."""
        self.prepare(batch_id)
        self.request(batch_id)
        self.answer(batch_id)
        return self.ending.finish(batch_id)

    def prepare(self, batch_id: str) -> None:
        """Split it, and look for all answers."""
        for part in self.split.run(batch_id).parts:
            while not self.find.run(batch_id, part):
                self.restart()

    def request(self, batch_id: str) -> None:
        """Wait for the replies of a job, if it is one."""
        token = f"token-{batch_id}"
        self.requesting.run(batch_id, token)
        for _ in range(10):
            if token in self.workflow.succeeded:
                return
            self.clock.time += 300.0
            self.job_service.sweep()
        raise AssertionError("the execution was never woken")

    def answer(self, batch_id: str) -> None:
        """Make the answers of every part."""
        for part in range(self.batch(batch_id).parts):
            while not self.conclude.run(batch_id, part):
                self.restart()

    # --- what came of it

    def batch(self, batch_id: str) -> Batch:
        return self.registry.batches[batch_id]

    def show(self, batch_id: str, principal: Principal = ANA) -> BatchView:
        return self.showing.show(principal, batch_id)

    def lines(self, batch_id: str, principal: Principal = ANA) -> list[dict[str, Any]]:
        """The results that this reader is given."""
        prefix = self.results.prefix_for(self.batch(batch_id), principal)
        return [json.loads(line) for line in self.work.read(f"{prefix}results.jsonl").splitlines()]

    def alone(self, question: str, principal: Principal = ANA) -> Answer:
        """The answer to a question that is asked by itself."""
        answering, deadline = self.library.answering(self.chat), self.clock.now() + 60.0
        return answering.answer(Question(question=question), principal, "alone", deadline).answer

    def job(self, batch_id: str, route: Route) -> str:
        """Id of the job that a batch has of its own."""
        group = JobGroup(JobKind.REPLIES, route, TENANT, MODEL, self.batch(batch_id).own_job)
        return self.jobs.join(group, batch_id, 0, 1, self.clock.now()).job_id


def by_job(route: Route = Route.BATCH, least: int = 1, **more: Any) -> ScriptedInferenceJobs:
    """A way to the chat model that answers later."""
    return ScriptedInferenceJobs(replied, route, JobLimits(least, 50_000, 3_600.0), **more)


def same(result: dict[str, Any], alone: Answer) -> bool:
    """Whether a line of results says what the answer says: everything but its id, what it took, and who asked."""
    own = {"answer_id", "timings_ms", "id", "metadata", "usage"}
    expected = alone.model_dump(mode="json")
    return all(result[name] == expected[name] for name in expected.keys() - own)
