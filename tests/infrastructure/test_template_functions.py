"""Every function is sized, traced and logged, and its environment holds what it reads."""

import re
from typing import Any

import pytest

from tests.infrastructure import stack

FUNCTIONS = stack.functions()
LOG_GROUPS = stack.of_type("AWS::Logs::LogGroup")
SECRET = re.compile(r"secret|password|token|credential|api_?key", re.IGNORECASE)
# Numbers and names that only look like it.
NO_SECRETS = {"CHAT_MAX_TOKENS", "CHAT_TOKENS_PER_MINUTE", "EMBEDDING_TOKENS_PER_MINUTE", "RESEARCH_TOKENS"}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_is_sized_and_traced(name: str) -> None:
    """Promise 8: memory, timeout, tracing."""
    function = FUNCTIONS[name]

    assert 128 <= function["MemorySize"] <= 1536
    assert 3 <= function["Timeout"] <= 900
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert function["Runtime"] == {"Ref": "Runtime"}
    assert function["Architectures"] == [{"Ref": "Architecture"}]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_functions_log_ends_some_day(name: str) -> None:
    """Promise 8: log retention; the log group is there before the first line."""
    group = stack.target(FUNCTIONS[name]["LoggingConfig"]["LogGroup"])

    assert group == f"{name.removesuffix('Function')}LogGroup"
    assert LOG_GROUPS[group]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("name", sorted(LOG_GROUPS))
def test_every_log_ends_some_day(name: str) -> None:
    """Promise 8: the API's and the state machine's too."""
    assert LOG_GROUPS[name]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_no_function_carries_a_secret_in_its_environment(name: str) -> None:
    """Promise 8: no secret in its environment."""
    variables: dict[str, Any] = FUNCTIONS[name]["Environment"]["Variables"]

    assert not [key for key in variables if SECRET.search(key) and key not in NO_SECRETS]
    assert not [value for value in variables.values() if isinstance(value, str) and "{{resolve:" in value]


def test_a_function_behind_the_api_ends_before_the_api_stops_waiting() -> None:
    behind = {
        stack.target(permission["FunctionName"])
        for permission in stack.of_type("AWS::Lambda::Permission").values()
        if permission["Principal"] == "apigateway.amazonaws.com"
    }
    assert len(behind) == 15
    assert all(FUNCTIONS[name]["Timeout"] <= 29 for name in behind)
