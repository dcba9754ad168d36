"""Run a function with other settings, for as long as a measurement takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

FUNCTION = "AskQuestionFunction"


def settings_of_answering(stack: Stack, **variables: str) -> AbstractContextManager[None]:
    """Other settings for the function that answers over HTTP."""
    return settings_of(stack, FUNCTION, **variables)


@contextmanager
def settings_of(stack: Stack, function: str, **variables: str) -> Iterator[None]:
    """What parameters set in a function's environment, without a deployment; taken back after.

    `function` is its name in the template.
    """
    client: LambdaClient = stack.client("lambda")
    resource = stack.client("cloudformation").describe_stack_resource(StackName=stack.name, LogicalResourceId=function)
    name = resource["StackResourceDetail"]["PhysicalResourceId"]
    before = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    _set(client, name, {**before, **variables})
    try:
        yield
    finally:
        _set(client, name, before)


def _set(client: LambdaClient, name: str, variables: dict[str, str]) -> None:
    client.update_function_configuration(FunctionName=name, Environment={"Variables": variables})
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
