"""What the template says about the state machine, and what the state machine says about the template."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docqa import errors
from docqa.bootstrap.ingestion import FETCHING_SECONDS
from docqa.domain.failure_words import LAMBDA_SERVICE_ERRORS
from docqa.models.work import Chunking, Collection, ExtractionPlan, Inspection
from tests.infrastructure import stack
from tools import translate

MACHINE = stack.of_type("AWS::StepFunctions::StateMachine")["IngestDocumentStateMachine"]
DEFINITION = translate.ROOT / "statemachines" / "ingest_document.asl.json"


def tasks(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every Task by name, those inside a Map or Parallel too."""
    for name, state in states.items():
        if state["Type"] == "Task":
            yield name, state
        if "ItemProcessor" in state:
            yield from tasks(state["ItemProcessor"]["States"])
        for branch in state.get("Branches", []):
            yield from tasks(branch["States"])


def function_of(task: dict[str, Any]) -> str:
    """Logical id of the function that a task calls."""
    called = re.findall(r"\$\{(\w+)Arn\}", task["Resource"] + str(task.get("Parameters", "")))
    assert len(called) == 1, task
    return str(called[0])


def test_every_placeholder_is_filled_and_none_is_filled_in_vain() -> None:
    """Promise 10: a placeholder left as it is would be an ARN of nothing."""
    placeholders = set(re.findall(r"\$\{(\w+)\}", DEFINITION.read_text()))
    filled = MACHINE["DefinitionSubstitutions"]

    assert placeholders == set(filled)
    assert all(name == f"{stack.target(arn)}Arn" for name, arn in filled.items())


def test_the_state_machine_may_call_its_steps_and_nothing_else() -> None:
    """Promise 5: its role names exactly the functions of the definition."""
    role = stack.of_type("AWS::IAM::Role")["IngestDocumentStateMachineRole"]
    invoked = next(s for s in stack.statements(role) if stack.listed(s["Action"]) == ["lambda:InvokeFunction"])
    steps = {function_of(task) for _, task in tasks(json.loads(DEFINITION.read_text())["States"])}

    assert stack.targets(invoked["Resource"]) == steps


def test_a_task_waits_longer_than_its_function_may_run() -> None:
    """Promise 10: a function that hangs ends by its own timeout, with its own error name."""
    for name, task in tasks(json.loads(DEFINITION.read_text())["States"]):
        function = stack.functions()[function_of(task)]
        assert task["TimeoutSeconds"] > function["Timeout"], name


def test_collecting_stops_saving_long_before_its_function_is_stopped() -> None:
    """Promise 24: what it has begun, and putting the pages together, fit into the rest."""
    assert stack.functions()["CollectPagesFunction"]["Timeout"] >= FETCHING_SECONDS * 2


def test_text_extraction_is_waited_for_several_times_as_long_as_the_largest_document_takes() -> None:
    """Promise 22: Textract may take an hour for 3,000 pages; a limit there is, within what an execution may take."""
    definition = json.loads(DEFINITION.read_text())
    task = definition["States"]["ExtractText"]
    (asking,) = (retry for retry in task["Retry"] if "States.Timeout" in retry["ErrorEquals"])
    longest = task["TimeoutSeconds"] * (asking["MaxAttempts"] + 1) + asking["MaxDelaySeconds"] * asking["MaxAttempts"]
    assert task["TimeoutSeconds"] * (asking["MaxAttempts"] + 1) >= 3 * 3600
    assert longest < definition["TimeoutSeconds"]


def test_a_document_has_more_time_than_its_execution() -> None:
    """Promise 20: the sweeper calls nothing overdue that may still be running."""
    deadline = stack.template()["Parameters"]["IngestDeadlineSeconds"]["Default"]
    assert deadline > json.loads(DEFINITION.read_text())["TimeoutSeconds"]


def test_executions_are_traced_and_logged_without_what_they_carry() -> None:
    """Promise 8: tracing and logs, of the state machine too."""
    assert MACHINE["TracingConfiguration"] == {"Enabled": True}
    assert MACHINE["LoggingConfiguration"]["Level"] == "ERROR"
    assert MACHINE["LoggingConfiguration"]["IncludeExecutionData"] is False
    assert MACHINE["StateMachineType"] == "STANDARD"


def test_the_definition_is_the_file_in_the_repository() -> None:
    source = translate.source()["Resources"]["IngestDocumentStateMachine"]["Properties"]["DefinitionUri"]
    assert translate.ROOT / Path(source) == DEFINITION


# What may be in the state: who the document is, counts and ranges, and the one word that names its type.
CARRIED = {"reference", "span", "media_type", "plan", "task_token", "revision", "error", "chunking", "goes_on"}
KEPT_RESULTS = {
    "$.inspection": Inspection,
    "$.plan": ExtractionPlan,
    "$.collection": Collection,
    "$.chunking": Chunking,
    "$.error": None,
}
WORDS = {"media_type", "artifact"}  # a media type, and a prefix of the work bucket


def test_the_state_carries_references_and_counts_only() -> None:
    """Promise 11: what a step is given and what is kept of its result has no place for text."""
    definition = json.loads(DEFINITION.read_text())["States"]
    for name, state in [*tasks(definition), *((n, s) for n, s in definition.items() if s["Type"] == "Map")]:
        given = state.get("ItemSelector") or state["Parameters"].get("Payload") or state["Parameters"]
        assert {key.removesuffix(".$") for key in given} <= CARRIED, name
        assert state["ResultPath"] is None or state["ResultPath"] in KEPT_RESULTS, name
    for model in filter(None, KEPT_RESULTS.values()):
        words = {name for name, field in model.model_fields.items() if field.annotation is str}
        assert words <= WORDS, model.__name__


def test_every_task_retries_by_name_with_jitter_and_a_cap() -> None:
    """Promise 10: the names are docqa's retryable errors and Lambda's own, the same at every task."""
    # Names are compared as they are: that one is a kind of another does not count.
    of_steps = {name for name, error in vars(errors).items() if _is_a(error, errors.RetryableError)}
    of_steps -= {"RetryableError"}
    for name, task in tasks(json.loads(DEFINITION.read_text())["States"]):
        named = {error for retry in task["Retry"] for error in retry["ErrorEquals"]}
        assert "States.ALL" not in named, name
        assert of_steps <= named, name
        assert named <= of_steps | LAMBDA_ERRORS, name
        for retry in task["Retry"]:
            assert retry["JitterStrategy"] == "FULL", name
            assert 0 < retry["MaxDelaySeconds"] <= 300, name
            assert 0 < retry["MaxAttempts"] <= 60, name


def test_lambda_s_own_throttle_is_waited_for_like_any_other() -> None:
    """Promises 10, 34a: hundreds of executions meet the account's concurrency; nobody's document fails for that."""
    for name, task in tasks(json.loads(DEFINITION.read_text())["States"]):
        (patient,) = [retry for retry in task["Retry"] if "ThrottledError" in retry["ErrorEquals"]]
        throttles = {one for one, kind in LAMBDA_SERVICE_ERRORS.items() if issubclass(kind, errors.ThrottledError)}
        assert throttles <= set(patient["ErrorEquals"]), name
        assert patient["MaxAttempts"] * patient["MaxDelaySeconds"] / 2 >= 3_600, name  # with full jitter: half of each


def test_what_step_functions_calls_a_failure_of_lambda_is_known_to_whoever_judges_it() -> None:
    """Promise 20: what outlasts the machine's retries is tried again as a whole, and no reason for failing at once."""
    for name, task in tasks(json.loads(DEFINITION.read_text())["States"]):
        named = {error for retry in task["Retry"] for error in retry["ErrorEquals"]}
        assert set(LAMBDA_SERVICE_ERRORS) <= named, name


def test_every_failure_takes_the_one_failure_path() -> None:
    """Promise 10: void work ends quietly, all else is recorded; what is inside a map fails the map."""
    states = json.loads(DEFINITION.read_text())["States"]
    working = {name: state for name, state in states.items() if state["Type"] in ("Task", "Map")}
    for name, state in working.items():
        caught = [(tuple(one["ErrorEquals"]), one["Next"]) for one in state["Catch"]]
        if name == "RecordFailure":
            assert caught == [(("States.ALL",), "Failed")]
        else:
            assert caught == [(("StaleVersionError",), "Superseded"), (("States.ALL",), "RecordFailure")], name
    assert _is_a(errors.StaleVersionError, errors.DocqaError)


def test_no_state_leads_nowhere_and_none_is_out_of_reach() -> None:
    """Promise 10: neither sam, cfn-lint nor the emulator sees a dangling Next."""

    def check(machine: dict[str, Any]) -> None:
        states = machine["States"]
        following = {
            name: set(re.findall(r'"(?:Next|Default)": "([^"]+)"', json.dumps(_own(s)))) for name, s in states.items()
        }
        reached, open_ends = set(), {machine["StartAt"]}
        while open_ends:
            name = open_ends.pop()
            assert name in states, f"{name} is no state"
            reached.add(name)
            open_ends |= following[name] - reached
        assert reached == set(states)
        for state in states.values():
            if "ItemProcessor" in state:
                check(state["ItemProcessor"])

    check(json.loads(DEFINITION.read_text()))


LAMBDA_ERRORS = {
    *LAMBDA_SERVICE_ERRORS,
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.Timeout",
}


def _own(state: dict[str, Any]) -> dict[str, Any]:
    """A state without the states inside it."""
    return {key: value for key, value in state.items() if key != "ItemProcessor"}


def _is_a(value: object, kind: type) -> bool:
    return isinstance(value, type) and issubclass(value, kind)
