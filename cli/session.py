"""Who is signed in: Cognito tokens, kept in the user's own configuration folder and renewed in time."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from cli.errors import NotFoundError, SignInError, UnavailableError
from cli.stack import NOT_RUNNING, NOTHING_DEPLOYED, Stack

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

# A token that ends while a request travels would be refused.
RENEW_BEFORE_SECONDS = 120
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700

# What a challenge asks the person for, and the name under which Cognito wants the reply.
CHALLENGES = {
    "NEW_PASSWORD_REQUIRED": ("Choose a new password", "NEW_PASSWORD"),
    "SOFTWARE_TOKEN_MFA": ("Code of your authenticator app", "SOFTWARE_TOKEN_MFA_CODE"),
    "SMS_MFA": ("Code from the text message", "SMS_MFA_CODE"),
}


class Session(BaseModel):
    """A signed-in person at one stack.

    Attributes:
        stack: As it was at sign-in, so that later commands need no AWS credentials.
        expires_at: End of the ID token in seconds since the epoch.
    """

    model_config = ConfigDict(frozen=True)

    stack: Stack
    username: str
    id_token: str
    refresh_token: str
    expires_at: float


def configuration_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The person's folder for docqa: $XDG_CONFIG_HOME/docqa, or ~/.config/docqa."""
    base = environment.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "docqa"


def session_file(folder: Path, stack: str, region: str | None) -> Path:
    """Where the session at this stack is kept."""
    name = f"{stack}.{region or 'default'}.{os.environ.get('AWS_PROFILE', 'default')}"
    return folder / f"session-{re.sub(r'[^A-Za-z0-9_.-]', '_', name)}.json"


def load_session(file: Path) -> Session | None:
    """The kept session, or None when nobody signed in here."""
    try:
        return Session.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def keep_session(file: Path, session: Session) -> None:
    """Write the session so that only its owner can read it; it is never readable by others, not even for a moment."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    draft = file.with_suffix(f".{os.getpid()}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "w") as output:
        output.write(session.model_dump_json())
    draft.replace(file)


def sign_in(stack: Stack, username: str, password: str, ask: Callable[[str], str]) -> Session:
    """Sign a person in; the password stays here (SRP). `ask` gets the reply to a further challenge from the person.

    Raises:
        SignInError: refused, or a challenge that this command cannot meet.
        UnavailableError: Cognito cannot be reached.
    """
    with _Cognito(stack) as cognito:
        answer: Any = _prove_password(cognito, stack, username, password)
        while "AuthenticationResult" not in answer:
            answer = _meet_challenge(cognito, stack, username, answer, ask)
    tokens = answer["AuthenticationResult"]
    return _session(stack, username, tokens, tokens["RefreshToken"])


def renewed(session: Session) -> Session:
    """The same session with a fresh ID token.

    Raises:
        SignInError: the refresh token is no longer good.
        NotFoundError: the one-machine cloud was emptied since.
        UnavailableError: Cognito cannot be reached.
    """
    with _Cognito(session.stack) as cognito:
        answer = cognito.initiate_auth(
            ClientId=session.stack.output("UserPoolClientId"),
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": session.refresh_token},
        )
    return _session(session.stack, session.username, answer["AuthenticationResult"], session.refresh_token)


def is_fresh(session: Session, now: float) -> bool:
    """Whether the ID token outlives the next requests."""
    return session.expires_at - now > RENEW_BEFORE_SECONDS


def _prove_password(cognito: CognitoIdentityProviderClient, stack: Stack, username: str, password: str) -> Any:
    from pycognito.aws_srp import AWSSRP

    client_id = stack.output("UserPoolClientId")
    proof = AWSSRP(username, password, stack.output("UserPoolId"), client_id, client=cognito)
    claim = proof.get_auth_params()
    answer = cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_SRP_AUTH", AuthParameters=claim)
    if answer.get("ChallengeName") != "PASSWORD_VERIFIER":
        return answer
    return cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=proof.process_challenge(answer["ChallengeParameters"], claim),
    )


def _meet_challenge(
    cognito: CognitoIdentityProviderClient, stack: Stack, username: str, answer: Any, ask: Callable[[str], str]
) -> Any:
    challenge = answer["ChallengeName"]
    if challenge not in CHALLENGES:
        raise SignInError(f"The sign-in asks for {challenge}, which this command cannot do.")
    question, field = CHALLENGES[challenge]
    # Who signs in with an e-mail address goes by another name inside the pool.
    known_as = answer.get("ChallengeParameters", {}).get("USER_ID_FOR_SRP", username)
    return cognito.respond_to_auth_challenge(
        ClientId=stack.output("UserPoolClientId"),
        ChallengeName=challenge,
        Session=answer["Session"],
        ChallengeResponses={"USERNAME": known_as, field: ask(question)},
    )


def _session(stack: Stack, username: str, tokens: Any, refresh_token: str) -> Session:
    return Session(
        stack=stack,
        username=username,
        id_token=tokens["IdToken"],
        refresh_token=refresh_token,
        expires_at=time.time() + tokens["ExpiresIn"],
    )


class _Cognito:
    """A Cognito client whose errors become sentences."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def __enter__(self) -> CognitoIdentityProviderClient:
        # Signing in is not signed with AWS credentials, so it works without any.
        from botocore import UNSIGNED
        from botocore.config import Config

        client: CognitoIdentityProviderClient = self._stack.session().client(
            "cognito-idp", endpoint_url=self._stack.endpoint_url, config=Config(signature_version=UNSIGNED)
        )
        return client

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        from botocore import exceptions

        is_local = self._stack.endpoint_url is not None
        if isinstance(error, exceptions.ClientError):
            if is_local and error.response["Error"]["Code"] == "ResourceNotFoundException":
                raise NotFoundError(NOTHING_DEPLOYED) from error
            raise SignInError(f"The sign-in was refused: {error.response['Error']['Message']}") from error
        if isinstance(error, exceptions.BotoCoreError):
            unreachable = f"The sign-in service cannot be reached: {error}"
            raise UnavailableError(NOT_RUNNING if is_local else unreachable) from error
