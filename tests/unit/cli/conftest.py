from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import typer.main
import typer.testing
from typer.testing import CliRunner, Result

from cli.api import Api
from cli.main import app
from tests.fakes.http_api import BASE_URL, TOKEN, FakeHttpApi

Docqa = Callable[..., Result]

# Typer's runner makes all commands anew for each call, which takes longer than the call itself.
commands = cache(typer.main.get_command)


@pytest.fixture
def service() -> FakeHttpApi:
    return FakeHttpApi()


@pytest.fixture
def docqa(service: FakeHttpApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docqa:
    """The command line of a person who is signed in at the fake service, with a home of their own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("DOCQA_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("DOCQA_STACK", raising=False)
    monkeypatch.setattr("cli.connection.connect", lambda *_: Api(BASE_URL, TOKEN, transport=service.transport()))
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(typer.testing, "_get_command", commands)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])
