"""What can go wrong when the one-machine cloud starts or stops.

DevstackError
├── MissingToolError      a program is not installed and could not be
├── PortTakenError        somebody else listens on a port
├── DownloadError         Maven could not fetch the parts
├── StartError            a service ended, or was not healthy in time
└── DeployError           sam could not build or deploy the template
"""

from __future__ import annotations

from pathlib import Path


class DevstackError(Exception):
    """One sentence that says what to do."""


class MissingToolError(DevstackError):
    """A program is not installed and could not be installed from here."""


class PortTakenError(DevstackError):
    """A process that is not ours listens on a port that a service needs."""

    def __init__(self, service: str, port: int, variable: str) -> None:
        super().__init__(
            f"Port {port} for {service} is taken by another process: stop it, or choose a free port with {variable}."
        )


class DownloadError(DevstackError):
    """Maven could not fetch what a pom names."""

    def __init__(self, what: str, log: Path) -> None:
        super().__init__(
            f"Maven could not fetch {what}: check the network and Maven's settings; its output is in {log}."
        )


class StartError(DevstackError):
    """A service ended while starting, or was not healthy before its deadline."""

    def __init__(self, service: str, reason: str, log: Path) -> None:
        super().__init__(f"{service} did not start ({reason}): the reason is at the end of {log}.")


class DeployError(DevstackError):
    """sam could not build or deploy the template."""

    def __init__(self, command: str, log: Path) -> None:
        super().__init__(f"sam {command} failed: the reason is at the end of {log}.")
