"""The emulator as docqa runs it: ministack, with errors of functions mended, without which no retry could be tried.

ministack 1.5.33 calls every error of a Lambda function `Runtime.HandlerError`. Then no Retry and no Catch by class
name ever matches, and a document's owner reads the emulator's word instead of the reason. AWS gives the class's name,
and the traceback that ministack keeps for the log has it. A function whose process died, of too little memory for one,
is `Runtime.ExitError` on AWS: that has nothing to do with what the function does, and is worth another try.

A state that waits for a task token, and whose function fails, waits on in ministack until its time is over. On AWS it
fails at once with the function's error.

A function's process that dies as it starts takes all others of the function with it in ministack, whatever they are at.
On AWS they know nothing of each other. One whose handler raised is ended by ministack, so that each error costs a
start. On AWS it takes the next call.

PutEvents refuses events of AWS's own services, in ministack as on AWS. The model server stands for two of them, whose
jobs tell of themselves by events: what carries its mark is taken.

ministack unpacks a function's archives anew for each process, which then compiles every module for itself: one to two
seconds of a core before the first line runs. Here they share what is the same, unpacked and compiled once: processes of
one function everything, those of two functions the packages of the same version.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

ONE_NAME_FOR_ALL = "Runtime.HandlerError"
# What ministack says of a process that ended without an answer, as it began or after it was asked, and what AWS says.
PROCESS_ENDED = ("Worker process died", "[Errno 32] Broken pipe", "Worker process exited immediately")
EXIT_ERROR = "Runtime.ExitError"
# The same as devstack.modelserver.documents.SERVICE_MARK: nothing of the repository can be imported here.
SERVICE_MARK = "docqa-model-server"
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
        if result.get("error") and isinstance(body, dict):
            message = str(body.get("errorMessage", ""))
            if message.startswith(PROCESS_ENDED):
                result["body"] = body | {"errorType": EXIT_ERROR}
            elif body.get("errorType") == ONE_NAME_FOR_ALL:
                name = class_name(str(result.get("log", "")), message)
                result["body"] = body | {"errorType": name or ONE_NAME_FOR_ALL}
        return result

    return named


def dying_alone(runtime: ModuleType) -> None:
    """Let a process that ends as it starts fail the call that it was started for, and no other.

    Args:
        runtime: ministack's module that starts functions. Whatever its worker raises, it ends all workers for.
    """
    invoke = runtime.Worker.invoke

    def invoke_alone(worker: Any, *given: Any, **named: Any) -> dict[str, Any]:
        try:
            result: dict[str, Any] = invoke(worker, *given, **named)
        except (RuntimeError, BrokenPipeError) as error:
            if not str(error).startswith(PROCESS_ENDED):
                raise
            return {"status": "error", "error": str(error), "cold_start": True, "log": ""}
        return result

    runtime.Worker.invoke = invoke_alone


def outliving_errors(runtime: ModuleType) -> None:
    """Let a process whose handler raised take the next call.

    Args:
        runtime: ministack's module that starts functions. Its workers end their process after any error.
    """
    invoke, signal, collect = runtime.Worker.invoke, runtime._signal, runtime._collect  # noqa: SLF001  # there is no setting for it
    calls = threading.local()

    def signal_later(process: Any) -> None:
        ended = getattr(calls, "ended", None)
        if ended is None:
            signal(process)
        else:
            ended.append(process)

    def collect_later(process: Any, deadline: float) -> None:
        if getattr(calls, "ended", None) is None:
            collect(process, deadline)

    def invoke_and_keep(worker: Any, *given: Any, **named: Any) -> dict[str, Any]:
        calls.ended = ended = list[Any]()
        try:
            result: dict[str, Any] = invoke(worker, *given, **named)
        finally:
            calls.ended = None
        for process in ended:
            # Only a handler's own error has a traceback; and meanwhile the function may have been changed or deleted.
            if "trace" in result and any(worker in pool for pool in list(runtime._workers.values())):  # noqa: SLF001
                worker._proc = process  # noqa: SLF001
            else:
                signal(process)
                collect(process, time.monotonic() + runtime._REAP_GRACE)  # noqa: SLF001
        return result

    runtime.Worker.invoke = invoke_and_keep
    runtime._signal, runtime._collect = signal_later, collect_later  # type: ignore[attr-defined]  # noqa: SLF001


def failing_at_once(machines: ModuleType) -> None:
    """Let a state that waits for a token fail with its function's error.

    Args:
        machines: ministack's module that runs state machines.
    """
    call, wait = machines._call_lambda, machines._invoke_with_callback  # noqa: SLF001  # there is no setting for it
    waiting = threading.local()

    def call_and_tell(function: str, event: Any) -> Any:
        try:
            return call(function, event)
        except machines._ExecutionError as failed:  # noqa: SLF001
            token = machines._task_tokens.get(getattr(waiting, "token", None))  # noqa: SLF001
            if token is not None:
                token["error"] = {"Error": failed.error, "Cause": failed.cause}
                token["event"].set()
            raise

    def wait_with_token(resource: str, given: Any, token: str, state: dict[str, Any]) -> Any:
        waiting.token = token
        try:
            return wait(resource, given, token, state)
        finally:
            waiting.token = None

    machines._call_lambda, machines._invoke_with_callback = call_and_tell, wait_with_token  # type: ignore[attr-defined]  # noqa: SLF001


def taking_service_events(bus: ModuleType) -> None:
    """Let the model server put events of the services that it stands for.

    Args:
        bus: ministack's module of EventBridge.
    """
    put = bus._put_events  # noqa: SLF001  # there is no setting for it

    def put_marked(data: dict[str, Any], allow_aws_source: bool = False) -> Any:
        entries = data.get("Entries", [])
        marked = bool(entries) and all(entry.get("TraceHeader") == SERVICE_MARK for entry in entries)
        return put(data, allow_aws_source or marked)

    bus._put_events = put_marked  # type: ignore[attr-defined]  # noqa: SLF001


def unpacking_once(runtime: ModuleType, folder: Path) -> None:
    """Let processes share the files that are the same, and what Python compiles of them.

    Args:
        runtime: ministack's module that starts functions.
        folder: where code lies, by its content; what an earlier run left there goes.
    """
    shutil.rmtree(folder, ignore_errors=True)
    files, bytecode = folder / "files", folder / "bytecode"
    for part in (files, bytecode):
        part.mkdir(parents=True)
    one_at_a_time = threading.Lock()

    class SharedArchive(zipfile.ZipFile):
        """An archive whose content is linked to instead of being unpacked again."""

        def namelist(self) -> list[str]:
            """None: ministack would ask the disk, for each of thousands and before each start, where it would lie.

            What is unpacked is looked at once, by `_unpack`.
            """
            return []

        def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:  # noqa: ARG002 - it asks for all
            unpacked = folder / _digest([(one.filename, one.CRC, one.file_size) for one in self.infolist()])
            with one_at_a_time:
                if not unpacked.exists():
                    draft = unpacked.with_suffix(".draft")
                    self._unpack(draft)
                    draft.rename(unpacked)
            Path(path).rmdir()
            Path(path).symlink_to(unpacked, target_is_directory=True)

        def _unpack(self, draft: Path) -> None:
            folders: dict[Path, list[str]] = {}
            for one in self.infolist():
                if one.is_dir():
                    continue
                target = _inside(draft, one.filename)
                kept = files / _digest((target.name, one.CRC, one.file_size))
                if not kept.exists():
                    kept.write_bytes(self.read(one))
                target.parent.mkdir(parents=True, exist_ok=True)
                target.hardlink_to(kept)
                folders.setdefault(target.parent, []).append(kept.name)
            # Links to files, because a library finds those beside it by its own path. What Python compiles of a folder
            # goes by the times of the files, which are the same ones.
            for place, names in folders.items():
                compiled = bytecode / _digest(sorted(names))
                compiled.mkdir(exist_ok=True)
                (place / "__pycache__").symlink_to(compiled, target_is_directory=True)

    archives = ModuleType(zipfile.__name__)
    vars(archives).update(vars(zipfile), ZipFile=SharedArchive)
    runtime.zipfile = archives  # type: ignore[attr-defined]  # there is no setting for it


def _inside(folder: Path, name: str) -> Path:
    """Where a file of an archive lies."""
    target = folder / name
    if ".." in target.parts or not target.is_relative_to(folder):
        raise zipfile.BadZipFile(f"{name} would lie outside of the function's folder")
    return target


def _digest(content: object) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()


def main() -> None:
    """Run ministack with its settings from the environment."""
    from ministack import app
    from ministack.core import lambda_runtime
    from ministack.services import eventbridge, lambda_svc, stepfunctions

    execute = "_execute_function_warm"  # ministack has no setting for it
    setattr(lambda_svc, execute, naming_errors(getattr(lambda_svc, execute)))
    failing_at_once(stepfunctions)
    taking_service_events(eventbridge)
    outliving_errors(lambda_runtime)
    dying_alone(lambda_runtime)
    unpacking_once(lambda_runtime, Path(tempfile.gettempdir()) / "unpacked")
    app.main()


if __name__ == "__main__":
    main()
