"""Where the one-machine cloud listens and keeps its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import DevstackError

REPOSITORY = Path(__file__).resolve().parent.parent
DOWNLOADS = REPOSITORY / "build" / "devstack" / "downloads"


@dataclass(frozen=True)
class DevstackSettings:
    """Ports on 127.0.0.1 and the state directory. Two instances differ in all four.

    Attributes:
        state_dir: data, logs and process records of this instance.
        emulator_port: the AWS emulator; variable DOCQA_EMULATOR_PORT.
        opensearch_port: OpenSearch; variable DOCQA_OPENSEARCH_PORT.
        models_port: the model server; variable DOCQA_MODELS_PORT.
        downloads: jars, shared by all instances and kept by a reset.
    """

    state_dir: Path = REPOSITORY / "build" / "devstack"
    emulator_port: int = 4566
    opensearch_port: int = 9200
    models_port: int = 4580
    downloads: Path = DOWNLOADS

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> DevstackSettings:
        """The settings that DOCQA_STATE_DIR and DOCQA_*_PORT ask for, defaults for the rest.

        Raises:
            DevstackError: a port is not a number.
        """
        return cls(
            state_dir=Path(environment.get("DOCQA_STATE_DIR") or cls.state_dir).resolve(),
            emulator_port=_port(environment, "DOCQA_EMULATOR_PORT", cls.emulator_port),
            opensearch_port=_port(environment, "DOCQA_OPENSEARCH_PORT", cls.opensearch_port),
            models_port=_port(environment, "DOCQA_MODELS_PORT", cls.models_port),
        )

    @property
    def data_dir(self) -> Path:
        """What the services remember; a reset removes it."""
        return self.state_dir / "data"

    @property
    def logs_dir(self) -> Path:
        """One log a service, of its last start."""
        return self.state_dir / "logs"

    @property
    def lock(self) -> Path:
        """Held by a command that starts or stops this instance."""
        return self.state_dir / "lock"

    @property
    def processes_dir(self) -> Path:
        """One record a process that `up` started."""
        return self.state_dir / "processes"


@dataclass(frozen=True)
class Endpoints:
    """Where a running one-machine cloud is reached."""

    emulator_url: str
    opensearch_url: str
    models_url: str

    @classmethod
    def of(cls, settings: DevstackSettings) -> Endpoints:
        """The addresses that these settings lead to, running or not."""
        return cls(
            emulator_url=f"http://127.0.0.1:{settings.emulator_port}",
            opensearch_url=f"http://127.0.0.1:{settings.opensearch_port}",
            models_url=f"http://127.0.0.1:{settings.models_port}",
        )


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    chosen = environment.get(name) or str(default)
    if not chosen.isdecimal():
        raise DevstackError(f"{name} must be a port number, not {chosen!r}.")
    return int(chosen)
