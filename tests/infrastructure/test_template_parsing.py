"""The functions that parse files of strangers leave their child processes room and time."""

import json

import pytest

from docqa.domain.parsing_limits import ParsingLimits
from tests.infrastructure import functions, stack

MIB = 1024 * 1024
LIMITS = ParsingLimits()
FUNCTIONS = stack.functions()
PARSING = ["InspectDocumentFunction", "ReadPagesFunction", "PrepareExtractionFunction"]
# A parse that something outside ended is done once more.
ATTEMPTS = 2
# Fetching a document of 500 MB, and what the function does besides.
SECONDS_BESIDES = 30
# Resident in a function that has read 3,000 pages, and in the process that its children are forked from.
MIB_BESIDES = 300
STATE_MACHINE = json.loads((functions.ROOT / "statemachines" / "ingest_document.asl.json").read_text())


@pytest.mark.parametrize("name", PARSING)
def test_a_function_outlives_the_parses_that_it_waits_for(name: str) -> None:
    """Promise 46: a parse ends by its own limit, so that its failure is stated, and not by the function's."""
    assert FUNCTIONS[name]["Timeout"] >= ATTEMPTS * LIMITS.wall_seconds + SECONDS_BESIDES
    assert LIMITS.cpu_seconds < LIMITS.wall_seconds


@pytest.mark.parametrize("name", PARSING)
def test_a_parse_reaches_its_limit_of_memory_before_the_function_does(name: str) -> None:
    """Promise 46: bounded memory, with a stated failure instead of a killed function."""
    assert FUNCTIONS[name]["MemorySize"] * MIB >= LIMITS.memory_bytes + MIB_BESIDES * MIB


def test_the_tasks_outlive_their_functions() -> None:
    """Promise 46: the state machine hears of the limit from the function."""
    states = STATE_MACHINE["States"]
    tasks = [
        states["InspectDocument"],
        states["ReadPages"]["ItemProcessor"]["States"]["ReadSpan"],
        states["PrepareExtraction"],
    ]
    for name, task in zip(PARSING, tasks, strict=True):
        assert task["TimeoutSeconds"] > FUNCTIONS[name]["Timeout"]


def test_no_task_tries_a_refused_document_again() -> None:
    """Promises 21, 46: the errors of documents are in no list of retries."""
    text = json.dumps(STATE_MACHINE)
    assert "ParsingLimitError" not in text
    assert "ParserFaultError" not in text
    assert "DocumentError" not in text
