"""What docqa mends of the emulator."""

import traceback
from typing import Any

import pytest

from devstack.emulator import ONE_NAME_FOR_ALL, class_name, naming_errors
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
