"""Run the function that answers with other settings, for as long as a measurement takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

FUNCTION = "AskQuestionFunction"


@contextmanager
def settings_of_answering(stack: Stack, **variables: str) -> Iterator[None]:
    """What parameters set in the function's environment, without a deployment; taken back after."""
    client: LambdaClient = stack.client("lambda")
    resource = stack.client("cloudformation").describe_stack_resource(StackName=stack.name, LogicalResourceId=FUNCTION)
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
