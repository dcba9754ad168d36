"""Formats that misbehave on purpose, each in its own way; they are made by name in another process."""

from __future__ import annotations

import ctypes
import io
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import EncryptedDocumentError, UnsupportedDocumentError
from docqa.models.page import Page, ReadingMethod
from docqa.ports.reading import DocumentFormat, Outline


class WellBehaved:
    """A page a line of the file."""

    def __init__(self, limits: ParsingLimits) -> None:
        self.limits = limits

    def outline(self, file: IO[bytes]) -> Outline:
        return Outline(pages=len(self._lines(file)), title="Lines", opening=self._lines(file)[0])

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:
        for number, line in list(enumerate(self._lines(file), start=1))[first - 1 : last]:
            yield page(number, line)

    @contextmanager
    def select(self, file: IO[bytes], numbers: Sequence[int]) -> Iterator[IO[bytes]]:
        lines = self._lines(file)
        if len(numbers) == len(lines):
            yield file
        else:
            yield io.BytesIO("\n".join(lines[number - 1] for number in numbers).encode())

    def _lines(self, file: IO[bytes]) -> list[str]:
        file.seek(0)
        return file.read().decode(errors="surrogateescape").split("\n")


class Misbehaving:
    """Does `act` as soon as it is asked for anything, and then nothing else."""

    def act(self, file: IO[bytes]) -> Iterator[Page]:
        raise NotImplementedError

    def outline(self, file: IO[bytes]) -> Outline:
        pages = list(self.act(file))
        return Outline(pages=len(pages), opening=pages[0].text if pages else "")

    def read(self, file: IO[bytes], first: int, last: int) -> Iterator[Page]:
        yield from self.act(file)


def page(number: int, text: str) -> Page:
    return Page(number, text, ReadingMethod.TEXT_LAYER, "test", hidden=((0, 1),))


def well_behaved(limits: ParsingLimits) -> DocumentFormat:
    return WellBehaved(limits)


class Detector:
    """By the name alone; a file without content is refused."""

    def __init__(self, limits: ParsingLimits) -> None:
        self.limits = limits

    def detect(self, file: IO[bytes], name: str) -> str:
        if not file.read(1):
            raise UnsupportedDocumentError("There is nothing in it.")
        return f"text/{name}"


def greedy(limits: ParsingLimits) -> DocumentFormat:
    class Greedy(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            held = []
            while True:
                held.append(bytearray(1024 * 1024))

    return Greedy()


def looping(limits: ParsingLimits) -> DocumentFormat:
    class Looping(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            while True:
                pass

    return Looping()


def sleeping(limits: ParsingLimits) -> DocumentFormat:
    class Sleeping(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            yield page(1, "first")
            time.sleep(600)

    return Sleeping()


def disk_filling(limits: ParsingLimits) -> DocumentFormat:
    class DiskFilling(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            with tempfile.TemporaryFile() as endless:
                while True:
                    endless.write(bytes(1024 * 1024))

    return DiskFilling()


def deep(limits: ParsingLimits) -> DocumentFormat:
    def deeper(level: int) -> int:
        return deeper(level + 1) + 1

    class Deep(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            yield page(deeper(0), "")

    return Deep()


def endless_pages(limits: ParsingLimits) -> DocumentFormat:
    class EndlessPages(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            number = 0
            while number := number + 1:
                yield page(number, "page")

    return EndlessPages()


def long_page(limits: ParsingLimits) -> DocumentFormat:
    class LongPage(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            file.seek(0)
            yield page(1, "x" * int(file.read()))

    return LongPage()


def crashing(limits: ParsingLimits) -> DocumentFormat:
    class Crashing(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            yield page(1, "first")
            ctypes.string_at(0)

    return Crashing()


def encrypted(limits: ParsingLimits) -> DocumentFormat:
    class Encrypted(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            raise EncryptedDocumentError("A password is needed.")

    return Encrypted()


def stumbling(limits: ParsingLimits) -> DocumentFormat:
    class Stumbling(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            file.seek(0)
            raise KeyError(file.read())

    return Stumbling()


def exiting(limits: ParsingLimits) -> DocumentFormat:
    class Exiting(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            os._exit(3)

    return Exiting()


def lying(limits: ParsingLimits) -> DocumentFormat:
    class Lying(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            yield Page("one", ["no text"], ReadingMethod.OCR)  # type: ignore[arg-type]

    return Lying()


def killed_by_the_machine(limits: ParsingLimits) -> DocumentFormat:
    """As the kernel ends a process when the machine's memory runs out."""
    libc = ctypes.CDLL(None)

    class Killed(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            yield page(1, "first")
            getattr(libc, "raise")(signal.SIGKILL)

    return Killed()


def prying(limits: ParsingLimits) -> DocumentFormat:
    """Tells what there is to be seen of the function: variables, open files, names of processes."""

    class Prying(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            yield page(1, " ".join([*os.environ, Path("/proc/self/environ").read_bytes().decode()]))
            yield page(2, " ".join(path.name for path in Path("/proc/self/fd").iterdir()))

    return Prying()


def spying(limits: ParsingLimits) -> DocumentFormat:
    """Tells what it can read of another process, whose number is in the file."""

    class Spying(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            file.seek(0)
            other = Path("/proc") / file.read().decode()
            for number, secret in enumerate(("environ", "mem", "maps"), start=1):
                try:
                    with (other / secret).open("rb") as opened:
                        found = opened.read(1_000).decode(errors="replace")
                except OSError as error:
                    found = type(error).__name__
                yield page(number, found)

    return Spying()


def connecting(limits: ParsingLimits) -> DocumentFormat:
    """Tries every way out; a page each, with what came of it."""

    class Connecting(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            file.seek(0)
            port = int(file.read())
            attempts = {
                "connect": lambda: socket.create_connection(("127.0.0.1", port), timeout=1),
                "resolve": lambda: socket.getaddrinfo("localhost", port),
                "socket": socket.socket,
                "subprocess": lambda: subprocess.run(["/bin/true"], check=True),
                "fork": os.fork,
                "execute": lambda: os.execv("/bin/true", ["/bin/true"]),
                "kill": lambda: os.kill(os.getppid(), signal.SIGKILL),
            }
            for number, (name, attempt) in enumerate(attempts.items(), start=1):
                try:
                    attempt()
                    outcome = "went through"
                except OSError as error:
                    outcome = type(error).__name__
                yield page(number, f"{name}: {outcome}")

    return Connecting()


def connecting_natively(limits: ParsingLimits) -> DocumentFormat:
    """A connection by the C library, as a native parser would open it: no hook of Python's sees it."""
    libc = ctypes.CDLL(None, use_errno=True)

    class ConnectingNatively(Misbehaving):
        def act(self, file: IO[bytes]) -> Iterator[Page]:
            file.seek(0)
            port = int(file.read())
            address = socket.AF_INET.to_bytes(2, "little") + port.to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
            opened = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
            outcome = libc.connect(opened, address, len(address))
            yield page(1, "connected" if outcome == 0 else "refused")

    return ConnectingNatively()
