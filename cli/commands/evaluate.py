"""`docqa eval`: how good the answers are, on a set of questions whose answers are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import NotFoundError, UsageError
from cli.options import Json, Region
from cli.output import messages, print_json, remark, results
from evaluation.chat_answers import ChatAnswers

if TYPE_CHECKING:
    from evaluation.local.corpus import Item, Progress
    from evaluation.run import Plan, Result

LOCAL = "local"


class Mode(StrEnum):
    """Who writes the answers."""

    QUOTED = "quoted"
    GENERATED = "generated"


def evaluate(
    dataset: Annotated[Path, typer.Argument(help="Folder with documents/ and questions.jsonl.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder for figures, plots and the report.")],
    mode: Annotated[Mode, typer.Option("--mode", help="Quote the evidence, or let a chat model write.")] = Mode.QUOTED,
    answers: Annotated[
        ChatAnswers | None,
        typer.Option(
            "--chat-answers",
            help="What an answer of the chat model must be to replace the quotes, as the stack's parameter ChatAnswers "
            "has it.",
            show_default="complete for the packaged model, as `make demo` deploys it; verified for another one",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="So many questions, the same ones every time.")
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=16, help="Questions at once; more of them distort the latency.")
    ] = 1,
    threshold: Annotated[
        float | None, typer.Option("--threshold", min=0, max=1, help="Least confidence to answer with.")
    ] = None,
    hard: Annotated[
        bool, typer.Option("--hard/--no-hard", help="Ask again with only the gold passages taken away.")
    ] = True,
    compare: Annotated[
        Path | None, typer.Option("--compare", help="Folder of another run over the set: what differs beyond noise.")
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option("--judge", help="Model that compares answers with references: bedrock:ID, openai:MODEL, local."),
    ] = None,
    stack: Annotated[
        str | None,
        typer.Option("--stack", help="Upload to this stack and ask it; `local`: the one-machine cloud's."),
    ] = None,
    region: Region = None,
    from_feedback: Annotated[
        Path | None,
        typer.Option(
            "--from-feedback",
            help="Exported feedback (JSON lines): write DATASET's questions.jsonl from it first. With --stack, "
            "documents that it names are looked up there.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask a question set, and say how good the answers are: in this process, or of a deployed stack (--stack)."""
    if from_feedback is not None:
        _write_questions(dataset, from_feedback, stack, region)
    _check_set(dataset)
    from evaluation.run import Plan

    if answers is not None and mode is not Mode.GENERATED:
        raise UsageError("--chat-answers is about answers that a chat model writes: add --mode generated.")
    if compare is not None and not (compare / "questions.jsonl").is_file():
        raise UsageError(f"{compare} is no run: it has no questions.jsonl.")
    plan = Plan(dataset, out, mode is Mode.GENERATED, answers, limit, hard, workers, threshold, judge=judge)
    result = _in_process(plan) if stack is None else _deployed(plan, stack, region)
    if as_json:
        print_json(result.metrics)
    else:
        _print(result, compare)


def _check_set(dataset: Path) -> None:
    """Before anything is ingested: what is wrong with a set is said at once.

    Raises:
        UsageError: it is none, or its questions cannot be read.
    """
    from evaluation.question_sets import QuestionSet, UnreadableSetError

    needed = {
        "questions.jsonl": (dataset / "questions.jsonl").is_file(),
        "documents/": (dataset / "documents").is_dir(),
    }
    if missing := [name for name, is_there in needed.items() if not is_there]:
        raise UsageError(f"{dataset} is no question set: it has no {' and no '.join(missing)}.")
    question_set = QuestionSet(dataset.name, dataset)
    try:
        away = question_set.missing_documents(question_set.questions())
    except UnreadableSetError as error:
        raise UsageError(str(error)) from error
    if away:
        more = f" and {len(away) - 1} more" if len(away) > 1 else ""
        remark(f"Questions name {away[0]}{more}, which documents/ does not have: what should be found there is a miss.")


def _write_questions(dataset: Path, feedback: Path, stack: str | None, region: str | None) -> None:
    """Make the set's questions of feedback; a set that has questions of its own is left alone."""
    from evaluation.feedback_set import UnreadableFeedbackError, as_questions, read_feedback, write_questions

    if not feedback.is_file():
        raise NotFoundError(f"There is no file {feedback}.")
    if (dataset / "questions.jsonl").exists():
        raise UsageError(f"{dataset} has questions already: name a folder that holds documents/ only.")
    try:
        said = read_feedback(feedback)
    except UnreadableFeedbackError as error:
        raise UsageError(str(error)) from error
    found = as_questions(said, _paths(stack, region))
    write_questions(dataset, found.questions)
    remark(f"{len(found.questions)} questions; {found.left_out} pieces of feedback do not say what is right.")


def _paths(stack: str | None, region: str | None) -> Callable[[str], str | None]:
    """A document's path below its tenant, asked of the stack; without one nothing is known."""
    if stack is None:
        return lambda _: None
    from cli.connection import connect

    def path_of(document_id: str) -> str | None:
        with connect(None if stack == LOCAL else stack, region) as api:
            view = api.find_document(document_id)
        return view.key.partition("/")[2] if view else None

    return path_of


def _in_process(plan: Plan) -> Result:
    from evaluation.judge import UnknownJudgeError
    from evaluation.local.machine import machine
    from evaluation.run import evaluate

    with machine(plan.cache) as here, progress_bars() as progress:
        try:
            return evaluate(plan, here, progress)
        except UnknownJudgeError as error:
            raise UsageError(str(error)) from error


def _deployed(plan: Plan, stack: str, region: str | None) -> Result:
    from cli.connection import connect
    from evaluation.run import evaluate_deployed

    if plan.generates or plan.threshold is not None or plan.judge is not None:
        raise UsageError(
            "A deployed stack has its own settings: --mode, --chat-answers, --threshold and --judge do not fit."
        )
    with connect(None if stack == LOCAL else stack, region) as api, progress_bars() as progress:
        result = evaluate_deployed(plan, api, stack, progress)
    remark(
        f"The set's documents stay in the stack below {plan.name}/, open to its tenant: delete them if they are no use."
    )
    return result


def _print(result: Result, other: Path | None) -> None:
    from evaluation.comparison import compare
    from evaluation.outcomes import read_outcomes
    from evaluation.report.table import differences, figures, timings

    console = results()
    console.print(figures(result.metrics, result.details))
    console.print(timings(result.metrics))
    if other is not None:
        comparison = compare(read_outcomes(other), result.outcomes)
        remark(f"{comparison.questions} of {len(result.outcomes)} questions were asked in the other run too.")
        console.print(differences(comparison))
    remark(f"Every miss is in {result.plan.out / 'report.html'}.")


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Bars on the terminal, one a stage."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=messages()) as bars:

        def show(items: Iterable[Item], title: str, total: int) -> Iterable[Item]:
            return bars.track(items, total=total, description=title)

        yield show
