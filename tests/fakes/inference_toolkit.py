"""What the container `huggingface` does with an archive (handler_service.py of its inference toolkit, version 2.6).

The unpacked archive's code folder comes first on the path, its module `inference` is imported in a process of its own,
and each request goes through input_fn, predict_fn and output_fn. What they raise is status 400 with the error's text.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

JSON = "application/json"


@dataclass(frozen=True)
class Reply:
    """Status and body of an answer."""

    status: int
    body: str

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Toolkit:
    """A container with an archive, until it is closed."""

    def __init__(self, archive: Path, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        reading, writing = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-I", __file__, str(folder), str(writing)],
            stdin=subprocess.PIPE,
            pass_fds=[writing],
            env={**os.environ, **(environment or {})},
            text=True,
        )
        os.close(writing)
        self._replies = os.fdopen(reading)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._replies.close()

    def ask(self, body: Any, content_type: str = JSON, accept: str | None = None) -> Reply:
        """Send a body; anything but text is sent as JSON."""
        text = body if isinstance(body, str) else json.dumps(body)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"body": text, "content_type": content_type, "accept": accept}) + "\n")
        self._process.stdin.flush()
        answer = self._replies.readline()
        assert answer, "the container died"
        return Reply(**json.loads(answer))


def _serve(model_dir: str, replies: int) -> None:
    sys.path.insert(0, os.path.join(model_dir, "code"))  # noqa: PTH118 - as the toolkit does
    import inference  # type: ignore[import-not-found]

    model = inference.model_fn(model_dir)
    with os.fdopen(replies, "w") as writer:
        for line in sys.stdin:
            request = json.loads(line)
            accept = request["accept"] if request["accept"] not in (None, "*/*") else JSON
            body = request["body"] if request["content_type"] == JSON else request["body"].encode()
            try:
                asked = inference.input_fn(body, request["content_type"])
                answer = {"status": 200, "body": inference.output_fn(inference.predict_fn(asked, model), accept)}
            except Exception as error:  # noqa: BLE001 - as the toolkit does
                answer = {"status": 400, "body": str(error)}
            writer.write(json.dumps(answer) + "\n")
            writer.flush()


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
