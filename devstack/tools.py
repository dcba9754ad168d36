"""Programs of the operating system: found, or installed with its package manager when that needs no question."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import MissingToolError


@dataclass(frozen=True)
class PackageManager:
    """How one package manager installs, and what it calls the Java compiler and Maven."""

    program: str
    commands: tuple[tuple[str, ...], ...]
    needs_root: bool = True


# Two services want the same tools at the same moment, and a package manager runs once at a time.
INSTALLING = threading.Lock()
JAVA_AND_MAVEN = (
    PackageManager("apt-get", (("apt-get", "update"), ("apt-get", "install", "-y", "default-jdk-headless", "maven"))),
    PackageManager("dnf", (("dnf", "install", "-y", "java-17-openjdk-devel", "maven"),)),
    PackageManager("brew", (("brew", "install", "openjdk@17", "maven"),), needs_root=False),
)


def java_tools_missing() -> list[str]:
    """Those of java, javac and mvn that are not there or do not run."""
    return [tool for tool in ("java", "javac", "mvn") if not _runs(tool)]


def ensure_java_tools(log: Path) -> None:
    """Make java, javac and mvn available.

    Raises:
        MissingToolError: they are missing and cannot be installed without asking for a password.
    """
    with INSTALLING:
        if java_tools_missing():
            _install_java_tools(log)


def _install_java_tools(log: Path) -> None:
    for manager in JAVA_AND_MAVEN:
        if shutil.which(manager.program) and (prefix := _privilege(manager)) is not None:
            _install(manager, prefix, log)
            break
    missing = java_tools_missing()
    if missing:
        raise MissingToolError(
            f"Install a Java development kit (17 or newer) and Maven, then try again: {', '.join(missing)} not found "
            f"(Debian: default-jdk-headless maven; Fedora: java-17-openjdk-devel maven; Homebrew: openjdk@17 maven)."
        )


def _runs(tool: str) -> bool:
    if shutil.which(tool) is None:
        return False
    # macOS has a java that only tells where to get one.
    return (
        platform.system() != "Darwin"
        or subprocess.run([tool, "-version"], capture_output=True, check=False).returncode == 0
    )


def _privilege(manager: PackageManager) -> list[str] | None:
    """What goes in front of the command, or None if root is needed and cannot be had without a password."""
    if not manager.needs_root or os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def _install(manager: PackageManager, prefix: list[str], log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("wb") as output:
        for command in manager.commands:
            done = subprocess.run(
                [*prefix, *command],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=environment,
                check=False,
            )
            if done.returncode != 0 and command[1] != "update":
                raise MissingToolError(
                    f"Installing Java and Maven with {manager.program} failed: its output is in {log}."
                )
