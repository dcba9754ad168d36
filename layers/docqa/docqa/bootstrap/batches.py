"""Batches of questions with their adapters."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pydantic import Field

from docqa.bootstrap.answering import AnsweringSettings, answer_reader, answering, question_store
from docqa.bootstrap.clients import QUESTION, WORK, Patience, client
from docqa.bootstrap.clock import SystemClock
from docqa.bootstrap.inference import ReplyJobSettings, reply_jobs
from docqa.bootstrap.spending import budgets, metering
from docqa.bootstrap.stores import bucket
from docqa.domain.measured_boundaries import PROMPTS
from docqa.domain.pricing import tokens_usd
from docqa.domain.routing import Offer
from docqa.models.inference import Route

if TYPE_CHECKING:
    from docqa.models.inference import JobLimits
    from docqa.ports.batches import BatchRegistry
    from docqa.ports.objects import ObjectStore
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
    from docqa.services.batches.turns import PartTurns

# The work bucket's lifecycle forgets what has this tag after a month, as the questions table forgets answers.
FORGOTTEN = "docqa-keep=month"
# Of the 900 seconds that a function has; the question that was begun last takes a minute of the rest, at most.
STEP_SECONDS = 600.0
_JOBS = (Route.ASYNCHRONOUS, Route.BATCH)
# A prompt of five passages, and an answer of some sentences.
_TOKENS_A_PROMPT, _TOKENS_A_REPLY = 1_500, 100
_MILLION = 1_000_000


class ArrangeSettings(ReplyJobSettings):
    """Settings of the function that chooses the way to the chat model; derive from it."""

    realtime_prompts: int | None = Field(
        default=None, ge=0, description="Most prompts of a batch that are asked in real time; absent: as measured."
    )
    batch_prompts: int | None = Field(
        default=None, ge=1, description="From so many on, they are a batch job; absent: as measured."
    )
    batches_together: int = Field(ge=1, description="From so many other batches on, they go together.")
    waking_usd: float = Field(ge=0, description="What it costs to wake the asynchronous endpoint's instance.")
    transform_usd: float = Field(ge=0, description="What it costs to start a batch transform job's instances.")
    spending_table: str
    tenant_daily_budget_usd: float | None = Field(default=None, ge=0, description="Absent: no limit.")


def submit_batch(
    table: str, work: str, inbox: str, state_machine: str, most_bytes: int, within_seconds: float, most_open: int
) -> SubmitBatch:
    """The use case of POST /batches."""
    import uuid

    from docqa.services.batches.submission import SubmitBatch

    return SubmitBatch(
        _registry(table, QUESTION),
        _files(work),
        bucket(inbox),
        _launcher(table, state_machine, most_open, QUESTION),
        most_bytes,
        within_seconds,
        new_id=lambda: uuid.uuid4().hex,
        clock=SystemClock(),
    )


def show_batch(
    table: str, documents_table: str, work: str, inbox: str, state_machine: str, most_open: int, admin_group: str
) -> ShowBatch:
    """The use case of GET /batches/{batch_id}."""
    from docqa.services.batches.showing import ShowBatch

    results = _results(table, documents_table, work)
    return ShowBatch(
        _registry(table, QUESTION),
        results,
        _files(work),
        bucket(inbox),
        _launcher(table, state_machine, most_open, QUESTION),
        admin_group,
        SystemClock(),
    )


def receive_batch(
    table: str,
    channels_table: str,
    inbox: str,
    queue: str,
    state_machine: str,
    within_seconds: float,
    most_open: int,
) -> ReceiveBatch:
    """The use case behind the inbox bucket."""
    from docqa.adapters.dynamodb_channels import DynamoDBChannelRegistry
    from docqa.adapters.sqs import SQSWorkQueue
    from docqa.services.batches.receipt import ReceiveBatch

    return ReceiveBatch(
        _registry(table),
        DynamoDBChannelRegistry(client("dynamodb"), channels_table, {}, {}),
        bucket(inbox),
        _launcher(table, state_machine, most_open),
        SQSWorkQueue(client("sqs"), queue),
        within_seconds,
        SystemClock(),
    )


def split_batch(table: str, inbox: str, work: str, most_questions: int, most_bytes: int) -> SplitBatch:
    """The first step."""
    from docqa.services.batches.splitting import SplitBatch

    return SplitBatch(_registry(table), bucket(inbox), _files(work), SystemClock(), most_questions, most_bytes)


def find_for_batch(settings: AnsweringSettings, work: str, *, by_jobs: bool) -> FindForBatch:
    """The step that looks for answers."""
    from docqa.runtime.logging import log_failure
    from docqa.services.batches.finding import FindForBatch

    return FindForBatch(
        _registry(settings.questions_table),
        _questions(settings.questions_table),
        _files(work),
        answering(settings),
        settings.chat_max_tokens,
        SystemClock(),
        by_jobs,
        STEP_SECONDS,
        log_failure,
    )


def part_turns(table: str, capacity: int) -> PartTurns:
    """Whose part is worked on."""
    import random
    import time

    from docqa.adapters.dynamodb_part_places import DynamoDbPartPlaces
    from docqa.runtime.logging import log_failure
    from docqa.services.batches.turns import PartTurns

    return PartTurns(
        _registry(table),
        DynamoDbPartPlaces(client("dynamodb"), table),
        capacity,
        SystemClock(),
        time.sleep,
        random.random,
        log_failure,
    )


def request_replies(
    table: str, jobs_table: str, work: str, inference_queue: str, settings: ArrangeSettings
) -> RequestReplies:
    """The step that waits for a job."""
    from docqa.adapters.dynamodb_inference_jobs import DynamoDbInferenceRegistry
    from docqa.adapters.sqs import SQSWorkQueue
    from docqa.adapters.stepfunctions import StepFunctionsWorkflow
    from docqa.services.batches.requesting import RequestReplies

    ways = {route: reply_jobs(route, settings, work) for route in _JOBS}
    return RequestReplies(
        _registry(table),
        DynamoDbInferenceRegistry(client("dynamodb"), jobs_table),
        StepFunctionsWorkflow(client("stepfunctions")),
        SQSWorkQueue(client("sqs"), inference_queue),
        settings.chat_model,
        [_offer(route, jobs.limits, settings) for route, jobs in ways.items() if jobs is not None],
        PROMPTS.at(settings.chat_provider).boundaries(
            settings.realtime_prompts, settings.batch_prompts, settings.batches_together
        ),
        SystemClock(),
        budgets(settings.spending_table, settings.tenant_daily_budget_usd),
    )


def conclude_batch(settings: AnsweringSettings, work: str) -> ConcludeBatch:
    """The step that makes answers."""
    from docqa.runtime.logging import log_failure
    from docqa.services.batches.concluding import ConcludeBatch

    return ConcludeBatch(
        _registry(settings.questions_table),
        _questions(settings.questions_table),
        _files(work),
        answering(settings),
        SystemClock(),
        STEP_SECONDS,
        log_failure,
    )


def end_batch(table: str, channels_table: str, documents_table: str, inbox: str, work: str, event_bus: str) -> EndBatch:
    """The last step, and the failure path."""
    from docqa.adapters.dynamodb_channels import DynamoDBChannelRegistry
    from docqa.adapters.eventbridge import EventBridgeBus
    from docqa.runtime.logging import logger
    from docqa.services.batches.ending import EndBatch

    def log_undelivered(reason: str) -> None:
        logger.warning("results not put into the inbox bucket", extra={"reason": reason})

    return EndBatch(
        _registry(table),
        DynamoDBChannelRegistry(client("dynamodb"), channels_table, {}, {}),
        _results(table, documents_table, work),
        bucket(inbox),
        _files(work),
        EventBridgeBus(client("events"), event_bus),
        SystemClock(),
        log_undelivered,
    )


def reply_contents(table: str, work: str, spending_table: str) -> ReplyContents:
    """What jobs of prompts hold, and where their replies go."""
    from docqa.adapters.stepfunctions import StepFunctionsWorkflow
    from docqa.services.batches.reply_contents import ReplyContents

    workflow = StepFunctionsWorkflow(client("stepfunctions"))
    return ReplyContents(_registry(table), _files(work), workflow, SystemClock(), metering(spending_table))


@cache
def _registry(table: str, patience: Patience = WORK) -> BatchRegistry:
    from docqa.adapters.dynamodb_batches import DynamoDbBatchRegistry

    return DynamoDbBatchRegistry(client("dynamodb", patience), table)


@cache
def _files(work: str) -> ObjectStore:
    """The work bucket; what is written through this is forgotten in time."""
    from docqa.adapters.s3 import S3ObjectStore

    return S3ObjectStore(client("s3"), work, FORGOTTEN)


def _launcher(table: str, state_machine: str, most_open: int, patience: Patience = WORK) -> LaunchBatch:
    from docqa.adapters.stepfunctions import BatchExecutions
    from docqa.services.batches.launching import LaunchBatch

    executions = BatchExecutions(client("stepfunctions", patience), state_machine)
    return LaunchBatch(_registry(table, patience), executions, SystemClock(), most_open)


def _questions(table: str) -> BatchQuestions:
    from docqa.services.batches.on_record import BatchQuestions

    return BatchQuestions(question_store(table), SystemClock())


def _results(table: str, documents_table: str, work: str) -> BatchResults:
    from docqa.services.batches.results import BatchResults

    return BatchResults(answer_reader(table, documents_table), _files(work))


def _offer(route: Route, limits: JobLimits, settings: ArrangeSettings) -> Offer:
    """A way with what it costs: containers by their instances' start, Bedrock by the token."""
    if route is Route.ASYNCHRONOUS:
        return Offer(route, limits, settings.waking_usd)
    if settings.chat_batch_role_arn:
        usd = tokens_usd(settings.chat_model, _TOKENS_A_PROMPT * _MILLION, _TOKENS_A_REPLY * _MILLION, batch=True)
        return Offer(route, limits, usd_per_million_records=usd)
    return Offer(route, limits, settings.transform_usd)
