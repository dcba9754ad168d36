"""The packages of all layers, downloaded once for every build of them.

sam has pip look every package up again, one by one, at each build: from this machine that takes a third of the
processor time, and no network. Over HTTP, because sam takes what pip finds in a folder for sources, and has each made
into a wheel once more.
"""

from __future__ import annotations

import functools
import hashlib
import platform
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from devstack.errors import DevstackError
from devstack.settings import REPOSITORY

LOCK = REPOSITORY / "requirements" / "runtime.txt"
# What sam accepts for Lambda's runtimes, whatever this machine would like better.
PLATFORMS = ("manylinux2014", "manylinux_2_17", "manylinux_2_26")


def wheels(folder: Path, log: Path) -> Path:
    """A folder with every wheel that `requirements/runtime.txt` locks, made if it is not there or of another lock.

    Args:
        folder: Where to keep it.
        log: What pip says.

    Raises:
        DevstackError: a package cannot be had.
    """
    wanted = (
        folder / hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes() + sys.version.encode()).hexdigest()[:16]
    )
    if wanted.exists():
        return wanted
    shutil.rmtree(folder, ignore_errors=True)
    coming = folder / "coming"
    coming.mkdir(parents=True)
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    command = [sys.executable, "-m", "pip", "download", "--requirement", str(LOCK), "--dest", str(coming)]
    command += [f"--platform={name}_{machine}" for name in PLATFORMS]
    command += ["--implementation=cp", f"--python-version={platform.python_version()}"]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        done = subprocess.run(
            [*command, "--no-deps", "--require-hashes", "--only-binary=:all:", "--disable-pip-version-check"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise DevstackError(f"The functions' packages could not be downloaded. See {log}.")
    coming.rename(wanted)
    return wanted


@contextmanager
def offered(folder: Path) -> Iterator[dict[str, str]]:
    """Offer a folder's wheels to pip for a while; the variables that have it look there and nowhere else."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Silent, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": f"http://127.0.0.1:{server.server_port}/"}
    finally:
        server.shutdown()
        server.server_close()


class _Silent(SimpleHTTPRequestHandler):
    """Lists and hands out files without a word on stderr."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the class above names it
        """Nothing."""
