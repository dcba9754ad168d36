"""What the template says about batches of questions, and what their state machine says about the template."""

import json
import re
from random import Random
from typing import Any

from docqa import errors
from docqa.bootstrap.batches import FORGOTTEN, STEP_SECONDS
from docqa.domain.fair_share import kept_places
from docqa.domain.part_places import next_wait
from docqa.models.batch import PART_QUESTIONS
from docqa.models.batch_work import AnswerProgress, AnswerWork, ArrangeWork, Splitting
from docqa.services.batches.finding import QUESTION_SECONDS
from docqa.services.batches.launching import LONGEST_EXECUTION_SECONDS
from docqa.services.batches.receipt import MOST_SECONDS
from docqa.services.batches.turns import HELD_SECONDS
from tests.infrastructure import stack
from tests.infrastructure.test_template_state_machine import LAMBDA_ERRORS, function_of, tasks
from tools import translate

MACHINE = stack.of_type("AWS::StepFunctions::StateMachine")["AnswerBatchStateMachine"]
FILE = translate.ROOT / "statemachines" / "answer_batch.asl.json"
DEFINITION: dict[str, Any] = json.loads(FILE.read_text())
STATES = DEFINITION["States"]
TASKS = dict(tasks(STATES))
# What one iteration of a map writes into the history: its begin and end, its states, and the task in it. There are two
# maps, and each further call of a task goes through its state and the choice after it.
EVENTS_A_PART = 11
EVENTS_A_CALL = 7
# And each time that it waits: its state, the choice after it, and the wait. It does so for at most a day.
EVENTS_A_WAIT = 9
HISTORY_MAX = 25_000
MAPS = [state for state in STATES.values() if state["Type"] == "Map"]


def test_every_placeholder_is_filled_and_the_role_may_call_these_functions_alone() -> None:
    """Promises 5, 10: no state is without its function, and no function beside them can be called."""
    placeholders = set(re.findall(r"\$\{(\w+)\}", FILE.read_text()))
    role = stack.of_type("AWS::IAM::Role")["AnswerBatchStateMachineRole"]
    invoked = next(s for s in stack.statements(role) if stack.listed(s["Action"]) == ["lambda:InvokeFunction"])

    assert placeholders == set(MACHINE["DefinitionSubstitutions"])
    assert all(name == f"{stack.target(arn)}Arn" for name, arn in MACHINE["DefinitionSubstitutions"].items())
    assert stack.targets(invoked["Resource"]) == {function_of(task) for task in TASKS.values()}


def test_executions_are_traced_and_logged_without_what_they_carry() -> None:
    """Promise 8: a trace of each, and a log without any data."""
    assert MACHINE["TracingConfiguration"] == {"Enabled": True}
    assert MACHINE["LoggingConfiguration"]["Level"] == "ERROR"
    assert MACHINE["LoggingConfiguration"]["IncludeExecutionData"] is False


def test_a_task_outlasts_its_function_and_replies_are_waited_for_as_long_as_the_batch_may_take() -> None:
    """Promise 10: every task has a timeout."""
    for name, task in TASKS.items():
        if name == "AskChatModel":
            assert task["TimeoutSecondsPath"] == "$.splitting.seconds_left"
        else:
            assert task["TimeoutSeconds"] > stack.functions()[function_of(task)]["Timeout"], name


def test_a_step_stops_beginning_questions_long_before_its_function_is_stopped() -> None:
    timeout = stack.functions()["AnswerBatchFunction"]["Timeout"]
    assert timeout >= STEP_SECONDS + 2 * QUESTION_SECONDS


def test_every_task_retries_by_name_with_jitter_and_a_cap() -> None:
    """Promise 10: all of docqa's retryable errors; questions are asked through circuit breakers."""
    retryable = {
        name
        for name, error in vars(errors).items()
        if isinstance(error, type) and issubclass(error, errors.RetryableError) and error is not errors.RetryableError
    }
    for name, task in TASKS.items():
        named = {error for retry in task["Retry"] for error in retry["ErrorEquals"]}
        assert retryable <= named <= retryable | LAMBDA_ERRORS, name
        for retry in task["Retry"]:
            assert retry["JitterStrategy"] == "FULL", name
            assert 0 < retry["MaxDelaySeconds"] <= 300, name
            waits_for_others = retry["ErrorEquals"] == ["Lambda.TooManyRequestsException"]
            assert 0 < retry["MaxAttempts"] <= (600 if waits_for_others else 60), name


def test_batches_have_a_bound_together_and_wait_for_their_turn() -> None:
    """Promises 10, 34: however many are under way, and no batch can take all places."""
    parameter = stack.template()["Parameters"]["BatchConcurrency"]
    function = stack.functions()["AnswerBatchFunction"]
    assert function["Environment"]["Variables"]["BATCH_CONCURRENCY"] == {"Ref": "BatchConcurrency"}
    assert "ReservedConcurrentExecutions" not in function, "whoever asks for its turn would be refused"
    assert kept_places(parameter["Default"]) == 1
    assert function["Timeout"] < HELD_SECONDS
    for state in MAPS:
        assert state["MaxConcurrency"] < parameter["Default"]
        assert state["ItemSelector"]["progress"] == AnswerProgress(done=False).model_dump()
        inner = state["ItemProcessor"]["States"]
        (wait,) = [one for one in inner.values() if one["Type"] == "Wait"]
        (choice,) = [one for one in inner.values() if one["Type"] == "Choice"]
        refused = {"Variable": wait["SecondsPath"], "NumericGreaterThan": 0}
        assert refused.items() <= choice["Choices"][1].items()
        assert inner[choice["Choices"][1]["Next"]] == wait
        assert wait["Next"] == choice["Default"]


def test_parts_wait_for_functions_of_others_as_long_as_it_takes() -> None:
    """Promise 10: a batch that waits has not failed after an hour."""
    bounded = [task for task in TASKS.values() if function_of(task) == "AnswerBatchFunction"]
    assert len(bounded) == 2
    for task in bounded:
        (waiting,) = [one for one in task["Retry"] if "Lambda.TooManyRequestsException" in one["ErrorEquals"]]
        # Full jitter waits for half of the longest delay, on average.
        assert waiting["MaxAttempts"] * waiting["MaxDelaySeconds"] / 2 >= 20 * 3600


def test_every_failure_takes_the_one_failure_path_and_the_end_of_the_batchs_time_is_none() -> None:
    """Promise 10: one failure path; where time is over, what is missing is asked in real time."""
    everything = (("States.ALL",), "RecordFailure")
    for name, state in STATES.items():
        if state["Type"] not in ("Task", "Map"):
            continue
        caught = [(tuple(one["ErrorEquals"]), one["Next"]) for one in state["Catch"]]
        if name == "RecordFailure":
            assert caught == [(("States.ALL",), "Failed")]
        elif name == "AskChatModel":
            assert caught == [(("States.Timeout",), "MakeAnswers"), everything]
            assert "States.Timeout" not in json.dumps(state["Retry"])
        else:
            assert caught == [everything], name


def test_ends_that_no_catch_sees_are_recorded_too() -> None:
    """Promise 4: failed, timed-out and aborted executions."""
    rule = stack.of_type("AWS::Events::Rule")["BatchFailedRule"]
    detail = rule["EventPattern"]["detail"]
    assert set(detail["status"]) == {"FAILED", "TIMED_OUT", "ABORTED"}
    assert list(map(stack.target, detail["stateMachineArn"])) == ["AnswerBatchStateMachine"]
    assert stack.target(rule["Targets"][0]["Arn"]) == "ArrangeBatchFunction"


# What may be in the state: which batch, which part, how it went on.
CARRIED = {"step", "batch_id", "part", "waited", "progress", "task_token", "execution", "error"}
KEPT_RESULTS = {"$.splitting": Splitting, "$.progress": AnswerProgress, "$.error": None}


def test_the_state_carries_ids_and_numbers_only() -> None:
    """Promise 11: what a step is given and what is kept of its result has no place for text."""
    for name, state in [*TASKS.items(), *((n, s) for n, s in STATES.items() if s["Type"] == "Map")]:
        given = state.get("ItemSelector") or state["Parameters"].get("Payload") or state["Parameters"]
        assert {key.removesuffix(".$") for key in given} <= CARRIED, name
        assert state["ResultPath"] is None or state["ResultPath"] in KEPT_RESULTS, name
    for model in filter(None, KEPT_RESULTS.values()):
        assert not [name for name, field in model.model_fields.items() if field.annotation is str]


def test_a_step_is_given_what_it_takes() -> None:
    for name, task in TASKS.items():
        given = task["Parameters"].get("Payload") or task["Parameters"]
        model = ArrangeWork if function_of(task) == "ArrangeBatchFunction" else AnswerWork
        values: dict[str, Any] = {
            "batch_id": "b",
            "part": 0,
            "waited": 0,
            "task_token": "t",
            "execution": "e",
            "error": {},
        }
        event = {key.removesuffix(".$"): values.get(key.removesuffix(".$"), given[key]) for key in given}
        assert model.model_validate(event).step == given["step"], name


def waits_in(seconds: int) -> int:
    """How often a part asks that is refused for so long."""
    times = waited = asked = 0
    chance = Random(1)
    while asked < seconds:
        waited = next_wait(waited, chance.random(), has_time=False)
        asked += waited
        times += 1
    return times


def test_the_largest_batch_stays_far_below_the_limits_of_an_execution() -> None:
    """Promise 24: events of the history, and bytes of a state."""
    most = stack.template()["Parameters"]["MaxBatchQuestions"]["MaxValue"]
    parts = most // PART_QUESTIONS
    once = len(MAPS) * parts * EVENTS_A_PART
    assert once <= HISTORY_MAX / 2, "the other half is for retries"
    waits = max(state["MaxConcurrency"] for state in MAPS) * waits_in(24 * 3600)
    more = 2 * parts * EVENTS_A_CALL + waits * EVENTS_A_WAIT
    assert once + more <= HISTORY_MAX, "and for parts that take several calls, and wait for their turn"
    assert len(json.dumps(list(range(parts)))) < 100_000


def test_a_batch_has_less_time_than_its_execution_and_that_less_than_its_place() -> None:
    longest = stack.template()["Parameters"]["BatchWithinSeconds"]["MaxValue"]
    assert longest == MOST_SECONDS
    assert 2 * longest <= DEFINITION["TimeoutSeconds"] < LONGEST_EXECUTION_SECONDS


def test_no_state_leads_nowhere_and_none_is_out_of_reach() -> None:
    """Promise 10: every state can be reached, and every next state is one."""
    machines = [DEFINITION, *(s["ItemProcessor"] for s in STATES.values() if "ItemProcessor" in s)]
    for machine in machines:
        own = {
            name: {key: value for key, value in state.items() if key != "ItemProcessor"}
            for name, state in machine["States"].items()
        }
        led = {machine["StartAt"]} | set(re.findall(r'"(?:Next|Default)": "([^"]+)"', json.dumps(own)))
        assert led == set(own)


def test_files_of_questions_are_told_of_and_other_objects_are_not() -> None:
    inbox = stack.of_type("AWS::S3::Bucket")["InboxBucket"]
    rule = stack.of_type("AWS::Events::Rule")["FileDroppedRule"]
    assert inbox["NotificationConfiguration"]["EventBridgeConfiguration"] == {"EventBridgeEnabled": True}
    assert list(map(stack.target, rule["EventPattern"]["detail"]["bucket"]["name"])) == ["InboxBucket"]
    assert rule["EventPattern"]["detail"]["object"]["key"] == [{"suffix": ".jsonl"}]
    assert stack.target(rule["Targets"][0]["Arn"]) == "InboxQueue"


def test_files_of_batches_are_forgotten_after_a_month() -> None:
    """Promise 7: lifecycle; what is written has the tag that the rule looks for."""
    buckets = stack.of_type("AWS::S3::Bucket")
    (tagged,) = [one for one in buckets["WorkBucket"]["LifecycleConfiguration"]["Rules"] if "TagFilters" in one]
    (inbox,) = [one for one in buckets["InboxBucket"]["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in one]
    assert [f"{one['Key']}={one['Value']}" for one in tagged["TagFilters"]] == [FORGOTTEN]
    assert inbox.keys() == {"Id", "Status", "ExpirationInDays"}, "uploads, dropped files and their results"
    assert (tagged["ExpirationInDays"], inbox["ExpirationInDays"]) == (31, 31)


def test_whoever_writes_files_of_batches_may_tag_them() -> None:
    """Promise 6: a write with a tag needs both permissions."""
    for name, role in stack.of_type("AWS::IAM::Role").items():
        for statement in stack.statements(role):
            actions = set(stack.listed(statement["Action"]))
            if "batches/*" in json.dumps(statement["Resource"]) and "s3:PutObject" in actions:
                assert "s3:PutObjectTagging" in actions, name
