import platform
import sys
from pathlib import Path

import pytest

from devstack import deploy, deployed
from devstack.deployed import Deployment
from devstack.settings import DevstackSettings


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in deployed.SOURCES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if "." in name:
            path.write_text(name)
        else:
            path.mkdir()
            (path / "app.py").write_text("one = 1\n")
    return tmp_path


def test_the_machine_decides_runtime_architecture_and_ports() -> None:
    settings = DevstackSettings(opensearch_port=9301, models_port=4681)

    parameters = deploy.template_parameters(settings)

    assert parameters["Runtime"] == f"python3.{sys.version_info.minor}"
    assert parameters["Architecture"] == deploy.ARCHITECTURES[platform.machine().lower()]
    assert parameters["OpenSearchEndpoint"] == "http://127.0.0.1:9301"
    services = ("Textract", "BedrockRuntime", "Bedrock", "SageMakerRuntime", "SageMaker")
    assert {parameters[f"{service}EndpointUrl"] for service in services} == {"http://127.0.0.1:4681"}
    assert parameters["AllowPlainHttp"] == "true"  # from samconfig.toml


def test_nothing_of_the_callers_aws_account_reaches_sam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    monkeypatch.setenv("PIP_TIMEOUT", "7")

    environment = deploy._environment(DevstackSettings(emulator_port=4999))

    assert "AWS_PROFILE" not in environment
    assert "AWS_SESSION_TOKEN" not in environment
    assert environment["PIP_TIMEOUT"] == "7"
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4999"


def test_the_same_sources_and_parameters_have_the_same_fingerprint(repository: Path) -> None:
    before = deployed.fingerprint({"Runtime": "python3.13"}, repository)
    (repository / "functions" / "__pycache__").mkdir()
    (repository / "functions" / "__pycache__" / "app.pyc").write_bytes(b"\0")

    assert deployed.fingerprint({"Runtime": "python3.13"}, repository) == before


def test_any_change_changes_the_fingerprint(repository: Path) -> None:
    before = deployed.fingerprint({"Runtime": "python3.13"}, repository)

    assert deployed.fingerprint({"Runtime": "python3.12"}, repository) != before
    (repository / "layers" / "app.py").write_text("one = 2\n")
    assert deployed.fingerprint({"Runtime": "python3.13"}, repository) != before


def test_a_renamed_file_changes_the_fingerprint(repository: Path) -> None:
    before = deployed.fingerprint({}, repository)
    (repository / "functions" / "app.py").rename(repository / "functions" / "other.py")

    assert deployed.fingerprint({}, repository) != before


def test_a_deployment_is_remembered_until_its_stack_or_its_note_is_gone(tmp_path: Path) -> None:
    note = tmp_path / "docqa.deployed.json"
    deployment = Deployment(stack_id="arn:one", code="c", parameters={"Runtime": "python3.13"})

    assert deployed.last_deployment(note, "arn:one") is None
    deployed.remember(note, deployment)
    assert deployed.last_deployment(note, "arn:one") == deployment
    assert deployed.last_deployment(note, "arn:of a stack that was made again") is None
    note.write_text('{"stack_id": "arn')
    assert deployed.last_deployment(note, "arn:one") is None
