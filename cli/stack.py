"""Which stack the command talks to: one in AWS by its name, or the one-machine cloud that runs here."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from cli.errors import NotFoundError, SignInError, UnavailableError

if TYPE_CHECKING:
    import boto3

NOT_RUNNING = "The one-machine cloud does not run: start it with make up, or with make demo, which also deploys."
NO_PERSON = "The stack on this machine has no demo user yet: run make demo."
NOTHING_DEPLOYED = "Nothing is deployed on the one-machine cloud that runs here: run make demo."

REPOSITORY = Path(__file__).resolve().parent.parent


class Credentials(BaseModel):
    """AWS credentials that are valid in the one-machine cloud only."""

    model_config = ConfigDict(frozen=True)

    access_key_id: str
    secret_access_key: str


class LocalUser(BaseModel):
    """The demo's person, who exists in the one-machine cloud only."""

    model_config = ConfigDict(frozen=True)

    username: str
    password: str


class Stack(BaseModel):
    """A deployed stack, with what is needed to reach it.

    Attributes:
        outputs: Of its CloudFormation stack.
        endpoint_url: Where every AWS service is reached; None: AWS itself.
        credentials, user: For the one-machine cloud; None: the usual AWS credentials, and `docqa login`.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    region: str
    outputs: dict[str, str]
    endpoint_url: str | None = None
    credentials: Credentials | None = None
    user: LocalUser | None = None

    def output(self, name: str) -> str:
        """One output of the stack.

        Raises:
            NotFoundError: the stack has none of that name, so it is not docqa's.
        """
        if name not in self.outputs:
            raise NotFoundError(f"Stack {self.name} has no output {name}: it is not a docqa stack, or an older one.")
        return self.outputs[name]

    @property
    def api_url(self) -> str:
        """Base address of the HTTP API, without a slash at its end."""
        url = self.output("ApiUrl").rstrip("/")
        if self.endpoint_url is None:
            return url
        stage = url.rsplit("/", 1)[1]
        return f"{self.endpoint_url}/_aws/execute-api/{self.output('RestApiId')}/{stage}"

    def session(self) -> boto3.session.Session:
        """A boto3 session for this stack's region, with its own credentials if it has some."""
        import boto3

        if self.credentials is None:
            return boto3.session.Session(region_name=self.region)
        return boto3.session.Session(
            region_name=self.region,
            aws_access_key_id=self.credentials.access_key_id,
            aws_secret_access_key=self.credentials.secret_access_key,
        )

    def client(self, service: str) -> Any:
        """A boto3 client of this stack: the same one each time, since making one takes a tenth of a second."""
        return self._clients.get(service)

    @cached_property
    def _clients(self) -> _Clients:
        return _Clients(self.session(), self.endpoint_url)


class _Clients:
    """One client a service."""

    def __init__(self, session: boto3.session.Session, endpoint_url: str | None) -> None:
        self._session, self._endpoint_url = session, endpoint_url
        self._made: dict[str, Any] = {}
        self._making = threading.Lock()  # a session may not be used by two threads at once; a client may

    def get(self, service: str) -> Any:
        with self._making:
            if service not in self._made:
                made = self._session.client(service, endpoint_url=self._endpoint_url)  # type: ignore[call-overload]
                self._made[service] = made
            return self._made[service]


def local_stack_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the deploy step of the one-machine cloud notes what it deployed."""
    state = environment.get("DOCQA_STATE_DIR") or REPOSITORY / "build" / "devstack"
    return Path(state) / "stack.json"


def local_stack(file: Path) -> Stack:
    """The stack of the one-machine cloud.

    Raises:
        NotFoundError: nothing was deployed on this machine.
    """
    try:
        return Stack.model_validate_json(file.read_bytes())
    except FileNotFoundError as error:
        raise NotFoundError(
            "No stack was named and none runs on this machine: use --stack NAME, or run make demo."
        ) from error
    except ValidationError as error:
        raise NotFoundError(f"{file} cannot be read as a stack's description: run make demo again.") from error


def aws_stack(name: str, region: str | None) -> Stack:
    """The stack of that name in AWS, by the usual AWS variables and profiles.

    Raises:
        NotFoundError: there is none in this account and region.
        SignInError: no AWS credentials, or not the right to describe stacks.
        UnavailableError: CloudFormation cannot be reached.
    """
    import boto3
    from botocore import exceptions

    try:
        # boto3 itself reads AWS_DEFAULT_REGION alone.
        session = boto3.session.Session(region_name=region or os.environ.get("AWS_REGION"))
    except exceptions.ProfileNotFound as error:
        raise SignInError(f"AWS credentials are needed to look stack {name} up: {error}") from error
    try:
        found = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    except exceptions.NoRegionError as error:
        raise SignInError("No AWS region is set: use --region or AWS_REGION.") from error
    except (exceptions.NoCredentialsError, exceptions.TokenRetrievalError) as error:
        raise SignInError(f"AWS credentials are needed to look stack {name} up: {error}") from error
    except exceptions.ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            raise NotFoundError(f"There is no stack {name} in {session.region_name} of this account.") from error
        raise SignInError(f"AWS does not let you look stack {name} up: {error.response['Error']['Message']}") from error
    except exceptions.BotoCoreError as error:
        raise UnavailableError(f"CloudFormation cannot be reached: {error}") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    return Stack(name=name, region=session.region_name, outputs=outputs)
