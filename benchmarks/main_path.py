"""`make bench`: a ten-page document from upload to INDEXED, and warm questions without and with the chat model.

It needs the one-machine cloud (`make up` or `make demo`), prints a table and writes build/bench/main_path.json.
docqa's own time is shown apart from that of search, embedding and chat model: those are other machines in AWS.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from benchmarks.deployed_settings import settings_of_answering
from benchmarks.ten_pages import write_ten_pages
from cli.api import Api
from cli.connection import connect, find_stack
from cli.errors import CommandError
from cli.output import WIDTH_WITHOUT_TERMINAL
from cli.uploads import Upload, upload_all
from cli.views import table
from cli.watch import has_ended
from devstack.demo.material import GROUP, questions
from devstack.settings import REPOSITORY
from docqa.models.answer import Answer, AnswerStatus
from docqa.models.api import DocumentView, PendingAnswer, ReadersBody
from docqa.models.question import Question

RESULT = REPOSITORY / "build" / "bench" / "main_path.json"
DOCUMENTS = 3
QUESTIONS = 20
WARM_UP = 3
POLL_SECONDS = 0.2
# The stages of an answer that other machines work on; whatever else takes time is docqa's own.
OUTSIDE_STAGES = {"search": ("search",), "embedding": ("embed", "order"), "chat model": ("generate",)}


@dataclass(frozen=True)
class Ingestion:
    """One ten-page document.

    Attributes:
        seconds: From the request for an upload address to INDEXED.
        usage: Counted units of paid work.
        stages: Seconds by stage as the registry has them; stages of a map are added up, though they ran side by side.
    """

    seconds: float
    pages: int
    chunks: int
    stages: dict[str, float]
    usage: dict[str, float]


@dataclass(frozen=True)
class Asking:
    """Warm questions over HTTP: medians.

    Attributes:
        written: How many of the answers the chat model wrote; the others quote the evidence.
        seconds: From the request to the answer, as the asker sees it.
        worst: The slowest of them.
        outside: Seconds that search, embedding and chat model took.
        own: Seconds in the function that were docqa's own.
        transport: Seconds outside the function: gateway, authorizer, and starting the handler.
    """

    questions: int
    written: int
    seconds: float
    worst: float
    outside: dict[str, float]
    own: float
    transport: float


def main() -> int:
    """Measure, print, write; 1 with a sentence if something is not there."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    try:
        result = measure(console)
    except CommandError as error:
        print(f"make bench: {error}", file=sys.stderr)
        return 1
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    _print(result, console)
    return 0


def measure(console: Console) -> dict[str, Any]:
    """Everything that main_path.json holds."""
    stack = find_stack(None, None)
    with connect(None, None) as api, Progress(console=console, disable=not console.is_terminal, transient=True) as bars:
        task = bars.add_task("Indexing", total=DOCUMENTS)
        ingestion = []
        for _ in range(DOCUMENTS):
            ingestion.append(index_once(api))
            bars.advance(task)
        with settings_of_answering(stack, CHAT_PROVIDER="none"):
            without = _asking(api, bars, "Asking without chat model")
        with_model = _asking(api, bars, "Asking with chat model")
    return {
        "ingestion": {
            "documents": [asdict(one) for one in ingestion],
            "median_seconds": _median([one.seconds for one in ingestion]),
        },
        "asking": {"without_chat_model": asdict(without), "with_chat_model": asdict(with_model)},
    }


def index_once(api: Api, poll_seconds: float = POLL_SECONDS) -> Ingestion:
    """Upload a document that nobody has seen before, wait for it, remove it."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_ten_pages(Path(folder) / "ten-pages.pdf")
        began = time.monotonic()
        upload = Upload(file, f"bench/{file.stem}-{time.time_ns()}.pdf")
        (done,) = upload_all(api, [upload], ReadersBody(groups=[GROUP]), lambda *_: None)
        if done.error:
            raise done.error
        view = _wait(api, done.document_id, poll_seconds)
        seconds = time.monotonic() - began
    api.delete(done.document_id)
    return Ingestion(
        seconds=round(seconds, 2),
        pages=view.pages.total if view.pages else 0,
        chunks=view.chunks or 0,
        stages={name: round(took, 2) for name, took in view.timings.items()},
        usage=view.usage,
    )


def _wait(api: Api, document_id: str, poll_seconds: float) -> DocumentView:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        view = api.find_document(document_id)
        if view and has_ended(view):
            if view.status != "INDEXED":
                raise CommandError(
                    f"The document ended as {view.status}: {view.failure.message if view.failure else ''}"
                )
            return view
        time.sleep(poll_seconds)
    raise CommandError("The document was not indexed within 120 s.")


def _asking(api: Api, bars: Progress, title: str) -> Asking:
    texts = [question.question for question in questions() if question.is_answerable]
    for number in range(WARM_UP):
        ask_once(api, texts[number])
    task = bars.add_task(title, total=QUESTIONS)
    asked = []
    for number in range(QUESTIONS):
        asked.append(ask_once(api, texts[number % len(texts)]))
        bars.advance(task)
    return summary(asked)


def ask_once(api: Api, text: str) -> tuple[float, Answer]:
    """One question over HTTP, with its seconds."""
    began = time.monotonic()
    answer = api.ask(Question(question=text))
    seconds = time.monotonic() - began
    if isinstance(answer, PendingAnswer):
        raise CommandError(f"“{text}” was handed over to the worker: nothing to measure.")
    if answer.status is not AnswerStatus.ANSWERED:
        raise CommandError(f"“{text}” was {answer.status}: run make demo first.")
    return seconds, answer


def _took(answer: Answer, stages: Sequence[str]) -> float:
    """Seconds of these stages; one that did not run took no time."""
    return sum(answer.timings_ms.get(stage, 0.0) for stage in stages) / 1000


def summary(asked: Sequence[tuple[float, Answer]]) -> Asking:
    """Medians over questions: what the asker saw, and where the time went."""
    outside = {name: _median([_took(answer, stages) for _, answer in asked]) for name, stages in OUTSIDE_STAGES.items()}
    own, transport = [], []
    for seconds, answer in asked:
        inside = answer.timings_ms["total"] / 1000
        own.append(inside - sum(_took(answer, stages) for stages in OUTSIDE_STAGES.values()))
        transport.append(seconds - inside)
    return Asking(
        questions=len(asked),
        written=sum(answer.model is not None for _, answer in asked),
        seconds=_median([seconds for seconds, _ in asked]),
        worst=round(max(seconds for seconds, _ in asked), 3),
        outside=outside,
        own=_median(own),
        transport=_median(transport),
    )


def _median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 3)


def _print(result: dict[str, Any], console: Console) -> None:
    ingestion = table("document", "pages", "passages", "upload to INDEXED, s", "stages, s")
    for number, one in enumerate(result["ingestion"]["documents"], 1):
        stages = ", ".join(f"{name} {seconds:.2f}" for name, seconds in one["stages"].items())
        ingestion.add_row(str(number), str(one["pages"]), str(one["chunks"]), f"{one['seconds']:.1f}", stages)
    console.print(ingestion)
    asking = table(
        "warm question over HTTP", "median, s", "worst", *OUTSIDE_STAGES, "docqa's own", "gateway", "written"
    )
    for name, one in result["asking"].items():
        cells = [one["seconds"], one["worst"], *one["outside"].values(), one["own"], one["transport"]]
        written = f"{one['written']} of {one['questions']}"
        asking.add_row(name.replace("_", " "), *(f"{seconds:.3f}" for seconds in cells), written)
    console.print(asking)
    console.print(
        f"Medians of {QUESTIONS} questions and {DOCUMENTS} documents; written to {RESULT.relative_to(REPOSITORY)}."
    )


if __name__ == "__main__":
    sys.exit(main())
