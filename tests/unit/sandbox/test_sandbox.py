"""A parse in a process of its own: the same results, a stated end for everything else."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO, Any

import psutil
import pytest

from docqa import errors
from docqa.adapters.sandbox import Nursery, Sandboxed, SandboxedDetector, Usage
from docqa.adapters.sandbox import nursery as nursery_module
from docqa.adapters.sandbox import parse as parse_module
from docqa.domain.parsing_limits import ParsingLimits
from docqa.models.page import Page
from docqa.ports.reading import DocumentFormat, Outline
from tests.unit.sandbox import formats

MIB = 1024 * 1024
LIMITS = ParsingLimits(memory_bytes=64 * MIB, cpu_seconds=20, wall_seconds=60, max_decompressed_bytes=8 * MIB)

LINUX = pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere the kernel has no such limit")

Maker = Callable[[ParsingLimits], DocumentFormat]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def ended() -> list[Usage]:
    return []


@pytest.fixture
def sandboxed(nursery: Nursery, ended: list[Usage]) -> Callable[..., Sandboxed]:
    def make(maker: Maker, **limits: Any) -> Sandboxed:
        return Sandboxed(maker, replace(LIMITS, **limits), nursery, ended.append)

    return make


Make = Callable[..., Sandboxed]


def file_of(content: str) -> IO[bytes]:
    return io.BytesIO(content.encode())


def read(format_: Sandboxed, content: str = "text") -> list[Page]:
    return list(format_.read(file_of(content), 1, 100))


def test_what_comes_out_is_what_the_format_says(sandboxed: Make) -> None:
    # given
    reader = sandboxed(formats.well_behaved)
    file = file_of("größer\n中文 \U0001f600\n\x01\u2028third")
    # when / then
    assert reader.outline(file) == Outline(pages=3, title="Lines", opening="größer")
    assert list(reader.read(file, 2, 3)) == [formats.page(2, "中文 \U0001f600"), formats.page(3, "\x01\u2028third")]


def test_a_file_is_read_from_memory_from_the_disk_and_half_way_between(sandboxed: Make) -> None:
    # given
    reader = sandboxed(formats.well_behaved)
    with tempfile.SpooledTemporaryFile(max_size=MIB) as spooled, tempfile.TemporaryFile() as on_disk:
        for file in (spooled, on_disk):
            file.write(b"one\ntwo")
            # when / then: where the file stood does not matter, and stays
            assert [page.text for page in reader.read(file, 1, 2)] == ["one", "two"]
            assert file.tell() == 7


def test_pages_are_taken_out_into_a_new_file(sandboxed: Make) -> None:
    # given
    file = file_of("one\ntwo\nthree")
    # when
    with sandboxed(formats.well_behaved).select(file, [1, 3]) as selected:
        # then
        assert selected.read() == b"one\nthree"


def test_a_file_that_is_taken_whole_is_not_copied(sandboxed: Make) -> None:
    file = file_of("one\ntwo")
    with sandboxed(formats.well_behaved).select(file, [1, 2]) as selected:
        assert selected is file
        assert selected.read() == b"one\ntwo"


def test_text_that_no_encoding_can_write_becomes_question_marks(sandboxed: Make) -> None:
    reader = sandboxed(formats.well_behaved)
    (page,) = reader.read(io.BytesIO(b"half \xed\xa0\x80 a pair"), 1, 1)
    assert page.text == "half ??? a pair"


def test_what_a_file_is_is_found_out_there_too(nursery: Nursery) -> None:
    detector = SandboxedDetector(formats.Detector, LIMITS, nursery)
    assert detector.detect(file_of("a"), "plain") == "text/plain"
    with pytest.raises(errors.UnsupportedDocumentError, match="nothing in it"):
        detector.detect(file_of(""), "plain")


def test_several_files_are_read_at_the_same_time(sandboxed: Make) -> None:
    # given
    reader = sandboxed(formats.well_behaved)
    # when
    both = zip(reader.read(file_of("a\nb"), 1, 2), reader.read(file_of("c\nd"), 1, 2), strict=True)
    # then
    assert [(one.text, other.text) for one, other in both] == [("a", "c"), ("b", "d")]


def test_a_parse_that_is_left_half_way_does_not_disturb_the_next(sandboxed: Make) -> None:
    # given
    left = sandboxed(formats.endless_pages).read(file_of(""), 1, 100)
    next(left)
    # when
    left.close()  # type: ignore[attr-defined]
    # then
    assert read(sandboxed(formats.well_behaved), "one")


@pytest.mark.parametrize(
    ("maker", "limits", "words"),
    [
        pytest.param(formats.greedy, {}, "took more than 67 MB of memory", marks=LINUX),
        (formats.looping, {"cpu_seconds": 1}, "took more than 1 seconds of computing"),
        (formats.sleeping, {"wall_seconds": 1}, "took longer than 1 seconds"),
        (formats.disk_filling, {}, "unpacked to more than 8 MB"),
        (formats.deep, {}, "went too deep"),
        (formats.endless_pages, {"max_pages": 20}, "gave more than 20 pages"),
        (formats.endless_pages, {"max_total_characters": 100}, "gave more than 100 characters"),
    ],
)
def test_each_limit_ends_a_parse_with_words_for_its_owner(
    sandboxed: Make, maker: Maker, limits: dict[str, int], words: str
) -> None:
    """Promise 46: bounded time, memory and output, and a stated failure."""
    with pytest.raises(errors.ParsingLimitError, match=words):
        read(sandboxed(maker, **limits))


@pytest.mark.parametrize("characters", [101, 10_000_000])
def test_a_page_may_have_only_so_many_characters(sandboxed: Make, characters: int) -> None:
    """Promise 46: a page that is a little too long, and one that would not even be held in memory to count it."""
    with pytest.raises(errors.ParsingLimitError, match="a page of more than 100 characters"):
        read(sandboxed(formats.long_page, max_page_characters=100), str(characters))


def test_limits_that_are_kept_to_do_not_disturb(sandboxed: Make) -> None:
    limits = {"max_pages": 3, "max_page_characters": 5, "max_total_characters": 15}
    assert len(read(sandboxed(formats.well_behaved, **limits), "three\nwords\nwrote")) == 3


def test_a_crash_of_a_native_parser_is_the_files_fault(sandboxed: Make) -> None:
    """Promise 46: a file that crashes its reader takes nothing else along."""
    with pytest.raises(errors.MalformedDocumentError, match="made its reader crash"):
        read(sandboxed(formats.crashing))
    assert read(sandboxed(formats.well_behaved))


def test_an_error_of_ours_keeps_class_and_words(sandboxed: Make) -> None:
    with pytest.raises(errors.EncryptedDocumentError, match=r"^A password is needed\.$"):
        read(sandboxed(formats.encrypted))


@pytest.mark.parametrize(("maker", "name"), [(formats.stumbling, "KeyError"), (formats.exiting, "exit 3")])
def test_whatever_else_a_parser_does_is_told_without_quoting_the_document(
    sandboxed: Make, maker: Maker, name: str
) -> None:
    """Promise 49: the class and the code lines are for the log, the message may quote the document."""
    with pytest.raises(errors.ParserFaultError, match=name) as raised:
        read(sandboxed(maker), "a secret of the document")
    assert "secret" not in str(raised.value)
    assert not any("secret" in frame for frame in raised.value.frames)


def test_a_faults_code_lines_are_kept_for_the_log(sandboxed: Make) -> None:
    with pytest.raises(errors.ParserFaultError) as raised:
        read(sandboxed(formats.stumbling))
    assert raised.value.frames[-1].startswith("sandbox/formats.py:")


def test_what_comes_back_is_not_believed(sandboxed: Make) -> None:
    with pytest.raises(ValueError, match="validation error"):
        read(sandboxed(formats.lying))


def test_a_file_that_the_machine_has_to_kill_twice_is_refused(sandboxed: Make, ended: list[Usage]) -> None:
    """Promises 21, 46: tried once more, because anything may have been the cause, and then never again."""
    with pytest.raises(errors.ParsingLimitError, match="memory"):
        read(sandboxed(formats.killed_by_the_machine))
    assert [usage.status for usage in ended] == [-9, -9]


@pytest.mark.parametrize("child_alone", [True, False])
def test_a_parse_that_is_killed_from_outside_goes_on_where_it_was(child_alone: bool) -> None:
    """Promise 41: a killed process loses nothing, whichever it is."""
    # given
    others = set(psutil.Process().children())
    nursery = Nursery()
    pages = Sandboxed(formats.well_behaved, LIMITS, nursery).read(file_of("\n".join(["x" * 500_000] * 20)), 1, 20)
    first = next(pages)
    # when
    (server,) = set(psutil.Process().children()) - others
    (child,) = server.children()
    (child if child_alone else server).kill()
    # then
    assert [first.number, *(page.number for page in pages)] == list(range(1, 21))
    nursery.close()


def test_the_environment_and_the_open_files_of_the_function_are_not_there(
    nursery: Nursery, monkeypatch: pytest.MonkeyPatch, ended: list[Usage]
) -> None:
    # given
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    monkeypatch.setenv("LANG", "C.UTF-8")
    fresh = Nursery()
    with tempfile.TemporaryFile() as ours:
        # when
        variables, descriptors = read(Sandboxed(formats.prying, LIMITS, fresh))
    fresh.close()
    # then
    assert "LANG" in variables.text
    assert "AWS" not in variables.text
    assert "canary" not in variables.text
    assert len(descriptors.text.split()) <= 6, "the standard three, the document, the results, the listing itself"
    assert ours.closed


# A function: the keys of its role are in its environment, and it has a file parsed that looks for them.
FUNCTION = """
import io, json, os, sys
sys.path[:] = json.loads(sys.argv[1])
from docqa.bootstrap.sandbox import sandboxed
from docqa.adapters.sandbox.privileges import drop_capabilities
from tests.unit.sandbox import formats
if sys.argv[2] == "nobody special":
    assert drop_capabilities()
assert os.environ["AWS_SECRET_ACCESS_KEY"] == "canary"
pages = sandboxed(formats.spying).read(io.BytesIO(str(os.getpid()).encode()), 1, 3)
print(json.dumps([page.text for page in pages]))
"""


@LINUX
@pytest.mark.parametrize("who", ["whoever runs the tests", "nobody special"])
def test_neither_environment_nor_memory_of_the_function_can_be_read_by_a_parse(who: str) -> None:
    """Promise 47: an exploited parser finds no keys of the function's role, whether both run as root or, as on Lambda,
    as one user without any capability."""
    done = subprocess.run(
        [sys.executable, "-c", FUNCTION, json.dumps(sys.path), who],
        env={**os.environ, "AWS_SECRET_ACCESS_KEY": "canary"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["PermissionError"] * 3


@pytest.fixture
def unfiltered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Nursery]:
    """A process on a kernel that takes no filter."""
    patch = "import docqa.adapters.sandbox.confinement as c; c.refuse_system_calls = lambda: False; "
    monkeypatch.setattr(nursery_module, "_BOOT", nursery_module._BOOT.replace("from docqa", f"{patch}from docqa", 1))
    parse_module._unfiltered.cache_clear()
    made = Nursery()
    made.warm()
    yield made
    made.close()
    parse_module._unfiltered.cache_clear()


def test_nothing_is_read_where_the_filter_is_required_and_the_kernel_takes_none(unfiltered: Nursery) -> None:
    """Promise 47: a sandbox that is not there is no silent matter."""
    reader = Sandboxed(formats.well_behaved, replace(LIMITS, require_filter=True), unfiltered)
    for _ in range(2):
        with pytest.raises(errors.ConfigurationError, match="SYSTEM_CALL_FILTER=required"):
            read(reader)
    with pytest.raises(errors.ConfigurationError, match="SYSTEM_CALL_FILTER=required"):
        reader.outline(file_of("text"))


def test_where_the_filter_is_only_preferred_its_absence_is_logged_once(
    unfiltered: Nursery, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise 47: files are read all the same, and whoever runs the stack can know."""
    reader = Sandboxed(formats.well_behaved, LIMITS, unfiltered)

    assert [page.text for _ in range(2) for page in read(reader, "one")] == ["one", "one"]
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@LINUX
def test_a_kernel_that_takes_the_filter_is_taken_at_its_word(sandboxed: Make) -> None:
    assert read(sandboxed(formats.well_behaved, require_filter=True), "one")


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A server that a connection would reach."""
    from pytest_socket import enable_socket

    enable_socket()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def test_no_connection_no_name_no_program_and_no_process_comes_out(sandboxed: Make, listening: socket.socket) -> None:
    """Promise 47: connections, names, programs, and other processes are refused to a parser."""
    port = str(listening.getsockname()[1])
    pages = read(sandboxed(formats.connecting), port)
    outcomes = dict(page.text.split(": ") for page in pages)
    assert set(outcomes.values()) == {"ForbiddenActionError"}, outcomes
    with pytest.raises(BlockingIOError):
        listening.accept()


@LINUX
def test_no_native_parser_can_connect_either(sandboxed: Make, listening: socket.socket) -> None:
    """Promise 47: the kernel refuses what no hook of the interpreter sees."""
    (page,) = read(sandboxed(formats.connecting_natively), str(listening.getsockname()[1]))
    assert page.text == "refused"
    with pytest.raises(BlockingIOError):
        listening.accept()


def test_a_format_that_another_process_could_not_find_is_refused(nursery: Nursery) -> None:
    class Local(formats.WellBehaved):
        pass

    with pytest.raises(errors.ConfigurationError, match="top level"):
        Sandboxed(Local, LIMITS, nursery)


def test_a_process_that_cannot_start_is_no_fault_of_the_document(nursery: Nursery) -> None:
    def missing(limits: ParsingLimits) -> DocumentFormat:
        raise NotImplementedError

    missing.__qualname__ = "missing"
    with pytest.raises(errors.ConfigurationError, match="does not start"):
        read(Sandboxed(missing, LIMITS, nursery))


def test_what_a_parse_took_is_told(sandboxed: Make, ended: list[Usage]) -> None:
    read(sandboxed(formats.well_behaved))
    (usage,) = ended
    assert usage.status == 0
    assert usage.peak_bytes > MIB
    assert usage.start_bytes > MIB
