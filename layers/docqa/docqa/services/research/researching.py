"""Answer a question by research; in the ordinary way where that comes to nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from docqa.domain.researched_claims import judged_findings
from docqa.errors import BudgetUsedUpError, ConfigurationError, RetryableError
from docqa.models.access import Principal
from docqa.models.question import Question
from docqa.ports.clock import Clock
from docqa.ports.documents import DocumentRegistry
from docqa.services.answering import Answering
from docqa.services.drafts import Draft, Written
from docqa.services.outcomes import Answered, Grounds, researched, with_tokens
from docqa.services.question_costs import QuestionCosts
from docqa.services.research.desk import ResearchDesk

if TYPE_CHECKING:
    from docqa.services.research.agent import Meter, Report, ResearchAgent

WITHOUT_MODEL = "Answered without research: no chat model is set up."
MODEL_DOWN = "Answered without research: the chat model or the search is not available at the moment."
MODEL_UNFIT = "Answered without research: the chat model cannot use tools, or refuses the request."
FRUITLESS = "Answered without research: within its budget it came to nothing that could be verified."
# What is left for the ordinary answer when a research takes all the time there is: about what HTTP gives it.
ORDINARY_SECONDS = 30.0


class Researching:
    """Makes answers as `services.question_worker.Answerer` says.

    Args:
        answering: The ordinary way, whose searches the research makes use of.
        registry: Knows the documents.
        agent: Makes the agent when it is first needed; None: no chat model is set up.
        clock: The time.
        costs: Budgets and ledger; None: nobody keeps any.
    """

    def __init__(
        self,
        answering: Answering,
        registry: DocumentRegistry,
        agent: Callable[[], ResearchAgent] | None,
        clock: Clock,
        costs: QuestionCosts | None = None,
    ) -> None:
        self._answering = answering
        self._registry = registry
        self._agent = agent
        self._clock = clock
        self._costs = costs or QuestionCosts(clock)

    def answer(self, question: Question, principal: Principal, answer_id: str, deadline: float) -> Answered:
        """What was found out, each claim verified; else the ordinary answer, which also abstains. Raises as that."""
        grounds = self._answering.find_grounds(question, principal, answer_id, deadline)
        if self._agent is None or not grounds.may_generate:  # over the budget the quotes say why they are quotes
            return self._ordinary(grounds, deadline, WITHOUT_MODEL)
        until = deadline - ORDINARY_SECONDS
        desk = ResearchDesk(self._answering, self._registry, self._clock, question, principal, until)
        agent = self._agent()
        meter = agent.meter()
        try:
            with grounds.stopwatch.stage("research"), self._paid_for(agent.name, meter, principal.tenant, deadline):
                tools = (desk.search, desk.open_page, desk.list_documents, desk.calculate)
                report = agent.research(question.question, question.language, tools, until, meter)
            is_open = self._answering.still_open(desk.passages, question, principal)
        except BudgetUsedUpError:
            spent = _all_paid(grounds, desk, agent.name, meter)
            return self._answering.conclude(replace(spent, may_generate=False), deadline)
        except RetryableError:
            return self._ordinary(_all_paid(grounds, desk, agent.name, meter), deadline, MODEL_DOWN)
        except ConfigurationError:
            return self._ordinary(_all_paid(grounds, desk, agent.name, meter), deadline, MODEL_UNFIT)
        grounds = _paid(grounds, desk)
        # What was closed or replaced since it was looked at must not be told.
        draft = _draft(report, meter, desk, question)
        found = researched(grounds, draft, agent.name, _inputs(draft, desk)) if is_open else None
        if found is not None:
            return found
        used = with_tokens(grounds.usage, agent.name, meter.input_tokens, meter.output_tokens)
        return self._ordinary(replace(grounds, usage=used), deadline, FRUITLESS)

    @contextmanager
    def _paid_for(self, model: str, meter: Meter, tenant: str, deadline: float) -> Iterator[None]:
        """Takes down what the agent's calls inside cost, however the research ends."""
        with self._costs.chat(tenant, model, deadline) as tab:
            try:
                yield
            finally:
                tab.add(meter.input_tokens, meter.output_tokens)

    def _ordinary(self, grounds: Grounds, deadline: float, why: str) -> Answered:
        """The answer without research, which says why unless it has another reason to give."""
        answered = self._answering.conclude(grounds, deadline)
        told = answered.answer.model_copy(update={"reason": answered.answer.reason or why})
        return replace(answered, answer=told)


def _paid(grounds: Grounds, desk: ResearchDesk) -> Grounds:
    """With what the searches cost."""
    usage = grounds.usage
    paid = {
        "embedded_tokens": usage.embedded_tokens + desk.embedded_tokens,
        "rerank_queries": usage.rerank_queries + desk.rerank_queries,
        "usd": round(usage.usd + desk.embedding_usd, 9),
    }
    return replace(grounds, usage=usage.model_copy(update=paid))


def _all_paid(grounds: Grounds, desk: ResearchDesk, model: str, meter: Meter) -> Grounds:
    """With what searches and model cost until the research failed."""
    paid = _paid(grounds, desk)
    return replace(paid, usage=with_tokens(paid.usage, model, meter.input_tokens, meter.output_tokens))


def _draft(report: Report, meter: Meter, desk: ResearchDesk, question: Question) -> Draft:
    from docqa.domain.reasoning import without_reasoning  # noqa: PLC0415 - the budget of imports

    text = without_reasoning(report.text)
    judged = tuple(judged_findings(text, question.question, desk.passages, desk.calculations))
    passages = tuple(desk.passages)
    return Draft(
        tuple(one.claim for one in judged if one.claim is not None),
        passages,
        input_tokens=meter.input_tokens,
        output_tokens=meter.output_tokens,
        written=(Written(passages, text, judged),),
    )


def _inputs(draft: Draft, desk: ResearchDesk) -> frozenset[str]:
    """Sentences that hold the numbers of the calculations which a sentence that stands cites."""
    stand = [one for written in draft.written for one in written.sentences if one.claim is not None]
    used = [desk.calculations[number] for one in stand for number in one.cited if number in desk.calculations]
    return frozenset(quote.text for calculation in used for quote in calculation.quotes)
