"""One evaluation: ingest a set, ask its questions, write down what came of it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devstack.settings import DevstackSettings
from evaluation.asking import Asking, sample
from evaluation.chat_answers import ChatAnswers
from evaluation.details import details
from evaluation.judge import judged, make_judge
from evaluation.local.answering import LocalAnswering
from evaluation.local.chat_rules import ChatRules
from evaluation.local.corpus import Corpus, Progress, prepare, read_pages
from evaluation.local.machine import CACHE, EMBEDDING_MODEL, Machine, packaged_models
from evaluation.metrics.summary import metrics
from evaluation.outcomes import Outcome, write_outcomes
from evaluation.question_sets import AskedQuestion, QuestionSet
from evaluation.report.page import write_page
from evaluation.report.plots import draw

if TYPE_CHECKING:
    from cli.api import Api

METRICS, DETAILS = "metrics.json", "details.json"


@dataclass(frozen=True)
class Plan:
    """What is evaluated, and how.

    Attributes:
        dataset: Folder with `documents` and `questions.jsonl`.
        out: Where everything is written.
        generates: A chat model writes the answers; else the evidence is quoted.
        answers: What an answer of the chat model must be to replace the quotes; None: as such a model is deployed.
        limit: At most so many questions, always the same ones; None: all.
        hard: Also ask answerable questions with their gold passages taken away.
        workers: Questions at once.
        threshold: Least confidence to answer with; None: the calibration's own.
        cache: What is kept between runs.
        judge: A chat model that compares answers with references (`evaluation.judge`); None: nobody does.
        upload_seconds: How long a deployed stack may take to index the documents.
    """

    dataset: Path
    out: Path
    generates: bool = False
    answers: ChatAnswers | None = None
    limit: int | None = None
    hard: bool = True
    workers: int = 1
    threshold: float | None = None
    cache: Path = CACHE
    judge: str | None = None
    upload_seconds: float = 3_600.0

    @property
    def name(self) -> str:
        """What the set is called."""
        return self.dataset.resolve().name


@dataclass(frozen=True)
class Result:
    """What a run came to."""

    plan: Plan
    outcomes: Sequence[Outcome]
    metrics: dict[str, Any]
    details: dict[str, Any]


def evaluate(plan: Plan, machine: Machine, progress: Progress) -> Result:
    """Ingest, ask, measure; outcomes, figures, plots and the page are written when it returns.

    Raises:
        UnknownJudgeError: the plan's judge is none.
    """
    judge = make_judge(plan.judge, machine) if plan.judge is not None else None
    corpus = prepare(plan.name, plan.dataset, machine, progress)
    chat = _chat_rules(plan, machine.chat_rules)
    answering = LocalAnswering(machine, corpus, chat, plan.threshold)
    outcomes = Asking(corpus, answering, plan.hard, plan.workers).run(_questions(plan), progress)
    if judge is not None:
        outcomes = list(progress(judged(outcomes, judge), "judge", len(outcomes)))
    settings = {
        "mode": f"generated, {chat.answers}" if chat else "quoted",
        "embedding_model": f"{EMBEDDING_MODEL} (bge-small-en-v1.5 behind it)",
        "chat_model": machine.chat_name if chat else None,
        "judge": plan.judge,
        "threshold_in_use": answering.threshold,
    }
    return _write(plan, outcomes, corpus, corpus.snapshot.failures, settings)


def _chat_rules(plan: Plan, deployed: ChatRules) -> ChatRules | None:
    if not plan.generates:
        return None
    return replace(deployed, answers=plan.answers) if plan.answers else deployed


def evaluate_deployed(plan: Plan, api: Api, stack: str, progress: Progress) -> Result:
    """The same of a deployed stack: upload, wait, ask over HTTP. Chat model and threshold are the stack's."""
    from evaluation.deployed import DeployedAsking, upload_set

    uploaded = upload_set(api, plan.dataset, plan.upload_seconds)
    models = packaged_models(DevstackSettings.from_environment(os.environ), plan.cache)
    pages = read_pages(plan.name, plan.dataset, models, plan.cache, progress)
    outcomes = DeployedAsking(api, plan.name, pages, uploaded.paths, plan.workers).run(_questions(plan), progress)
    return _write(plan, outcomes, pages, uploaded.failures, {"mode": f"deployed, {stack}"})


def _questions(plan: Plan) -> list[AskedQuestion]:
    return sample(QuestionSet(plan.name, plan.dataset).questions(), plan.limit)


def _write(
    plan: Plan, outcomes: Sequence[Outcome], corpus: Corpus, unread: Mapping[str, str], settings: Mapping[str, Any]
) -> Result:
    plan.out.mkdir(parents=True, exist_ok=True)
    found = metrics(outcomes, corpus_counts(corpus), unread)
    known = {
        "set": plan.name,
        "date": time.strftime("%Y-%m-%d"),
        "limit": plan.limit,
        # Of the last five minutes: what latencies are worth.
        "load_a_core": round(os.getloadavg()[1] / (os.cpu_count() or 1), 1),
        **settings,
    }
    beside = details(outcomes, corpus, known)
    write_outcomes(plan.out, outcomes)
    write_json(plan.out / METRICS, found)
    write_json(plan.out / DETAILS, beside)
    write_page(plan.out, outcomes, beside, draw(beside, plan.out))
    return Result(plan, outcomes, found, beside)


def corpus_counts(corpus: Corpus) -> dict[str, int]:
    """Documents, pages and passages."""
    generations = [one.generation for one in corpus.snapshot.documents]
    return {
        "documents": len(generations),
        "pages": sum(one.pages.total for one in generations),
        "pages_by_ocr": sum(one.pages.ocr for one in generations),
        "pages_unreadable": sum(last - first + 1 for one in generations for first, last in one.pages.unreadable),
        "passages": sum(one.chunks for one in generations),
    }


def write_json(file: Path, value: object) -> None:
    """For people too."""
    file.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
