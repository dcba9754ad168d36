"""The emulator as docqa runs it: ministack, with the names of errors mended.

ministack 1.5.33 calls every error of a Lambda function `Runtime.HandlerError`. Then no Retry and no Catch by class
name ever matches, and a document's owner reads the emulator's word instead of the reason. AWS gives the class's name,
and the traceback that ministack keeps for the log has it. A function whose process died, of too little memory for one,
is `Runtime.ExitError` on AWS: that has nothing to do with what the function does, and is worth another try.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

ONE_NAME_FOR_ALL = "Runtime.HandlerError"
# What ministack says of a process that ended without an answer, before or after it was asked, and what AWS says.
PROCESS_ENDED = frozenset({"Worker process died", "[Errno 32] Broken pipe"})
EXIT_ERROR = "Runtime.ExitError"
_LAST_LINE = re.compile(r"(?:[\w.]+\.)?(?P<name>[A-Za-z_]\w*)(?:: (?P<message>.*))?")

Execute = Callable[[dict[str, Any], Any, str], dict[str, Any]]


def class_name(traceback: str, message: str) -> str | None:
    """Name of the error that a traceback ends with, if it carries this message."""
    first = message.partition("\n")[0]
    for line in reversed(traceback.splitlines()):
        found = _LAST_LINE.fullmatch(line)
        if found and (found["message"] or "") == first:
            return found["name"]
    return None


def naming_errors(execute: Execute) -> Execute:
    """The emulator's way to call a function, with the class's name in what it reports of a failure."""

    def named(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        result = execute(function, event, request_id)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict) and body.get("errorType") == ONE_NAME_FOR_ALL:
            message = str(body.get("errorMessage", ""))
            name = EXIT_ERROR if message in PROCESS_ENDED else class_name(str(result.get("log", "")), message)
            result["body"] = body | {"errorType": name or ONE_NAME_FOR_ALL}
        return result

    return named


def main() -> None:
    """Run ministack with its settings from the environment."""
    from ministack import app
    from ministack.services import lambda_svc

    execute = "_execute_function_warm"  # ministack has no setting for it
    setattr(lambda_svc, execute, naming_errors(getattr(lambda_svc, execute)))
    app.main()


if __name__ == "__main__":
    main()
