"""Research over a small library, with a scripted model."""

from __future__ import annotations

from dataclasses import dataclass, field

from langchain_core.language_models import BaseChatModel

from docqa.models.access import Principal
from docqa.models.answer import Answer
from docqa.models.question import Mode, Question
from docqa.services.outcomes import Answered
from docqa.services.question_costs import QuestionCosts
from docqa.services.research.agent import Budget, ResearchAgent
from docqa.services.research.desk import ResearchDesk
from docqa.services.research.researching import Researching
from tests.fakes.answering import ScriptedChat
from tests.unit.answering.library import ANA, PLAIN, Library

SECONDS = 300.0
BUDGET = Budget(steps=6, tokens=10_000)
Y2022 = "Kestrel Hill annual report 2022. Revenue of the club was 80 thousand euros in 2022."
Y2023 = "Kestrel Hill annual report 2023. Revenue of the club was 90 thousand euros in 2023."


@dataclass
class Bench:
    """A library with two reports, and ways to research in it."""

    library: Library = field(default_factory=lambda: Library(calibration=PLAIN.with_threshold(0.05)))
    budget: Budget = BUDGET

    def __post_init__(self) -> None:
        self.library.add("report 2022", Y2022)
        self.library.add("report 2023", Y2023)

    @property
    def deadline(self) -> float:
        return self.library.clock.now() + SECONDS

    def desk(self, principal: Principal = ANA, **question: object) -> ResearchDesk:
        asked = Question.model_validate({"question": "How did revenue grow?", "mode": "research", **question})
        library = self.library
        return ResearchDesk(library.answering(), library.registry, library.clock, asked, principal, self.deadline)

    def ask(
        self,
        question: str,
        model: BaseChatModel,
        principal: Principal = ANA,
        ordinary: ScriptedChat | None = None,
        books: QuestionCosts | None = None,
    ) -> Answer:
        return self.answered(question, model, principal, ordinary, books).answer

    def answered(
        self,
        question: str,
        model: BaseChatModel,
        principal: Principal = ANA,
        ordinary: ScriptedChat | None = None,
        books: QuestionCosts | None = None,
    ) -> Answered:
        agent = ResearchAgent(model, "scripted", self.budget, self.library.clock)
        answering = self.library.answering(ordinary, books)
        service = Researching(answering, self.library.registry, lambda: agent, self.library.clock, books)
        asked = Question(question=question, mode=Mode.RESEARCH)
        return service.answer(asked, principal, "answer-1", self.deadline)
