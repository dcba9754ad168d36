"""`docqa login` and `docqa logout`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import Region
from cli.output import remark

AwsStack = Annotated[str, typer.Option("--stack", envvar="DOCQA_STACK", help="The stack in AWS.")]


def login(
    stack: AwsStack,
    username: Annotated[str, typer.Option("--username", "-u", prompt=True, help="Your name in the stack's user pool.")],
    region: Region = None,
) -> None:
    """Sign in at a stack in AWS; the session is kept in your configuration folder and renewed by itself."""
    from cli.connection import login as sign_in

    password = typer.prompt("Password", hide_input=True, err=True)
    found = sign_in(stack, region, username, password, _ask)
    remark(f"Signed in at {found.name} in {found.region} as {username}.")


def logout(stack: AwsStack, region: Region = None) -> None:
    """Forget the session at a stack."""
    from cli.connection import logout as forget

    remark(f"Signed out of {stack}." if forget(stack, region) else f"You were not signed in at {stack}.")


def _ask(question: str) -> str:
    return str(typer.prompt(question, hide_input=True, err=True))
