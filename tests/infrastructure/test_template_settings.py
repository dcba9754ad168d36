"""A function's environment is what it reads: nothing is missing, and nothing is there in vain."""

import contextlib
import runpy

import pytest

from docqa import config
from docqa.config import Settings
from tests.infrastructure import functions

EVERYBODY = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_LOG_LEVEL"}
# Read by boto3, not by us; only in functions that call the service (and only locally with a value).
REPLACED_ENDPOINTS = {
    "AWS_ENDPOINT_URL_BEDROCK": "bedrock",
    "AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME": "bedrock-agent-runtime",
    "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "bedrock-runtime",
    "AWS_ENDPOINT_URL_SAGEMAKER": "sagemaker",
    "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "sagemaker-runtime",
    "AWS_ENDPOINT_URL_TEXTRACT": "textract",
}


class _SettingsFoundError(Exception):
    """Ends the import of a function where it would read its environment."""


def settings_of(function: str, monkeypatch: pytest.MonkeyPatch) -> type[Settings]:
    """The class with which the function's app.py reads its environment."""
    found: list[type[Settings]] = []

    def stop(settings: type[Settings]) -> None:
        found.append(settings)
        raise _SettingsFoundError

    monkeypatch.setattr(config, "load_settings", stop)
    with contextlib.suppress(_SettingsFoundError):
        module = runpy.run_path(str(functions.FUNCTIONS / function / "app.py"), run_name="app")
        found = [  # one that reads its environment when it is called
            value
            for value in module.values()
            if isinstance(value, type) and issubclass(value, Settings) and value.__module__ == "app"
        ]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("function", functions.names())
def test_the_template_gives_a_function_exactly_what_it_reads(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = set(functions.in_template()[function]["Environment"]["Variables"]) - EVERYBODY - set(REPLACED_ENDPOINTS)
    read = {name.upper() for name in settings_of(function, monkeypatch).model_fields}

    assert given == read


def test_the_template_has_the_functions_of_the_repository_and_no_other() -> None:
    assert sorted(functions.in_template()) == functions.names()


def test_an_endpoint_is_replaced_only_where_the_service_is_called() -> None:
    """Every function that may call the service can be pointed at the model server, and no other."""
    actions = {
        "AWS_ENDPOINT_URL_BEDROCK": "bedrock:CreateModelInvocationJob",
        "AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME": "bedrock:Rerank",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "bedrock:InvokeModel",
        "AWS_ENDPOINT_URL_SAGEMAKER": "sagemaker:CreateTransformJob",
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "sagemaker:InvokeEndpoint",
        "AWS_ENDPOINT_URL_TEXTRACT": "textract:",
    }
    assert set(actions) == set(REPLACED_ENDPOINTS)
    for properties in functions.in_template().values():
        allowed = str(properties.get("Policies", []))
        for variable, action in actions.items():
            assert (variable in properties["Environment"]["Variables"]) is (action in allowed)
