"""Everything that takes questions, over one library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.question import Question
from docqa.ports.clock import Clock
from docqa.ports.questions import Destination
from docqa.services.delivery import Delivery
from docqa.services.handed_over_questions import HandedOverQuestions
from docqa.services.lost_questions import GivenUp, LostQuestions
from docqa.services.question_costs import QuestionCosts
from docqa.services.question_worker import Attempt, QuestionWorker
from docqa.services.questions import Questions
from docqa.services.queued_questions import QueuedQuestions
from docqa.services.recorded_answers import AnswerReader
from tests.fakes.answering import InMemoryChannelRegistry, InMemoryQuestionStore, RecordingSender, ScriptedChat
from tests.fakes.messages import RecordingBus, RecordingQueue
from tests.unit.answering.library import ANA, RUNWAY, SECONDS, TENANT, Library, says

QUESTION = Question(question="How long is the grass runway?")
OTHER_QUESTION = Question(question="Who opened the runway?")
QUEUE = "arn:aws:sqs:eu-central-1:123456789012:questions"
REPLIES = Destination("queue", "https://sqs.test/answers")
BEN = Principal(TENANT, "ben", frozenset({"staff"}))
BODY = '{"question": "How long is the grass runway?", "id": "q-7"}'


@dataclass
class Desk:
    """Everything that takes questions, over one library."""

    library: Library = field(default_factory=Library)
    chat: ScriptedChat = field(default_factory=lambda: says("The runway is 640 metres long [1]."))
    store: InMemoryQuestionStore = field(default_factory=InMemoryQuestionStore)
    handover: RecordingQueue = field(default_factory=RecordingQueue)
    research: RecordingQueue = field(default_factory=RecordingQueue)
    sender: RecordingSender = field(default_factory=RecordingSender)
    bus: RecordingBus = field(default_factory=RecordingBus)
    channels: InMemoryChannelRegistry = field(default_factory=InMemoryChannelRegistry)
    costs: Callable[[Clock], QuestionCosts] = QuestionCosts

    def __post_init__(self) -> None:
        self.handbook = self.library.add("handbook", RUNWAY)
        self.channels.queues[QUEUE] = Principal(TENANT, QUEUE, frozenset({"staff"}))
        self.channels.destinations[TENANT, "answers"] = REPLIES
        clock = self.library.clock
        answering = self.library.answering(self.chat, self.costs(clock))
        numbers = count()
        self.reader = AnswerReader(self.store, self.library.registry, self.library.clock)
        self.questions = Questions(
            answering,
            self.store,
            self.reader,
            self.channels,
            self.handover,
            self.research,
            lambda: f"random-{next(numbers)}",
            clock,
        )
        delivery = Delivery(self.channels, self.sender, self.bus)
        worker = QuestionWorker(answering, self.store, self.reader, clock)
        self.worker = HandedOverQuestions(worker, self.store, delivery, self.handover)
        self.queued = QueuedQuestions(worker, self.channels, delivery, self.research, self.handover)
        last_words = QuestionWorker(GivenUp(), self.store, self.reader, clock)
        self.lost = LostQuestions(
            self.store, HandedOverQuestions(last_words, self.store, delivery, self.handover), clock
        )

    @property
    def deadline(self) -> float:
        return self.library.clock.now() + SECONDS

    def attempt(self, number: int = 1) -> Attempt:
        return Attempt(self.deadline, number, 3)

    def ask(self, question: Question = QUESTION, principal: Principal = ANA, key: str | None = "key") -> Answer:
        answer = self.questions.ask(question, principal, self.deadline, key)
        assert isinstance(answer, Answer)
        return answer

    def receive(self, body: str, message_id: str = "m-1", number: int = 1) -> Answer:
        return self.queued.answer(self.queued.principal_of(QUEUE), message_id, body, self.attempt(number))
