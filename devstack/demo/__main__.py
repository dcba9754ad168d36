"""`python -m devstack.demo`: the whole of docqa on this machine, from nothing to cited answers."""

from __future__ import annotations

import os
import sys

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.api import Api
from cli.connection import connect
from cli.errors import CommandError
from cli.output import WIDTH_WITHOUT_TERMINAL, literal
from cli.stack import Stack, local_stack_file
from devstack import control, deploy
from devstack.demo import material, report
from devstack.demo.ask import Asked, ask_all
from devstack.demo.drop import drop, follow
from devstack.demo.stages import Stages
from devstack.errors import DevstackError
from devstack.people import ensure_person
from devstack.progress import ConsoleProgress
from devstack.settings import REPOSITORY, DevstackSettings

REPORT = REPOSITORY / "build" / "demo.json"


def main() -> int:
    """Run the demo; 0 if everything was as it should be, 1 with the reason on stderr if not."""
    console = Console(highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    try:
        found = run(console)
    except (CommandError, DevstackError) as error:
        print(f"make demo: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"make demo: the AWS emulator refused: {error} (make status names its log)", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make demo: stopped; what was started goes on running (make down stops it).", file=sys.stderr)
        return 130
    for sentence in found:
        print(f"make demo: {sentence}", file=sys.stderr)
    return 1 if found else 0


def run(console: Console) -> list[str]:
    """The demo from start to report; what was not as it should be."""
    stages = Stages(console)
    stack = _deploy(stages)
    questions = material.questions()
    with connect(None, None) as api:
        with stages.stage("documents", "Dropping documents and watching them"):
            dropped = drop(stack, api, material.documents())
            views = follow(api, dropped, console)
        with stages.stage("questions", "Asking over HTTP and through the queue"):
            asked = _ask(stack, api, questions, console)
    made = report.DemoReport(
        seconds=round(stages.total(), 2),
        stages=[report.StageReport(name=name, seconds=round(took, 2)) for name, took in stages.seconds.items()],
        documents=report.document_reports(dropped, views),
        answers=report.answer_reports(asked),
    )
    made.write(REPORT)
    report.print_answers(made.answers, console)
    report.print_holding(made.answers, console)
    console.print(literal(f"{made.seconds:.0f} s in all; the whole report is {REPORT.relative_to(REPOSITORY)}."))
    return report.shortcomings(made, questions)


def _deploy(stages: Stages) -> Stack:
    settings = DevstackSettings.from_environment(os.environ)
    with stages.stage("start", "Starting the one-machine cloud"):
        control.up(settings, ConsoleProgress(stages.console))
    with stages.stage("deploy", "Building and deploying"):
        stack = deploy.deploy(settings, progress=ConsoleProgress(stages.console))
    with stages.stage("sign-in", "Signing the demo's person in"):
        return ensure_person(stack, local_stack_file(), material.TENANT, (material.GROUP,))


def _ask(stack: Stack, api: Api, questions: list[material.DemoQuestion], console: Console) -> list[Asked]:
    columns = (TextColumn("Asking"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=len(questions))
        return ask_all(stack, api, questions, lambda count: progress.advance(task, count))


if __name__ == "__main__":
    sys.exit(main())
