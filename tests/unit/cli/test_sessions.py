import json
import stat
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cli import connection, session
from cli.errors import NotFoundError, SignInError
from cli.session import Session, keep_session, load_session, renewed, sign_in
from cli.stack import Credentials, LocalUser, Stack, local_stack

OUTPUTS = {
    "ApiUrl": "https://x.execute-api.eu-west-1.amazonaws.com/v1/",
    "RestApiId": "x",
    "UserPoolId": "eu-west-1_Pool",
    "UserPoolClientId": "client",
}
STACK = Stack(name="docqa", region="eu-west-1", outputs=OUTPUTS)
TOKENS = {"IdToken": "id", "AccessToken": "access", "RefreshToken": "refresh", "ExpiresIn": 3600, "TokenType": "Bearer"}


@pytest.fixture
def cognito(monkeypatch: pytest.MonkeyPatch) -> Stubber:
    """Cognito with answers written down beforehand; nothing leaves the process."""
    client = boto3.client("cognito-idp", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(boto3.session.Session, "client", lambda *_, **__: client)
    stubber = Stubber(client)
    stubber.activate()
    return stubber


def no_question(question: str) -> str:
    raise AssertionError(question)


def test_signing_in_keeps_the_tokens_for_the_owner_only(cognito: Stubber, tmp_path: Path) -> None:
    cognito.add_response("initiate_auth", {"AuthenticationResult": TOKENS})
    file = tmp_path / "docqa" / "session.json"

    keep_session(file, sign_in(STACK, "ana", "secret", no_question))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = load_session(file)
    assert kept is not None
    assert (kept.id_token, kept.refresh_token, kept.username) == ("id", "refresh", "ana")
    assert "secret" not in file.read_text()


def test_a_first_sign_in_asks_for_a_new_password(cognito: Stubber) -> None:
    cognito.add_response("initiate_auth", {"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "s" * 20})
    expected = {
        "ClientId": "client",
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": "s" * 20,
        "ChallengeResponses": {"USERNAME": "ana", "NEW_PASSWORD": "better"},
    }
    cognito.add_response("respond_to_auth_challenge", {"AuthenticationResult": TOKENS}, expected)

    assert sign_in(STACK, "ana", "temporary", lambda _: "better").id_token == "id"


def test_a_wrong_password_is_a_sentence(cognito: Stubber) -> None:
    cognito.add_client_error("initiate_auth", "NotAuthorizedException", "Incorrect username or password.")

    with pytest.raises(SignInError, match="Incorrect username or password"):
        sign_in(STACK, "ana", "wrong", no_question)


def test_a_renewed_session_keeps_its_refresh_token(cognito: Stubber) -> None:
    fresh = {name: value for name, value in TOKENS.items() if name != "RefreshToken"} | {"IdToken": "id2"}
    cognito.add_response("initiate_auth", {"AuthenticationResult": fresh})
    old = Session(stack=STACK, username="ana", id_token="id", refresh_token="refresh", expires_at=0)

    new = renewed(old)

    assert (new.id_token, new.refresh_token) == ("id2", "refresh")


def test_without_a_session_the_sentence_says_how_to_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    with pytest.raises(SignInError, match="docqa login --stack prod"):
        connection.connect("prod", "eu-west-1")


def test_a_session_that_ends_soon_is_renewed_before_it_is_used(
    cognito: Stubber, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    file = session.session_file(tmp_path / "docqa", "prod", "eu-west-1")
    keep_session(file, Session(stack=STACK, username="ana", id_token="old", refresh_token="r", expires_at=0))
    cognito.add_response("initiate_auth", {"AuthenticationResult": TOKENS | {"IdToken": "new"}})

    connection.connect("prod", "eu-west-1").__exit__()

    kept = load_session(file)
    assert kept is not None
    assert kept.id_token == "new"


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one-machine cloud has been deployed, and its person has not signed in."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("DOCQA_STATE_DIR", str(tmp_path))
    (tmp_path / "stack.json").write_text(json.dumps(local_description()))


@pytest.mark.usefixtures("deployed")
def test_the_local_stack_signs_the_demo_user_in_by_itself(cognito: Stubber) -> None:
    cognito.add_response("initiate_auth", {"AuthenticationResult": TOKENS})

    for _ in range(2):  # the second time the kept session does
        connection.connect(None, None).__exit__()

    cognito.assert_no_pending_responses()


@pytest.mark.usefixtures("deployed")
def test_a_forgotten_local_session_signs_in_anew(cognito: Stubber) -> None:
    connection.forget_local_session()  # nobody is signed in yet

    for _ in range(2):
        cognito.add_response("initiate_auth", {"AuthenticationResult": TOKENS})
        connection.connect(None, None).__exit__()
        connection.forget_local_session()

    cognito.assert_no_pending_responses()


def test_the_local_api_is_reached_through_the_emulator() -> None:
    stack = Stack.model_validate(local_description())

    assert stack.api_url == "http://127.0.0.1:4566/_aws/execute-api/x/v1"
    assert STACK.api_url == "https://x.execute-api.eu-west-1.amazonaws.com/v1"


def test_no_stack_at_all_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="make demo"):
        local_stack(tmp_path / "stack.json")


def local_description() -> dict[str, Any]:
    return Stack(
        name="docqa-local",
        region="us-east-1",
        outputs=OUTPUTS,
        endpoint_url="http://127.0.0.1:4566",
        credentials=Credentials(access_key_id="test", secret_access_key="test"),
        user=LocalUser(username="demo", password="demo"),
    ).model_dump()
