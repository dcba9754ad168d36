"""From `--stack` to a signed-in client of its HTTP API."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from cli.api import Api
from cli.errors import SignInError
from cli.session import (
    Session,
    configuration_folder,
    is_fresh,
    keep_session,
    load_session,
    renewed,
    session_file,
    sign_in,
)
from cli.stack import NO_PERSON, Stack, aws_stack, local_stack, local_stack_file


def find_stack(name: str | None, region: str | None) -> Stack:
    """The named stack in AWS, or the one on this machine. A session's own note of it saves the look-up."""
    if name is None:
        return local_stack(local_stack_file())
    session = load_session(_file(name, region))
    return session.stack if session else aws_stack(name, region)


def connect(name: str | None, region: str | None) -> Api:
    """A client of the stack's API for whoever is signed in.

    Raises:
        SignInError: nobody is, or the session has ended.
    """
    session = _local_session() if name is None else _aws_session(name, region)
    return Api(session.stack.api_url, session.id_token, direct=session.stack.endpoint_url is not None)


def login(name: str, region: str | None, username: str, password: str, ask: Callable[[str], str]) -> Stack:
    """Sign in at a stack in AWS, and remember the session and the stack's addresses."""
    stack = aws_stack(name, region)
    keep_session(_file(name, region), sign_in(stack, username, password, ask))
    return stack


def logout(name: str, region: str | None) -> bool:
    """Forget the session; whether there was one."""
    file = _file(name, region)
    existed = file.exists()
    file.unlink(missing_ok=True)
    return existed


def forget_local_session() -> None:
    """Have the demo's person signed in anew by the next command: a token holds the groups of when it was made."""
    _local_file(local_stack(local_stack_file())).unlink(missing_ok=True)


def _file(name: str, region: str | None) -> Path:
    region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return session_file(configuration_folder(), name, region)


def _local_file(stack: Stack) -> Path:
    return session_file(configuration_folder(), f"{stack.name}@{stack.output('UserPoolClientId')}", "local")


def _aws_session(name: str, region: str | None) -> Session:
    file = _file(name, region)
    session = load_session(file)
    if session is None:
        raise SignInError(f"You are not signed in at {name}: run docqa login --stack {name}.")
    if not is_fresh(session, time.time()):
        session = _renew(session, name)
        keep_session(file, session)
    return session


def _renew(session: Session, name: str) -> Session:
    try:
        return renewed(session)
    except SignInError as error:
        raise SignInError(f"Your session at {name} has ended: run docqa login --stack {name}.") from error


def _local_session() -> Session:
    """The demo's person at the stack of this machine; a stack that was deployed anew needs a new session."""
    stack = local_stack(local_stack_file())
    file = _local_file(stack)
    session = load_session(file)
    if session is None or session.stack != stack or not is_fresh(session, time.time()):
        if stack.user is None:
            raise SignInError(NO_PERSON)
        session = sign_in(stack, stack.user.username, stack.user.password, _nothing_to_ask)
        keep_session(file, session)
    return session


def _nothing_to_ask(question: str) -> str:
    raise SignInError(f"The demo user's sign-in asks: {question}. Run make reset and make demo.")
