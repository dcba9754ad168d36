"""An emulator of its own, beside whatever else runs, and small things to make in it."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from devstack import control
from devstack.settings import DevstackSettings


@dataclass(frozen=True)
class Emulator:
    """A running emulator and its root's clients."""

    url: str

    def client(self, service: str, **credentials: str) -> Any:
        keys = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(
            service,  # type: ignore[call-overload]  # one function for all services
            endpoint_url=self.url,
            region_name="us-east-1",
            config=Config(retries={"total_max_attempts": 1}),
            **keys,
        )

    def role(self, name: str = "everything") -> str:
        """A role that may do everything; made once."""
        iam = self.client("iam")
        try:
            role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
        except iam.exceptions.EntityAlreadyExistsException:
            role = iam.get_role(RoleName=name)
        allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(allowed))
        return str(role["Role"]["Arn"])

    def queue(self, name: str) -> tuple[str, str]:
        """A queue's address and ARN."""
        sqs = self.client("sqs")
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def function(self, name: str, code: str, timeout: int = 10) -> str:
        """A function whose handler is `app.handler`."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("app.py", code)
        made = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=self.role(),
            Handler="app.handler",
            Code={"ZipFile": archive.getvalue()},
            Timeout=timeout,
        )
        return str(made["FunctionArn"])

    def machine(self, name: str, **definition: Any) -> str:
        """A state machine; without StartAt its first state starts."""
        definition.setdefault("StartAt", next(iter(definition["States"])))
        machines = self.client("stepfunctions")
        made = machines.create_state_machine(name=name, definition=json.dumps(definition), roleArn=self.role())
        return str(made["stateMachineArn"])

    def execute(self, machine: str, given: Any = None, seconds: float = 10) -> dict[str, Any]:
        """Run a machine to its end, or to how it stands after `seconds`."""
        machines = self.client("stepfunctions")
        started = machines.start_execution(stateMachineArn=machine, input=json.dumps(given or {}))
        deadline = time.monotonic() + seconds
        while True:
            found: dict[str, Any] = machines.describe_execution(executionArn=started["executionArn"])
            if found["status"] != "RUNNING" or time.monotonic() > deadline:
                return found
            time.sleep(0.05)

    def messages(self, queue_url: str, seconds: float) -> list[str]:
        """Bodies of what a queue holds within `seconds`."""
        sqs, bodies, deadline = self.client("sqs"), [], time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", [])
            bodies += [message["Body"] for message in found]
            time.sleep(0.1)
        return bodies


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    settings = DevstackSettings(
        state_dir=tmp_path_factory.mktemp("emulator"),
        emulator_port=control.free_port(),
        models_port=control.free_port(),
    )
    yield Emulator(control.up(settings, only=("emulator",)).emulator_url)
    control.down(settings)


@pytest.fixture
def within() -> Callable[[Callable[[], bool], float], bool]:
    """Whether something becomes true within some seconds."""

    def wait(condition: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return True
            time.sleep(0.1)
        return False

    return wait
