"""One evaluation: ingest a set, ask its questions, write down what came of it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.asking import Asking, sample
from evaluation.details import details
from evaluation.local.answering import LocalAnswering
from evaluation.local.corpus import Corpus, Progress, prepare
from evaluation.local.machine import CACHE, EMBEDDING_MODEL, Machine
from evaluation.metrics.summary import metrics
from evaluation.outcomes import Outcome, write_outcomes
from evaluation.question_sets import QuestionSet
from evaluation.report.page import write_page
from evaluation.report.plots import draw

METRICS, DETAILS = "metrics.json", "details.json"


@dataclass(frozen=True)
class Plan:
    """What is evaluated, and how.

    Attributes:
        dataset: Folder with `documents` and `questions.jsonl`.
        out: Where everything is written.
        generates: A chat model writes the answers; else the evidence is quoted.
        limit: At most so many questions, always the same ones; None: all.
        hard: Also ask answerable questions with their gold passages taken away.
        workers: Questions at once.
        threshold: Least confidence to answer with; None: the calibration's own.
        cache: What is kept between runs.
    """

    dataset: Path
    out: Path
    generates: bool = False
    limit: int | None = None
    hard: bool = True
    workers: int = 1
    threshold: float | None = None
    cache: Path = CACHE

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
    """Ingest, ask, measure; outcomes, figures, plots and the page are written when it returns."""
    plan.out.mkdir(parents=True, exist_ok=True)
    corpus = prepare(plan.name, plan.dataset, machine, progress)
    answering = LocalAnswering(machine, corpus, generates=plan.generates, threshold=plan.threshold)
    questions = sample(QuestionSet(plan.name, plan.dataset).questions(), plan.limit)
    outcomes = Asking(corpus, answering, plan.hard, plan.workers).run(questions, progress)
    found = metrics(outcomes, corpus_counts(corpus), corpus.snapshot.failures)
    beside = details(outcomes, corpus, _settings(plan, machine, answering))
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


def _settings(plan: Plan, machine: Machine, answering: LocalAnswering) -> dict[str, Any]:
    return {
        "set": plan.name,
        "date": time.strftime("%Y-%m-%d"),
        "mode": "generated" if plan.generates else "quoted",
        "embedding_model": f"{EMBEDDING_MODEL} (bge-small-en-v1.5 behind it)",
        "chat_model": machine.chat_name if plan.generates else None,
        "limit": plan.limit,
        "threshold_in_use": answering.threshold,
    }
