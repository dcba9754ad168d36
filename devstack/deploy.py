"""Build the template and deploy it to the emulator, with what differs between machines filled in."""

from __future__ import annotations

import fcntl
import os
import platform
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError, EndpointConnectionError

from cli.stack import Credentials, Stack
from devstack.deployed import Deployment, fingerprint, last_deployment, remember
from devstack.errors import DeployError, DevstackError
from devstack.people import write_privately
from devstack.progress import Progress, SilentProgress
from devstack.services import REGION
from devstack.settings import REPOSITORY, DevstackSettings, Endpoints
from devstack.wheels import offered, wheels

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

SAM = REPOSITORY / ".tools" / "sam" / "bin" / "sam"
CONFIG = REPOSITORY / "samconfig.toml"
STACK_NAME = "docqa"
# Parameters that what is built depends on; the others take no new build.
OF_THE_CODE = ("Runtime", "Architecture")
# The emulator takes any; these are the ones that it treats as the account's root.
CREDENTIALS = Credentials(access_key_id="test", secret_access_key="test")  # noqa: S106
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
# In these states CloudFormation takes no update: what the failed attempt left has to go first.
UNUSABLE = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS"})


def deploy(
    settings: DevstackSettings,
    stack_name: str = STACK_NAME,
    parameters: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Stack:
    """Build and deploy; the stack with its outputs, which is also noted for the `docqa` command.

    Args:
        settings: The running one-machine cloud.
        stack_name: Several stacks may live beside each other.
        parameters: Template parameters that differ from samconfig.toml's `local` environment.
        progress: Told when building and deploying begin and end.

    Raises:
        DeployError: sam failed; the sentence names its log.
        DevstackError: the emulator does not answer.
    """
    shown = progress or SilentProgress()
    values = template_parameters(settings) | dict(parameters or {})
    overrides = ["--parameter-overrides", *(f"{name}={value}" for name, value in values.items())]
    packaged, noted = (settings.state_dir / f"{stack_name}.{name}" for name in ("packaged.yaml", "deployed.json"))
    with _only_one(), shown:
        cloudformation = _reach(settings)
        code = fingerprint({name: values[name] for name in OF_THE_CODE})
        stack = _find(cloudformation, stack_name)
        last = last_deployment(noted, stack["StackId"]) if stack else None
        if stack is None or last is None or (last.code, last.parameters) != (code, values):
            noted.unlink(missing_ok=True)
            if last is None or last.code != code:
                with _step("build", shown):
                    _package(settings, overrides, packaged)
            with _step("deploy", shown):
                _forget_failed(cloudformation, stack)
                _sam("deploy", settings, ["--template-file", str(packaged), "--stack-name", stack_name, *overrides])
            stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
            remember(noted, Deployment(stack_id=stack["StackId"], code=code, parameters=values))
        return _note(settings, stack)


def template_parameters(settings: DevstackSettings) -> dict[str, str]:
    """Those of samconfig.toml's `local` environment, and what this machine adds: runtime, architecture, ports."""
    config = tomllib.loads(CONFIG.read_text())["local"]["deploy"]["parameters"]["parameter_overrides"]
    urls = Endpoints.of(settings)
    return dict(entry.split("=", 1) for entry in config) | {
        "Runtime": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "Architecture": ARCHITECTURES.get(platform.machine().lower(), "x86_64"),
        "OpenSearchEndpoint": urls.opensearch_url,
        "BedrockRuntimeEndpointUrl": urls.models_url,
        "BedrockEndpointUrl": urls.models_url,
        "SageMakerRuntimeEndpointUrl": urls.models_url,
        "SageMakerEndpointUrl": urls.models_url,
        "TextractEndpointUrl": urls.models_url,
    }


def _client(service: str, settings: DevstackSettings) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=Endpoints.of(settings).emulator_url,
        region_name=REGION,
        aws_access_key_id=CREDENTIALS.access_key_id,
        aws_secret_access_key=CREDENTIALS.secret_access_key,
    )


def _reach(settings: DevstackSettings) -> CloudFormationClient:
    """A client of the running emulator, which now has the bucket that sam puts the code into."""
    bucket = tomllib.loads(CONFIG.read_text())["local"]["deploy"]["parameters"]["s3_bucket"]
    try:
        _client("s3", settings).create_bucket(Bucket=bucket)
    except EndpointConnectionError as error:
        url = Endpoints.of(settings).emulator_url
        raise DevstackError(f"The AWS emulator does not answer at {url}: start it with `make up`.") from error
    cloudformation: CloudFormationClient = _client("cloudformation", settings)
    return cloudformation


def _package(settings: DevstackSettings, overrides: Sequence[str], packaged: Path) -> None:
    """Build the functions and upload them; `packaged` is the template that names what was uploaded."""
    built = settings.state_dir / "sam"
    packages = wheels(settings.downloads / "wheels", settings.logs_dir / "wheels.log")
    with offered(packages) as variables:
        _sam("build", settings, ["--build-dir", str(built), *overrides], variables)
    templates = ["--template-file", str(built / "template.yaml"), "--output-template-file", str(packaged)]
    _sam("package", settings, templates)


def _sam(
    command: str, settings: DevstackSettings, arguments: Sequence[str], more: Mapping[str, str] | None = None
) -> None:
    log = settings.logs_dir / f"sam-{command}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        done = subprocess.run(
            # Without its path, sam looks for the settings beside the template, and the built one lies elsewhere.
            [str(SAM), command, "--config-file", str(CONFIG), "--config-env", "local", *arguments],
            cwd=REPOSITORY,
            env=_environment(settings) | dict(more or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise DeployError(command, log)


def _environment(settings: DevstackSettings) -> dict[str, str]:
    """The caller's, because pip's settings are in it, but with nothing of the caller's AWS account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))}
    interpreter = Path(sys.executable).parent  # sam builds with the Python that the emulator runs functions with
    return kept | {
        "PATH": os.pathsep.join([str(interpreter), str(SAM.parent), kept.get("PATH", os.defpath)]),
        "AWS_ENDPOINT_URL": Endpoints.of(settings).emulator_url,
        "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key_id,
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_access_key,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.5",  # the emulator is done in seconds, and has no quota of looks
    }


def _forget_failed(cloudformation: CloudFormationClient, stack: StackTypeDef | None) -> None:
    if stack is not None and stack["StackStatus"] in UNUSABLE:
        cloudformation.delete_stack(StackName=stack["StackName"])
        waiter = cloudformation.get_waiter("stack_delete_complete")
        waiter.wait(StackName=stack["StackName"], WaiterConfig={"Delay": 1})


def _find(cloudformation: CloudFormationClient, stack_name: str) -> StackTypeDef | None:
    try:
        return cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":  # CloudFormation's way to say "no such stack"
            return None
        raise


def _note(settings: DevstackSettings, found: StackTypeDef) -> Stack:
    """Write the stack down; a person that the same user pool knows stays with it."""
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    file = settings.state_dir / "stack.json"
    known = Stack.model_validate_json(file.read_bytes()) if file.exists() else None
    same_pool = known is not None and known.outputs.get("UserPoolId") == outputs.get("UserPoolId")
    stack = Stack(
        name=found["StackName"],
        region=REGION,
        outputs=outputs,
        endpoint_url=Endpoints.of(settings).emulator_url,
        credentials=CREDENTIALS,
        user=known.user if known and same_pool else None,
    )
    write_privately(file, stack.model_dump_json(indent=2) + "\n")
    return stack


@contextmanager
def _step(title: str, progress: Progress) -> Iterator[None]:
    began = time.monotonic()
    progress.begin(title)
    yield
    progress.finish(title, "done", time.monotonic() - began)


@contextmanager
def _only_one() -> Iterator[None]:
    """A second deployment waits for the first: sam's build cache is one per checkout."""
    folder = REPOSITORY / ".aws-sam"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
