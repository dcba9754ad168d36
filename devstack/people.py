"""The person of the demo: a Cognito user of the one-machine cloud, with a password that only this machine knows."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors import NotFoundError, SignInError, UnavailableError
from cli.stack import NO_PERSON, NOT_RUNNING, NOTHING_DEPLOYED, LocalUser, Stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

USERNAME = "demo@example.com"


def ensure_person(stack: Stack, file: Path, tenant: str, groups: tuple[str, ...]) -> Stack:
    """The stack with its person's sign-in, which `file` keeps; they are created unless it knows them already."""
    if stack.user is not None and _exists(stack, stack.user.username):
        return stack
    # Every kind of character, whatever the pool's policy asks for.
    user = LocalUser(username=USERNAME, password=f"Aa1!{secrets.token_urlsafe(24)}")
    _create(stack, user, tenant, groups)
    known = stack.model_copy(update={"user": user})
    write_privately(file, known.model_dump_json(indent=2) + "\n")
    return known


def make_administrator(stack: Stack) -> str:
    """Put the stack's person into the group that its AdminGroup names, besides the groups they are in.

    Returns:
        The person's name; tokens that they have already do not know of it.

    Raises:
        SignInError: there is no person yet.
        UnavailableError: the emulator does not run.
        NotFoundError: nothing is deployed in it.
    """
    from botocore.exceptions import ClientError, EndpointConnectionError

    if stack.user is None:
        raise SignInError(NO_PERSON)
    cognito: CognitoIdentityProviderClient = stack.client("cognito-idp")
    try:
        cognito.admin_add_user_to_group(
            UserPoolId=stack.output("UserPoolId"), Username=stack.user.username, GroupName=_admin_group(stack)
        )
    except EndpointConnectionError as error:
        raise UnavailableError(NOT_RUNNING) from error
    except ClientError as error:
        # The stack, its pool or the person went with the emulator's data, and the note of them stayed.
        raise NotFoundError(NOTHING_DEPLOYED) from error
    return stack.user.username


def _admin_group(stack: Stack) -> str:
    formation: CloudFormationClient = stack.client("cloudformation")
    found = formation.describe_stack_resource(StackName=stack.name, LogicalResourceId="AdminUserGroup")
    return found["StackResourceDetail"]["PhysicalResourceId"]


def write_privately(file: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        output.write(text)
    draft.replace(file)


def _exists(stack: Stack, username: str) -> bool:
    cognito: CognitoIdentityProviderClient = stack.client("cognito-idp")
    try:
        cognito.admin_get_user(UserPoolId=stack.output("UserPoolId"), Username=username)
    except cognito.exceptions.UserNotFoundException:
        return False
    return True


def _create(stack: Stack, user: LocalUser, tenant: str, groups: tuple[str, ...]) -> None:
    cognito: CognitoIdentityProviderClient = stack.client("cognito-idp")
    pool = stack.output("UserPoolId")
    if _exists(stack, user.username):
        cognito.admin_delete_user(UserPoolId=pool, Username=user.username)  # its password is lost
    cognito.admin_create_user(
        UserPoolId=pool,
        Username=user.username,
        UserAttributes=[
            {"Name": "email", "Value": user.username},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "custom:tenant", "Value": tenant},
        ],
        MessageAction="SUPPRESS",
        TemporaryPassword=user.password,  # the emulator's own would not meet the pool's policy
    )
    cognito.admin_set_user_password(UserPoolId=pool, Username=user.username, Password=user.password, Permanent=True)
    for group in groups:
        _ensure_group(cognito, pool, group)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=user.username, GroupName=group)


def _ensure_group(cognito: CognitoIdentityProviderClient, pool: str, group: str) -> None:
    with contextlib.suppress(cognito.exceptions.GroupExistsException):
        cognito.create_group(UserPoolId=pool, GroupName=group)
