"""The demo's person becomes an administrator when somebody asks for it, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from cli.errors import NotFoundError, SignInError, UnavailableError
from cli.stack import NOT_RUNNING, NOTHING_DEPLOYED, LocalUser, Stack
from devstack.people import make_administrator

STACK = Stack(
    name="docqa-local",
    region="us-east-1",
    outputs={"UserPoolId": "us-east-1_Pool"},
    user=LocalUser(username="demo@example.com", password="secret"),
)
ADMIN_GROUP = "keepers"
RESOURCE = {
    "LogicalResourceId": "AdminUserGroup",
    "PhysicalResourceId": ADMIN_GROUP,
    "ResourceType": "AWS::Cognito::UserPoolGroup",
    "LastUpdatedTimestamp": datetime(2026, 11, 29, tzinfo=UTC),
    "ResourceStatus": "CREATE_COMPLETE",
}
NAMED = {"StackName": "docqa-local", "LogicalResourceId": "AdminUserGroup"}


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Stubber]]:
    """The stack's services, with answers written down beforehand; nothing leaves the process."""
    keys = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    clients = {name: boto3.client(name, **keys) for name in ("cloudformation", "cognito-idp")}  # type: ignore[call-overload]
    monkeypatch.setattr(Stack, "client", lambda _, name: clients[name])
    stubbers = {name: Stubber(client) for name, client in clients.items()}
    for stubber in stubbers.values():
        stubber.activate()
    yield stubbers
    for stubber in stubbers.values():
        stubber.assert_no_pending_responses()


def test_the_person_joins_the_group_that_the_stack_names(services: dict[str, Stubber]) -> None:
    services["cloudformation"].add_response("describe_stack_resource", {"StackResourceDetail": RESOURCE}, NAMED)
    joining = {"UserPoolId": "us-east-1_Pool", "Username": "demo@example.com", "GroupName": ADMIN_GROUP}
    services["cognito-idp"].add_response("admin_add_user_to_group", {}, joining)

    assert make_administrator(STACK) == "demo@example.com"


def test_where_the_demo_did_not_run_it_says_to_run_it() -> None:
    with pytest.raises(SignInError, match="make demo"):
        make_administrator(STACK.model_copy(update={"user": None}))


def test_a_person_who_went_with_the_data_says_to_run_the_demo(services: dict[str, Stubber]) -> None:
    services["cloudformation"].add_client_error("describe_stack_resource", "ValidationError", "does not exist")

    with pytest.raises(NotFoundError) as caught:
        make_administrator(STACK)

    assert str(caught.value) == NOTHING_DEPLOYED


@pytest.mark.usefixtures("services")
def test_a_stopped_cloud_says_to_start_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:4566")

    monkeypatch.setattr(STACK.client("cloudformation"), "describe_stack_resource", unreachable)

    with pytest.raises(UnavailableError) as caught:
        make_administrator(STACK)

    assert str(caught.value) == NOT_RUNNING
