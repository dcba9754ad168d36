"""Services start together, once, and a failure is one sentence with the log's path."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devstack import control
from devstack.errors import DevstackError
from devstack.services import Launch, Service
from devstack.settings import DevstackSettings

# Answers 200 to any GET, as each service's health address does.
SERVER = "import http.server, sys; h = http.server.BaseHTTPRequestHandler; h.do_GET = lambda s: (s.send_response(200), s.end_headers()); http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), h).serve_forever()"  # noqa: E501


def service(program: str = SERVER) -> Service:
    port = control.free_port()
    launch = Launch((sys.executable, "-c", program, str(port)), {})
    return Service(
        "models", "Web", port, "DOCQA_WEB_PORT", f"http://127.0.0.1:{port}/", lambda: launch, start_seconds=20
    )


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DevstackSettings]:
    settings = DevstackSettings(state_dir=tmp_path)
    run(monkeypatch, service())
    yield settings
    control.down(settings)


def run(monkeypatch: pytest.MonkeyPatch, only: Service) -> None:
    monkeypatch.setattr(control, "all_services", lambda _: (only,))


def test_up_twice_starts_once_and_down_stops_it(settings: DevstackSettings) -> None:
    control.up(settings)
    first = control.status(settings)[0]
    control.up(settings)
    second = control.status(settings)[0]

    assert (first.state, second.state) == ("running", "running")
    assert first.process_id == second.process_id
    assert control.down(settings) == ["Web"]
    assert control.status(settings)[0].state == "stopped"
    assert control.down(settings) == []


def test_scratch_is_emptied_before_a_start_and_never_under_a_running_process(
    settings: DevstackSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "left-over").touch()
    web = service()
    launch = replace(web.prepare(), scratch=scratch)
    run(monkeypatch, replace(web, prepare=lambda: launch))

    control.up(settings)
    assert list(scratch.iterdir()) == []
    (scratch / "in-use").touch()
    control.up(settings)

    assert [path.name for path in scratch.iterdir()] == ["in-use"]


def test_a_taken_port_is_named_with_the_variable_that_chooses_another(
    settings: DevstackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        run(monkeypatch, replace(service(), port=port))

        with pytest.raises(DevstackError, match=rf"^Port {port} for Web is taken .* DOCQA_WEB_PORT\.$"):
            control.up(settings)
        assert control.status(settings)[0].state == "port taken"


def test_a_process_that_ends_is_reported_with_its_log(
    settings: DevstackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, service("raise SystemExit('no licence')"))

    with pytest.raises(DevstackError, match=r"^Web did not start \(its process ended\).*logs/models\.log\.$"):
        control.up(settings)

    assert "no licence" in (settings.logs_dir / "models.log").read_text()


def test_a_service_that_never_gets_healthy_is_stopped_at_its_deadline(
    settings: DevstackSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, replace(service("import time; time.sleep(60)"), start_seconds=0.3))

    with pytest.raises(DevstackError, match="not healthy after"):
        control.up(settings)

    assert control.status(settings)[0].state == "stopped"


def test_other_settings_start_the_service_again(settings: DevstackSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    control.up(settings)
    first = control.status(settings)[0].process_id
    run(monkeypatch, service())

    control.up(settings)

    assert control.status(settings)[0].process_id not in (None, first)


def test_reset_forgets_data_and_keeps_downloads(settings: DevstackSettings, tmp_path: Path) -> None:
    kept = tmp_path / "downloads" / "jar"
    gone = settings.data_dir / "bucket"
    for path in (kept, gone):
        path.parent.mkdir(parents=True)
        path.touch()

    control.reset(settings)

    assert kept.exists()
    assert not gone.exists()


def test_settings_come_from_the_environment() -> None:
    settings = DevstackSettings.from_environment({"DOCQA_STATE_DIR": "/elsewhere", "DOCQA_MODELS_PORT": "1234"})
    assert (settings.state_dir, settings.models_port, settings.emulator_port) == (Path("/elsewhere"), 1234, 4566)
