"""Start, stop and look at the one-machine cloud: what the command line, the tests and the demo call."""

from __future__ import annotations

import shutil
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from devstack.errors import DevstackError, PortTakenError, StartError
from devstack.locks import exclusive
from devstack.processes import find_process, launched_as, start_process, stop_process
from devstack.progress import Progress, SilentProgress
from devstack.services import Service, all_services
from devstack.settings import DevstackSettings, Endpoints

POLL_SECONDS = 0.1
SERVICE_NAMES = ("emulator", "opensearch", "models")


@dataclass(frozen=True)
class ServiceStatus:
    """What one service does now. `process_id` and `memory_bytes` are None when it does not run."""

    title: str
    url: str
    state: str  # "running", "unhealthy", "stopped", or "port taken" by a process that is not ours
    process_id: int | None
    memory_bytes: int | None
    log: Path


def up(
    settings: DevstackSettings, progress: Progress | None = None, only: Collection[str] = SERVICE_NAMES
) -> Endpoints:
    """Start whatever does not run yet, all at once, and wait until it can be used.

    Args:
        settings: ports and folders.
        progress: told what begins and what is ready.
        only: names of the services to start.

    Raises:
        DevstackError: something could not be started; the sentence says what to do. What did start keeps running.
    """
    shown = progress or SilentProgress()
    services = [service for service in all_services(settings) if service.name in only]
    with exclusive(settings.lock), shown, ThreadPoolExecutor(len(services)) as pool:
        waiting = [pool.submit(_start, service, settings, shown) for service in services]
        failures = [
            str(error) for error in (future.exception() for future in waiting) if isinstance(error, DevstackError)
        ]
        for future in waiting:
            if not isinstance(future.exception(), DevstackError):
                future.result()
    if failures:
        raise DevstackError("\n".join(failures))
    return Endpoints.of(settings)


def down(settings: DevstackSettings, progress: Progress | None = None) -> list[str]:
    """Stop what `up` started, and nothing else; data and downloads stay.

    Returns:
        Titles of the services that ran.
    """
    shown = progress or SilentProgress()
    services = all_services(settings)
    with exclusive(settings.lock), shown, ThreadPoolExecutor(len(services)) as pool:
        stopped = pool.map(lambda service: _stop(service, settings, shown), services)
        return [service.title for service, was_running in zip(services, stopped, strict=True) if was_running]


def reset(settings: DevstackSettings, progress: Progress | None = None) -> None:
    """Stop it and forget its data and logs; downloads stay."""
    down(settings, progress)
    shutil.rmtree(settings.data_dir, ignore_errors=True)
    shutil.rmtree(settings.logs_dir, ignore_errors=True)


def status(settings: DevstackSettings) -> list[ServiceStatus]:
    """What runs where."""
    return [_status(service, settings) for service in all_services(settings)]


def _start(service: Service, settings: DevstackSettings, progress: Progress) -> None:
    began = time.monotonic()
    record, log = _record(service, settings), _log(service, settings)
    progress.begin(service.title)
    launch = service.prepare()
    if find_process(record) is not None and not launched_as(record, launch.command):
        stop_process(record, service.stop_seconds)  # started with other settings
    if find_process(record) is None:
        if port_is_taken(service.port):
            raise PortTakenError(service.title, service.port, service.port_variable)
        _empty(launch.scratch)
        start_process(launch.command, launch.environment, log, record)
    _wait_until_healthy(service, record, log)
    progress.finish(service.title, f"ready on 127.0.0.1:{service.port}", time.monotonic() - began)


def _empty(scratch: Path | None) -> None:
    if scratch is not None:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True, exist_ok=True)


def _wait_until_healthy(service: Service, record: Path, log: Path) -> None:
    deadline = time.monotonic() + service.start_seconds
    while not is_healthy(service.health_url):
        if find_process(record) is None:
            record.unlink(missing_ok=True)
            raise StartError(service.title, "its process ended", log)
        if time.monotonic() > deadline:
            stop_process(record, patience_seconds=5)
            raise StartError(service.title, f"not healthy after {service.start_seconds:.0f} s", log)
        time.sleep(POLL_SECONDS)


def _stop(service: Service, settings: DevstackSettings, progress: Progress) -> bool:
    began = time.monotonic()
    record = _record(service, settings)
    if find_process(record) is None:
        record.unlink(missing_ok=True)
        return False
    progress.begin(service.title)
    stop_process(record, service.stop_seconds)
    progress.finish(service.title, "stopped", time.monotonic() - began)
    return True


def _status(service: Service, settings: DevstackSettings) -> ServiceStatus:
    process = find_process(_record(service, settings))
    url, log = f"http://127.0.0.1:{service.port}", _log(service, settings)
    if process is None:
        state = "port taken" if port_is_taken(service.port) else "stopped"
        return ServiceStatus(service.title, url, state, None, None, log)
    memory = sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])
    state = "running" if is_healthy(service.health_url) else "unhealthy"
    return ServiceStatus(service.title, url, state, process.pid, memory, log)


def _record(service: Service, settings: DevstackSettings) -> Path:
    return settings.processes_dir / f"{service.name}.json"


def _log(service: Service, settings: DevstackSettings) -> Path:
    return settings.logs_dir / f"{service.name}.log"


def port_is_taken(port: int) -> bool:
    """Whether something listens on this port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_healthy(url: str) -> bool:
    """Whether a GET answers 200 within two seconds."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, urllib.error.URLError):
        return False
