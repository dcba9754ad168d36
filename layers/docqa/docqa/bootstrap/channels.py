"""Where questions come from and answers go to: HTTP, registered queues, registered destinations."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pydantic import Field

from docqa.bootstrap.answering import AnsweringSettings, answer_reader, answering, question_store
from docqa.bootstrap.clients import QUESTION, client
from docqa.bootstrap.clock import SystemClock
from docqa.config import Settings
from docqa.models.access import Principal
from docqa.ports.questions import Destination

if TYPE_CHECKING:
    from docqa.ports.questions import ChannelRegistry
    from docqa.services.delivery import Delivery
    from docqa.services.handed_over_questions import HandedOverQuestions
    from docqa.services.lost_questions import LostQuestions
    from docqa.services.question_worker import Answerer, QuestionWorker
    from docqa.services.questions import Questions
    from docqa.services.queued_questions import QueuedQuestions


class DestinationSettings(Settings):
    """Where answers go."""

    channels_table: str
    questions_queue_tenant: str = Field(default="", description="Tenant of the stack's own two queues.")
    answers_queue_url: str


class ChannelSettings(AnsweringSettings, DestinationSettings):
    """Settings of every function that takes questions; derive from it."""


class DeliverySettings(DestinationSettings):
    """Settings of every function that sends answers off; derive from it."""

    documents_table: str
    questions_table: str
    event_bus_name: str


class WorkerSettings(ChannelSettings, DeliverySettings):
    """Settings of every function that works on stored questions; derive from it."""

    question_attempts: int = Field(ge=1, description="Receives after which the queues give a message up.")


class QueueSettings(WorkerSettings):
    """Settings of the function behind queues; derive from it."""

    questions_queue_arn: str
    handover_queue_arn: str
    handover_queue_url: str
    research_queue_url: str
    questions_queue_groups: str = Field(default="", description="Separated by commas.")


def questions(settings: ChannelSettings, handover_queue_url: str, research_queue_url: str) -> Questions:
    """The use case of POST /questions."""
    import uuid

    from docqa.adapters.sqs import SQSWorkQueue
    from docqa.services.questions import Questions

    return Questions(
        answering(settings),
        question_store(settings.questions_table),
        answer_reader(settings.questions_table, settings.documents_table),
        _channels(settings, {}),
        SQSWorkQueue(client("sqs", QUESTION), handover_queue_url),
        SQSWorkQueue(client("sqs", QUESTION), research_queue_url),
        new_id=lambda: uuid.uuid4().hex,
        clock=SystemClock(),
    )


def queued_questions(settings: QueueSettings) -> QueuedQuestions:
    """The use case behind question queues."""
    from docqa.adapters.sqs import SQSWorkQueue
    from docqa.services.queued_questions import QueuedQuestions

    known = _queue_channels(settings)
    worker = question_worker(settings, answering(settings))
    sqs = client("sqs", QUESTION)
    research, handover = (SQSWorkQueue(sqs, url) for url in (settings.research_queue_url, settings.handover_queue_url))
    return QueuedQuestions(worker, known, _delivery(settings, known), research, handover)


def handed_over_questions(settings: DeliverySettings, answerer: Answerer, queue_url: str | None) -> HandedOverQuestions:
    """The use case behind a queue that leads from one function to another; None: there is none, as nothing waits."""
    from docqa.adapters.sqs import SQSWorkQueue
    from docqa.services.handed_over_questions import HandedOverQuestions

    worker = question_worker(settings, answerer)
    queue = SQSWorkQueue(client("sqs", QUESTION), queue_url) if queue_url else None
    return HandedOverQuestions(worker, question_store(settings.questions_table), delivery(settings), queue)


def lost_questions(settings: DeliverySettings) -> LostQuestions:
    """The sweep over questions that never came to an end."""
    from docqa.services.lost_questions import GivenUp, LostQuestions

    last_words = handed_over_questions(settings, GivenUp(), None)
    return LostQuestions(question_store(settings.questions_table), last_words, SystemClock())


def question_worker(settings: DeliverySettings, answerer: Answerer) -> QuestionWorker:
    """Answers recorded questions."""
    from docqa.services.question_worker import QuestionWorker

    reader = answer_reader(settings.questions_table, settings.documents_table)
    return QuestionWorker(answerer, question_store(settings.questions_table), reader, SystemClock())


def delivery(settings: DeliverySettings) -> Delivery:
    """Sends answers to the destinations that are registered for their tenants."""
    return _delivery(settings, _channels(settings, {}))


def _delivery(settings: DeliverySettings, known: ChannelRegistry) -> Delivery:
    from docqa.adapters.answer_queue import AnswerQueueSender
    from docqa.adapters.eventbridge import EventBridgeBus
    from docqa.services.delivery import Delivery

    bus = EventBridgeBus(client("events", QUESTION), settings.event_bus_name)
    return Delivery(known, AnswerQueueSender(client("sqs", QUESTION)), bus)


@cache
def _queue_channels(settings: QueueSettings) -> ChannelRegistry:
    """With the stack's own queue, for the tenant and groups of the settings."""
    tenant = settings.questions_queue_tenant
    groups = frozenset(group.strip() for group in settings.questions_queue_groups.split(",") if group.strip())
    own = Principal(tenant, settings.questions_queue_arn, groups)
    return _channels(settings, {settings.questions_queue_arn: own} if tenant else {})


def _channels(settings: DestinationSettings, own_queues: dict[str, Principal]) -> ChannelRegistry:
    from docqa.adapters.dynamodb_channels import DynamoDBChannelRegistry
    from docqa.services.queued_questions import DEFAULT_DESTINATION

    tenant = settings.questions_queue_tenant
    answers = Destination("queue", settings.answers_queue_url)
    own_destinations = {(tenant, DEFAULT_DESTINATION): answers} if tenant else {}
    return DynamoDBChannelRegistry(client("dynamodb", QUESTION), settings.channels_table, own_queues, own_destinations)
