"""What docqa mends of the emulator."""

import errno
import subprocess
import sys
import traceback
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from devstack import emulator
from devstack.emulator import (
    ONE_NAME_FOR_ALL,
    class_name,
    dying_alone,
    naming_errors,
    outliving_errors,
    taking_service_events,
    unpacking_once,
)
from devstack.modelserver import documents
from docqa.errors import EncryptedDocumentError


def raised(error: Exception) -> str:
    try:
        raise error
    except type(error):
        return traceback.format_exc()


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (EncryptedDocumentError("The file needs a password."), "EncryptedDocumentError"),
        (ValueError("two\nlines: of text"), "ValueError"),
        (KeyError(), "KeyError"),
    ],
    ids=["ours", "of two lines", "without a message"],
)
def test_an_error_gets_its_class_s_name(error: Exception, name: str) -> None:
    def execute(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        body = {"errorMessage": str(error), "errorType": ONE_NAME_FOR_ALL}
        return {"body": body, "error": True, "log": "a line of the log\n" + raised(error)}

    assert naming_errors(execute)({}, {}, "r")["body"]["errorType"] == name


def test_what_a_function_prints_is_not_taken_for_its_error() -> None:
    assert class_name("NotAnError: something else\n" + raised(ValueError("the reason")), "the reason") == "ValueError"
    assert class_name("no traceback at all", "the reason") is None


def test_a_function_whose_process_died_is_named_as_on_aws() -> None:
    """Promise 17: a killed function is tried again, it is not the document's fault."""
    body = {"errorMessage": "Worker process died", "errorType": ONE_NAME_FOR_ALL}
    result = naming_errors(lambda *_: {"body": body, "error": True, "log": ""})({}, {}, "r")
    assert result["body"]["errorType"] == "Runtime.ExitError"


def starting_badly(error: Exception) -> Any:
    """ministack's runtime, whose worker cannot be started for one event."""
    runtime: Any = ModuleType("lambda_runtime")

    class Worker:
        def invoke(self, event: Any, request_id: str) -> dict[str, Any]:
            if event == "starts":
                raise error
            return {"status": "ok", "result": event, "request_id": request_id}

    runtime.Worker = Worker
    dying_alone(runtime)
    return runtime


@pytest.mark.parametrize(
    "error",
    [RuntimeError("Worker process exited immediately. stderr: "), BrokenPipeError(errno.EPIPE, "Broken pipe")],
    ids=["before it was ready", "before it was told what to do"],
)
def test_a_process_that_dies_as_it_starts_takes_no_other_with_it(error: Exception) -> None:
    """What a worker raises, ministack ends all workers of the function for."""
    worker = starting_badly(error).Worker()

    assert worker.invoke("well", "1") == {"status": "ok", "result": "well", "request_id": "1"}
    failed = worker.invoke("starts", "2")
    assert (failed["status"], failed["error"]) == ("error", str(error))
    named = naming_errors(lambda *_: {"body": {"errorMessage": failed["error"]}, "error": True})({}, {}, "r")
    assert named["body"]["errorType"] == "Runtime.ExitError"


def test_code_that_cannot_be_started_is_all_workers_business() -> None:
    with pytest.raises(RuntimeError, match="init failed"):
        starting_badly(RuntimeError("Worker init failed: x")).Worker().invoke("starts", "2")


class Process:
    """One of a function, as far as it can be ended."""

    def __init__(self) -> None:
        self.told: list[str] = []


def workers_of(results: dict[str, dict[str, Any]]) -> Any:
    """ministack's runtime, with a worker that ends its process after every error, as ministack's does."""
    runtime: Any = ModuleType("lambda_runtime")

    class Worker:
        def __init__(self) -> None:
            self._proc: Process | None = Process()
            runtime._workers["function"].append(self)

        def invoke(self, event: str, request_id: str) -> dict[str, Any]:
            result = results[event]
            if result["status"] == "error":
                process, self._proc = self._proc, None
                runtime._signal(process)
                runtime._collect(process, 0.0)
            return result

    runtime.Worker, runtime._workers, runtime._REAP_GRACE = Worker, {"function": []}, 2.0
    runtime._signal = lambda process: process.told.append("end")
    runtime._collect = lambda process, deadline: process.told.append("collected")
    outliving_errors(runtime)
    return runtime


RAISED = {"status": "error", "error": "no", "trace": "Traceback"}
TIMED_OUT = {"status": "error", "error": "Task timed out after 3.00 seconds"}


def test_a_handler_that_raises_keeps_its_process() -> None:
    """As on AWS: else each error that is tried again costs a start."""
    worker = workers_of({"bad": RAISED}).Worker()
    process = worker._proc

    assert worker.invoke("bad", "1") == RAISED
    assert worker._proc is process
    assert process.told == []


def test_a_process_that_has_to_end_ends() -> None:
    """One whose time was over, and one of a function that was changed in the meantime."""
    runtime = workers_of({"bad": RAISED, "slow": TIMED_OUT})
    slow, changed, whole = runtime.Worker(), runtime.Worker(), runtime.Worker()
    processes = [worker._proc for worker in (slow, changed, whole)]
    runtime._workers["function"].remove(changed)

    assert slow.invoke("slow", "1") == TIMED_OUT
    assert changed.invoke("bad", "2") == RAISED
    assert (slow._proc, changed._proc) == (None, None)
    runtime._signal(processes[2])  # whoever ends a process without a call does it at once

    assert [process.told for process in processes] == [["end", "collected"], ["end", "collected"], ["end"]]


def test_a_result_passes_as_it_is() -> None:
    result = {"body": {"errorType": "mine", "errorMessage": "data of a handler"}}
    assert naming_errors(lambda *_: result)({}, {}, "r") == result


@pytest.mark.parametrize(
    ("marks", "allowed"),
    [([documents.SERVICE_MARK], True), ([documents.SERVICE_MARK, None], False), ([None], False), ([], False)],
)
def test_only_the_model_server_puts_events_of_services(marks: list[str | None], allowed: bool) -> None:
    bus = ModuleType("bus")
    seen: list[bool] = []
    bus._put_events = lambda data, allow_aws_source=False: seen.append(allow_aws_source)  # type: ignore[attr-defined]
    taking_service_events(bus)

    bus._put_events({"Entries": [{"Source": "aws.bedrock", "TraceHeader": mark} for mark in marks]})

    assert seen == [allowed]
    assert emulator.SERVICE_MARK == documents.SERVICE_MARK


def unpack(folder: Path, **archives: dict[str, str]) -> ModuleType:
    """The emulator's runtime, which unpacked each of these archives into a folder of its own."""
    runtime = ModuleType("runtime")
    unpacking_once(runtime, folder / "unpacked")
    for name, files in archives.items():
        (folder / name).mkdir()
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as made:
            for file, text in files.items():
                made.writestr(file, text)
        with runtime.zipfile.ZipFile(folder / f"{name}.zip") as opened:
            opened.extractall(str(folder / name))
    return runtime


def test_processes_of_the_same_code_share_it_unpacked_once(tmp_path: Path) -> None:
    code = {"app.py": "one", "package/module.py": ""}

    runtime = unpack(tmp_path, first=code, same=code, other=code | {"app.py": "two"})

    assert (tmp_path / "first" / "package" / "module.py").exists()
    assert (tmp_path / "first").resolve() == (tmp_path / "same").resolve()
    assert (tmp_path / "other" / "app.py").read_text() == "two"
    assert runtime.zipfile.BadZipFile is zipfile.BadZipFile


def test_functions_share_the_packages_that_are_the_same(tmp_path: Path) -> None:
    package = {"package/__init__.py": "from package import module", "package/module.py": "value = 1"}
    newer = package | {"package/module.py": "value = 2"}

    unpack(tmp_path, first={"app.py": "1"} | package, second={"app.py": "2"} | package, third={"app.py": "3"} | newer)

    assert {name: imported(tmp_path / name) for name in ("first", "second", "third")} == {
        "first": "1 compiled",
        "second": "1 found compiled",
        "third": "2 compiled",
    }


def imported(code: Path) -> str:
    """What the package has for a process of this function, and whether the process had to compile it."""
    compiled = code / "package" / "__pycache__"
    before = {file.name for file in compiled.iterdir()}
    command = [sys.executable, "-c", "from package import module; print(module.value)"]
    environment = {"PYTHONPATH": str(code)}
    value = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    return f"{value} {'found compiled' if before == {file.name for file in compiled.iterdir()} else 'compiled'}"


@pytest.mark.parametrize("name", ["../app.py", "package/../../app.py", "/app.py"])
def test_nothing_is_unpacked_outside_of_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(zipfile.BadZipFile, match="outside"):
        unpack(tmp_path, first={name: "one"})
    assert not list(tmp_path.rglob("app.py"))


def test_code_of_an_earlier_run_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "unpacked" / "old").mkdir(parents=True)

    unpacking_once(ModuleType("runtime"), tmp_path / "unpacked")

    assert not (tmp_path / "unpacked" / "old").exists()
