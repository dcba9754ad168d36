"""One record of a batch job, answered by the code that answers real-time calls."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from devstack.modelserver.aws_errors import AwsError
from devstack.modelserver.batch_inference.behaviour import BedrockControl
from devstack.modelserver.batch_inference.checks import CONVERSE
from devstack.modelserver.bedrock import BedrockRuntime


@dataclass(frozen=True)
class AnsweredRecord:
    """A line of the output, and what it took in tokens."""

    line: bytes
    succeeded: bool
    input_tokens: int = 0
    output_tokens: int = 0


class Answering:
    """Asks the models.

    Args:
        runtime: the models, in the background.
        control: faults.
    """

    def __init__(self, runtime: BedrockRuntime, control: BedrockControl) -> None:
        self._runtime = runtime
        self._control = control

    def answer(self, request: dict[str, Any], record: dict[str, Any]) -> AnsweredRecord:
        """The line of the output for this record.

        Args:
            request: the job's.
            record: with `recordId` and `modelInput`.
        """
        if self._control.happens(self._control.behaviour.failed_records_share, "failed_records"):
            return _failed(record, 500, "Internal server error")
        try:
            if request.get("modelInvocationType") == CONVERSE:
                output = self._runtime.converse(request["modelId"], record["modelInput"])
                usage = output["usage"]
                tokens = (usage["inputTokens"], usage["outputTokens"])
            else:
                output, counted = self._runtime.invoke(request["modelId"], record["modelInput"])
                tokens = (counted, 0)
        except AwsError as error:
            return _failed(record, error.status, error.message)
        return AnsweredRecord(_line({**record, "modelOutput": output}), True, *tokens)


def _failed(record: dict[str, Any], code: int, message: str) -> AnsweredRecord:
    return AnsweredRecord(_line({**record, "error": {"errorCode": code, "errorMessage": message}}), False)


def _line(answered: dict[str, Any]) -> bytes:
    return json.dumps(answered, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
