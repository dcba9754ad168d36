"""No parser opens a connection, whatever a file asks it to fetch."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pytest_socket

from docqa.adapters.formats.catalogue import MAKERS, detector
from docqa.adapters.sandbox import Nursery, Sandboxed, SandboxedDetector
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import DocumentError
from docqa.ports.reading import DocumentFormat, TypeDetector
from tests.fakes.beacons import BEACONS, TEXT

LIMITS = ParsingLimits()
Maker = Callable[[ParsingLimits], DocumentFormat]


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """What every file wants to reach."""
    pytest_socket.enable_socket()
    with socket.create_server(("127.0.0.1", 0)) as server:
        # Nothing in this process may connect; the native parsers are not held by it, so the server listens.
        pytest_socket.disable_socket(allow_unix_socket=True)
        server.settimeout(0)
        yield server


def contents(file: bytes, name: str, kinds: TypeDetector, reader: Callable[[Maker], DocumentFormat]) -> str:
    """Everything that a reader finds in a file."""
    opened = io.BytesIO(file)
    found = reader(MAKERS[kinds.detect(opened, name)])
    outline = found.outline(opened)
    return "\n".join([outline.title, outline.opening, *(page.text for page in found.read(opened, 1, outline.pages))])


def address(server: socket.socket) -> str:
    return f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("name", BEACONS)
@pytest.mark.parametrize("confined", [False, True], ids=["parser alone", "in its process"])
def test_nothing_is_fetched(name: str, confined: bool, server: socket.socket, nursery: Nursery) -> None:
    """Promise 47: no parser opens a connection; each alone does not, and in its process it could not."""
    # given
    file = BEACONS[name](address(server))
    # when
    if confined:
        kinds: TypeDetector = SandboxedDetector(detector, LIMITS, nursery)
        text = contents(file, name, kinds, lambda maker: Sandboxed(maker, LIMITS, nursery))
    else:
        text = contents(file, name, detector(LIMITS), lambda maker: maker(LIMITS))
    # then
    with pytest.raises(BlockingIOError):
        server.accept()
    assert TEXT in text


@pytest.mark.parametrize("name", ["page.xhtml", "data.xml", "entities.docx", "entities.odt"])
def test_no_entity_brings_a_file_of_the_machine_into_a_document(name: str, server: socket.socket) -> None:
    """Promises 46, 47: entities are off, those of local files too."""
    hostname = Path("/etc/hostname").read_text().strip()
    try:
        text = contents(BEACONS[name](address(server)), name, detector(LIMITS), lambda maker: maker(LIMITS))
    except DocumentError:
        text = ""  # refused altogether is as good
    assert hostname not in text.replace(TEXT, "")
