"""What docqa mends of the emulator."""

import traceback
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from devstack import emulator
from devstack.emulator import ONE_NAME_FOR_ALL, class_name, naming_errors, taking_service_events, unpacking_once
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


def archive(file: Path, text: str) -> Path:
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("app.py", text)
        made.writestr("package/module.py", "")
    return file


def test_processes_of_the_same_code_share_it_unpacked_once(tmp_path: Path) -> None:
    runtime = ModuleType("runtime")
    unpacking_once(runtime, tmp_path / "unpacked")
    first, same = archive(tmp_path / "first.zip", "one"), archive(tmp_path / "same.zip", "one")
    other = archive(tmp_path / "other.zip", "two")

    for zipped in (first, same, other):
        target = tmp_path / zipped.stem
        target.mkdir()
        with runtime.zipfile.ZipFile(zipped) as opened:
            opened.extractall(str(target))

    assert (tmp_path / "first" / "package" / "module.py").exists()
    assert (tmp_path / "first").resolve() == (tmp_path / "same").resolve()
    assert (tmp_path / "other" / "app.py").read_text() == "two"
    assert runtime.zipfile.BadZipFile is zipfile.BadZipFile


def test_code_of_an_earlier_run_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "unpacked" / "old").mkdir(parents=True)

    unpacking_once(ModuleType("runtime"), tmp_path / "unpacked")

    assert not list((tmp_path / "unpacked").iterdir())
