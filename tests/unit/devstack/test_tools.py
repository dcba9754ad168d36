"""What is missing is said in one sentence that tells how to get it."""

from __future__ import annotations

from pathlib import Path

import pytest

from devstack.errors import DevstackError, MissingToolError
from devstack.settings import DevstackSettings
from devstack.tools import ensure_java_tools


def test_without_java_and_a_package_manager_the_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError, match=r"^Install .*Maven.*java, javac, mvn not found"):
        ensure_java_tools(tmp_path / "install.log")


def test_a_failed_installation_names_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installer = tmp_path / "apt-get"
    installer.write_text("#!/bin/sh\necho no such package\nexit 100\n")
    installer.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(MissingToolError, match=r"apt-get failed: .*install\.log"):
        ensure_java_tools(tmp_path / "install.log")
    assert "no such package" in (tmp_path / "install.log").read_text()


def test_a_port_that_is_no_number_is_named() -> None:
    with pytest.raises(DevstackError, match=r"^DOCQA_MODELS_PORT must be a port number, not 'x'\.$"):
        DevstackSettings.from_environment({"DOCQA_MODELS_PORT": "x"})
