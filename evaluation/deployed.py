"""Ask a deployed stack: upload a set's documents, wait until they are indexed, ask over HTTP.

The documents carry the set's name as an attribute, and questions are asked of those that do: what else the stack holds
answers nothing here. What retrieval found is not to be seen from there, so such a run has no figures of passages, pages
and documents.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from cli.api import Api
from cli.errors import CommandError
from cli.sidecars import Sidecar, sidecar_of
from cli.uploads import Upload
from cli.watch import upload_with_progress, wait_with_progress
from docqa.ids import is_sidecar, sidecar_key
from docqa.models.answer import Answer
from docqa.models.api import PendingAnswer, ReadersBody
from docqa.models.document import DocumentStatus
from docqa.models.question import Filters, Question
from evaluation.asking import answer_fields
from evaluation.gold import find_gold
from evaluation.local.corpus import Corpus, Progress
from evaluation.outcomes import Outcome
from evaluation.question_sets import AskedQuestion

# A worker answers what HTTP has no time for.
PATIENCE_SECONDS = 300.0
SET_ATTRIBUTE = "question_set"
INDEXED = frozenset({DocumentStatus.INDEXED, DocumentStatus.PARTIALLY_INDEXED})


@dataclass(frozen=True)
class Uploaded:
    """The stack's documents: path in the set by the stack's document id, and why some are not there."""

    paths: dict[str, str]
    failures: dict[str, str]


def upload_set(api: Api, dataset: Path, seconds: float) -> Uploaded:
    """Put the documents into the stack, below the set's name, and wait until each has ended.

    Raises:
        UsageError: a metadata file beside a document is broken.
    """
    root, name = dataset / "documents", dataset.resolve().name
    files = sorted(path for path in root.rglob("*") if path.is_file() and not is_sidecar(path.name))
    uploads = [Upload(file, f"{name}/{file.relative_to(root).as_posix()}", _marked(file, name)) for file in files]
    done = upload_with_progress(api, uploads, ReadersBody(tenant=True))
    arrived = [one for one in done if one.error is None]
    names = {one.document_id: one.upload.path.partition("/")[2] for one in arrived}
    failures = {one.upload.path.partition("/")[2]: str(one.error) for one in done if one.error}
    for view in wait_with_progress(api, arrived, seconds):
        if view.status not in INDEXED:
            failures[names[view.document_id]] = f"{view.status}: {view.failure.message if view.failure else ''}"
    return Uploaded(names, failures)


def _marked(file: Path, name: str) -> Sidecar:
    """What its metadata file states, and that it is of this set."""
    stated = sidecar_of(file) or Sidecar(file.with_name(sidecar_key(file.name)), None, {})
    return replace(stated, attributes={**stated.attributes, SET_ATTRIBUTE: name})


@dataclass(frozen=True)
class DeployedAsking:
    """Asks over HTTP.

    Attributes:
        name: Of the set.
        pages: The same documents, read here: quotes and gold are looked for in them.
        paths: Path in the set by the stack's document id.
        workers: Questions at once.
    """

    api: Api
    name: str
    pages: Corpus
    paths: dict[str, str]
    workers: int = 1

    def run(self, questions: Sequence[AskedQuestion], progress: Progress) -> list[Outcome]:
        """One outcome a question, in order."""
        outcomes: dict[str, Outcome] = {}

        def ask(at: int) -> str:
            outcomes[str(at)] = self.ask(questions[at])
            return str(at)

        with ThreadPoolExecutor(self.workers) as pool:
            for _ in progress(pool.map(ask, range(len(questions))), "questions", len(questions)):
                pass
        return [outcomes[str(at)] for at in range(len(questions))]

    def ask(self, question: AskedQuestion) -> Outcome:
        """One question."""
        gold = find_gold(question, self.pages) if question.answerable else ()
        began = time.perf_counter()
        try:
            answer = self._answer(question.question)
        except (CommandError, ValueError) as error:
            return Outcome(question=question, gold=gold, error=f"{type(error).__name__}: {error}", ranked=False)
        milliseconds = {**answer.timings_ms, "http": round((time.perf_counter() - began) * 1000, 1)}
        return Outcome(
            question=question,
            gold=gold,
            ranked=False,
            confidence=answer.confidence,
            milliseconds=milliseconds,
            **answer_fields(answer, self.pages, self.paths),
        )

    def _answer(self, text: str) -> Answer:
        found = self.api.ask(Question(question=text, filters=Filters(attributes={SET_ATTRIBUTE: self.name})))
        if isinstance(found, PendingAnswer):
            return self.api.wait_for_answer(found.answer_id, PATIENCE_SECONDS)
        return found
