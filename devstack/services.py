"""The three services: how each is started, where it listens, how its health is seen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from devstack import downloads
from devstack.settings import DevstackSettings, Endpoints

# Named in every Lambda's environment too, because the emulator hands its own on.
REGION = "us-east-1"


@dataclass(frozen=True)
class Launch:
    """One command line with the whole of its environment.

    Attributes:
        scratch: a folder that is emptied before the start, and never while the process runs.
    """

    command: tuple[str, ...]
    environment: dict[str, str]
    scratch: Path | None = None


@dataclass(frozen=True)
class Service:
    """One process of the one-machine cloud.

    Attributes:
        name: names its log and its process record.
        title: what people call it.
        port_variable: the variable that chooses another port.
        health_url: answers 200 once the service can be used.
        prepare: fetches what it needs and says how to start it; may take minutes the first time.
        start_seconds: how long a start may take before it counts as failed.
        stop_seconds: how long it may take to save its state before it is killed.
    """

    name: str
    title: str
    port: int
    port_variable: str
    health_url: str
    prepare: Callable[[], Launch]
    start_seconds: float = 60
    stop_seconds: float = 30


def all_services(settings: DevstackSettings) -> tuple[Service, ...]:
    """Emulator, OpenSearch and model server as these settings want them."""
    urls = Endpoints.of(settings)
    return (
        Service(
            "emulator",
            "AWS emulator",
            settings.emulator_port,
            "DOCQA_EMULATOR_PORT",
            f"{urls.emulator_url}/_ministack/health",
            lambda: emulator_launch(settings),
        ),
        Service(
            "opensearch",
            "OpenSearch",
            settings.opensearch_port,
            "DOCQA_OPENSEARCH_PORT",
            f"{urls.opensearch_url}/_cluster/health?wait_for_status=yellow&timeout=1s",
            lambda: opensearch_launch(settings),
        ),
        Service(
            "models",
            "model server",
            settings.models_port,
            "DOCQA_MODELS_PORT",
            f"{urls.models_url}/health",
            lambda: models_launch(settings),
        ),
    )


def clean_environment() -> dict[str, str]:
    """What any process needs, and nothing of the caller's AWS or Python settings.

    The emulator's Lambdas inherit its environment: a profile or PYTHONDONTWRITEBYTECODE of the shell would reach them.
    """
    kept = ("PATH", "HOME", "LANG", "JAVA_HOME")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONUNBUFFERED": "1"}


def emulator_launch(settings: DevstackSettings) -> Launch:
    """Ministack on 127.0.0.1 with IAM enforced; its state is written when it is asked to end."""
    data = settings.data_dir / "emulator"
    scratch = data / "tmp"  # unpacked Lambda code, of no use after a restart
    environment = clean_environment() | {
        "AUTH": "true",
        "LAMBDA_EXECUTOR": "local",
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",  # its MQTT broker would listen on every address of the machine
        "GATEWAY_PORT": str(settings.emulator_port),
        "MINISTACK_REGION": REGION,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(data / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(data / "s3"),
        "TMPDIR": str(scratch),
        "LOG_LEVEL": "INFO",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    # By its path, and without its folder on the module path: the emulator's Lambdas get nothing of this repository.
    return Launch((sys.executable, "-P", str(Path(__file__).with_name("emulator.py"))), environment, scratch)


def opensearch_launch(settings: DevstackSettings) -> Launch:
    """A single OpenSearch node with k-NN on 127.0.0.1, half to one gigabyte of heap."""
    parts = downloads.fetch_opensearch(settings.downloads, settings.logs_dir)
    home = settings.data_dir / "opensearch"
    (home / "config").mkdir(parents=True, exist_ok=True)
    command = (
        "java",
        "-Xms512m",
        "-Xmx1g",
        f"-Dlog4j2.configurationFile={downloads.OPENSEARCH_SOURCES / 'log4j2.xml'}",
        "-cp",
        f"{parts / 'classes'}:{parts / 'jars'}/*",
        "OpenSearchNode",
        str(home),
        str(settings.opensearch_port),
    )
    return Launch(command, clean_environment())


def models_launch(settings: DevstackSettings) -> Launch:
    """The model server, reading documents from this instance's emulator."""
    model = downloads.fetch_embedding_model(settings.downloads, settings.logs_dir)
    chat = {name: value for name, value in os.environ.items() if name.startswith("DOCQA_CHAT_")}
    command = (
        sys.executable,
        "-m",
        "devstack.modelserver",
        f"--port={settings.models_port}",
        f"--state-dir={settings.data_dir / 'models'}",
        f"--emulator-url={Endpoints.of(settings).emulator_url}",
        f"--embedding-model={model}",
        *(f"--behaviour={file}" for file in (os.environ.get("DOCQA_MODELS_BEHAVIOUR"),) if file),
    )
    repository = Path(__file__).resolve().parent.parent
    return Launch(command, clean_environment() | chat | {"PYTHONPATH": str(repository)})
