"""What a failure of a whole batch is called, and the sentence that its sender reads."""

from __future__ import annotations

from docqa import errors
from docqa.domain.failure_words import ABORTED, EXECUTION_TIMED_OUT, STEP_TIMED_OUT, error_class, told
from docqa.models.document import Failure

_MESSAGE_MAX_CHARACTERS = 1000
_AGAIN = "Send the batch again: what was answered is kept, and only the rest is worked on."
_INTERNAL = "docqa failed to work on this batch ({code}). " + _AGAIN + " If it fails again, give the operator its id."
_EXHAUSTED = "A service that docqa needs stayed busy or away for too long ({code}). " + _AGAIN
_SETTINGS = "docqa is not set up rightly. Tell its operator the batch's id, then send the batch again."
_WORDS = {
    STEP_TIMED_OUT: "A step of the batch took longer than it may. " + _AGAIN,
    EXECUTION_TIMED_OUT: "The batch took longer than it may. " + _AGAIN,
    ABORTED: "The batch was stopped by an operator. " + _AGAIN,
}


def batch_failure(error: str, cause: str) -> Failure:
    """The failure that a state machine's error and cause tell of; both as Catch or the status-change event has them."""
    code, message = told(error, cause)
    known = error_class(code)
    if issubclass(known, errors.BatchError) and message:
        return Failure(code, message[:_MESSAGE_MAX_CHARACTERS])
    if issubclass(known, errors.RetryableError):
        return Failure(code, _EXHAUSTED.format(code=code))
    if issubclass(known, errors.ConfigurationError):
        return Failure(code, _SETTINGS)
    return Failure(code, _WORDS.get(code, _INTERNAL).format(code=code))
