"""What a failure is called, and the sentence that the document's owner reads."""

from __future__ import annotations

import json
import re
from typing import Any

from docqa import errors
from docqa.models.document import Failure, Stage

STEP_TIMED_OUT = "States.Timeout"
EXTRACTION_TIMED_OUT = "ExtractionTimedOut"
EXECUTION_TIMED_OUT = "ExecutionTimedOut"
ABORTED = "ExecutionAborted"
DEADLINE_PASSED = "DeadlinePassed"
UNKNOWN = "UnknownError"

# What Step Functions calls it when Lambda itself, and not a function, refuses or fails.
LAMBDA_SERVICE_ERRORS: dict[str, type[errors.RetryableError]] = {
    "Lambda.TooManyRequestsException": errors.ThrottledError,
    "Lambda.ServiceException": errors.ServiceUnavailableError,
    "Lambda.AWSLambdaException": errors.ServiceUnavailableError,
    "Lambda.SdkClientException": errors.ServiceUnavailableError,
    "Lambda.ClientExecutionTimeoutException": errors.ServiceUnavailableError,
}

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,79}")
_MESSAGE_MAX_CHARACTERS = 1000
_INTERNAL = "docqa failed to process this document ({code}). Reprocess it; if it fails again, give the operator its id."
_EXHAUSTED = "A service that docqa needs stayed busy or away for hours ({code}). Reprocess the document later."
_WORDS = {
    STEP_TIMED_OUT: "A step of processing took longer than it may. Split the document; if that does not help, give the "
    "operator its id.",
    EXTRACTION_TIMED_OUT: "Text extraction did not answer for hours, several times. Reprocess the document later.",
    EXECUTION_TIMED_OUT: "Processing was stopped again and again after hours without an end: services that docqa needs "
    "were slow, or the document is too much for them. Reprocess it when there is less to do, or split it.",
    ABORTED: "Processing was stopped by an operator. Reprocess the document.",
    DEADLINE_PASSED: "Processing did not finish in time in {attempts} attempts. Reprocess the document; "
    "if that does not help, give the operator its id.",
}


def failure_of(error: str, cause: str, stage: str = "") -> Failure | None:
    """The failure that a state machine's error and cause tell of; None: the work was void, nothing failed.

    Args:
        error: Name of the error, as Catch or the status-change event has it.
        cause: Of a failed Lambda: JSON with `errorType` and `errorMessage`. Otherwise free text, or empty.
        stage: What was being done, as the registry has it: waiting for text extraction in vain is no hung step.
    """
    code, message = told(error, cause)
    known = error_class(code)
    if issubclass(known, errors.StaleVersionError):
        return None
    if issubclass(known, errors.DocumentError) and message:
        return Failure(code, message[:_MESSAGE_MAX_CHARACTERS])
    if issubclass(known, errors.RetryableError):
        return Failure(code, _EXHAUSTED.format(code=code))
    if code == STEP_TIMED_OUT and stage == Stage.EXTRACTING:
        code = EXTRACTION_TIMED_OUT
    return Failure(code, _WORDS.get(code, _INTERNAL).format(code=code))


def error_class(code: str) -> type[errors.DocqaError]:
    """The error of that class name, or what a Lambda's own error means; the root of the tree for all others."""
    kind = LAMBDA_SERVICE_ERRORS.get(code) or getattr(errors, code, None)
    return kind if isinstance(kind, type) and issubclass(kind, errors.DocqaError) else errors.DocqaError


def deadline_failure(attempts: int) -> Failure:
    """The failure of a version whose executions vanished or hung too often."""
    return Failure(DEADLINE_PASSED, _WORDS[DEADLINE_PASSED].format(attempts=attempts))


def told(error: str, cause: str) -> tuple[str, str]:
    """The error's class name and message: from the cause if that is a Lambda's, else the error with the cause."""
    lambda_error = _json_object(cause)
    code = str(lambda_error.get("errorType") or error).rpartition("docqa.errors.")[2]
    message = str(lambda_error.get("errorMessage", "")) if lambda_error else cause
    return (code if _CODE.fullmatch(code) else UNKNOWN), message


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
