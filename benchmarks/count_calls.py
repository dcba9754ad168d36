"""`make count`: count what a ten-page document and a question call, on the running one-machine cloud.

Writes benchmarks/counted_calls.json, which benchmarks/cost.py multiplies with dated prices. Run it while nothing else
uses the stack.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.deployed_settings import settings_of_answering
from benchmarks.main_path import ask_once, index_once
from benchmarks.recorded_calls import recorded_calls
from cli.api import Api
from cli.connection import connect, find_stack
from cli.errors import CommandError
from cli.stack import Stack
from devstack.demo.material import questions
from tools import translate

COUNTED = Path(__file__).parent / "counted_calls.json"
QUESTIONS = 10
# After the last answer: messages that clean up are still on their way.
SETTLE_SECONDS = 5
# Looking whether a document is done costs calls too; one look has to do.
LOOK_SECONDS = 20
# The emulator's histories leave out the states inside a Map; each is one run of its function.
FUNCTIONS_IN_MAPS = ("ReadPages", "EmbedChunks", "IndexChunks")
REPORT = re.compile(r"Billed Duration: (?P<ms>[\d.]+) ms\s+Memory Size: (?P<mb>\d+) MB")


def main() -> int:
    """Count and write."""
    stack = find_stack(None, None)
    try:
        with connect(None, None) as api:
            counted = {
                "date": dt.datetime.now(dt.UTC).date().isoformat(),
                "per_document": _document(stack, api),
                "per_question": _question(stack, api),
            }
    except CommandError as error:
        print(f"make count: {error}", file=sys.stderr)
        return 1
    COUNTED.write_text(json.dumps(counted, indent=2) + "\n")
    print(f"Written to {COUNTED.name}.")
    return 0


def _document(stack: Stack, api: Api) -> dict[str, Any]:
    began = time.time()
    with recorded_calls(stack) as calls:
        done = index_once(api, poll_seconds=LOOK_SECONDS)
        time.sleep(SETTLE_SECONDS)
    return {
        "pages": done.pages,
        "passages": done.chunks,
        "calls": dict(sorted(calls.items())),
        "usage": done.usage,
        "lambda": billed(stack, began),
        "state_transitions": _transitions(stack, began),
    }


def _question(stack: Stack, api: Api) -> dict[str, Any]:
    texts = [question.question for question in questions() if question.is_answerable]
    # The local stack gives its small model less to read than the template's defaults do.
    with settings_of_answering(stack, **_defaults("CHAT_PASSAGES", "CHAT_MAX_TOKENS", "CHAT_ANSWERS", "CHAT_SAMPLES")):
        ask_once(api, texts[0])
        began = time.time()
        with recorded_calls(stack) as calls:
            answers = [ask_once(api, texts[number % len(texts)])[1] for number in range(QUESTIONS)]
            time.sleep(SETTLE_SECONDS)
    usage = Counter[str]()
    for answer in answers:
        usage.update(answer.usage.model_dump(exclude={"usd"}))
    return {
        "calls": {name: count / QUESTIONS for name, count in sorted(calls.items())},
        "usage": {name: count / QUESTIONS for name, count in usage.items()},
        "lambda": {name: value / QUESTIONS for name, value in billed(stack, began).items()},
        "chat_seconds": sum(answer.timings_ms.get("generate", 0.0) for answer in answers) / 1000 / QUESTIONS,
    }


def _defaults(*variables: str) -> dict[str, str]:
    """Variables of the function as the template's defaults set them."""
    template = translate.source()
    function = template["Resources"]["AskQuestionFunction"]["Properties"]["Environment"]["Variables"]
    return {name: str(template["Parameters"][function[name]["Ref"]]["Default"]) for name in variables}


def billed(stack: Stack, began: float) -> dict[str, float]:
    """Invocations and gigabyte seconds since `began`, from the REPORT lines of the functions' logs."""
    reports = [REPORT.search(line) for line in _log_lines(stack, began, log_groups(stack))]
    found = [(float(report["ms"]), float(report["mb"])) for report in reports if report]
    return {"invocations": len(found), "gigabyte_seconds": round(sum(ms / 1000 * mb / 1024 for ms, mb in found), 4)}


def _log_lines(stack: Stack, began: float, groups: list[str]) -> Iterator[str]:
    logs = stack.client("logs")
    for group in groups:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=int(began * 1000))
        for page in pages:
            yield from (event["message"] for event in page["events"])


def log_groups(stack: Stack) -> list[str]:
    """Names of the functions' log groups."""
    pages = stack.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack.name)
    resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
    return [one["PhysicalResourceId"] for one in resources if one["ResourceType"] == "AWS::Logs::LogGroup"]


def _transitions(stack: Stack, began: float) -> int:
    """States entered by the executions that started since `began`."""
    states = stack.client("stepfunctions")
    machine = stack.output("StateMachineArn")
    listed = states.get_paginator("list_executions").paginate(stateMachineArn=machine)
    recent = [one for page in listed for one in page["executions"] if one["startDate"].timestamp() >= began]
    histories = states.get_paginator("get_execution_history")
    entered: int = sum(
        event["type"].endswith("StateEntered")
        for one in recent
        for page in histories.paginate(executionArn=one["executionArn"])
        for event in page["events"]
    )
    groups = [group for group in log_groups(stack) if group.endswith(FUNCTIONS_IN_MAPS)]
    return entered + sum(bool(REPORT.search(line)) for line in _log_lines(stack, began, groups))


if __name__ == "__main__":
    sys.exit(main())
