"""What functions import on a cold start: in a bare interpreter, with nothing but what Lambda and their layers have.

What nearly every function imports takes longest, and is the same each time: functions of the same layers
start as forks of an interpreter that has it. One that does not ask for all of it gets an interpreter of its own.
"""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from tests.infrastructure import functions
from tools import locks

ROOT = functions.ROOT
# What Lambda's Python runtime brings along (docs/decisions/0002-boto3-from-the-runtime.md).
FROM_THE_RUNTIME = {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}
# Of the runtime and of the layers that every function has.
COMMON = ("boto3", "pydantic", "docqa.config", "docqa.runtime.logging", "docqa.models.document")
IMPORT = "import app"

# Runs in a bare interpreter: the function's folder, the layers, and of the installed packages only those that
# are allowed. The others are refused as if they were not installed, as in Lambda.
COLD_STARTS = """
import gc, importlib, importlib.machinery, json, os, sys, time, traceback
request = json.loads(sys.stdin.read())

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name in request["refused"]:
            raise ModuleNotFoundError(f"No module named {name!r}: no layer of the function has it", name=name)

class Common:
    # Stands for what is loaded already, until it is asked for.
    def __init__(self, names):
        self.kept = {name: sys.modules.pop(name) for name in names}
        self.specs = {name: module.__spec__ for name, module in self.kept.items()}
        for parent, _, child in (name.rpartition(".") for name in names if "." in name):
            delattr(sys.modules[parent], child)

    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name in self.kept else None

    def create_module(self, spec):
        return self.kept.pop(spec.name)

    def exec_module(self, module):
        module.__spec__ = self.specs[module.__name__]

def cold_start(start, before):
    common = Common(request["common"])
    sys.meta_path.insert(0, common)
    os.environ.clear()
    os.environ.update(start["environment"])
    sys.path.insert(0, start["path"])
    started = time.perf_counter()
    try:
        exec(start["statement"], {})
    except BaseException:
        return {"error": traceback.format_exc()}
    seconds = before + time.perf_counter() - started
    return {"seconds": seconds, "modules": sorted(sys.modules), "unused": sorted(common.kept)}

sys.meta_path.insert(0, Refuse())
sys.path.insert(0, request["layer"])
sys.path.extend(request["packages"])
began = time.perf_counter()
for name in request["common"]:
    importlib.import_module(name)
before = time.perf_counter() - began
gc.freeze()
for start in request["starts"]:
    out, into = os.pipe()
    child = os.fork()
    if not child:
        with os.fdopen(into, "w") as result:
            json.dump(cold_start(start, before), result)
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as result:
        print(result.read())
    os.waitpid(child, 0)
"""


@cache
def cold_start(function: str, statement: str = IMPORT) -> dict[str, Any]:
    """Run a statement as Lambda would run it in a function; the modules that it imported and how long that took."""
    result = _common_starts(_refused(function))[function] if statement == IMPORT else {"unused": COMMON}
    if result.get("unused"):
        (result,) = _run([function], statement, common=())
    assert "error" not in result, result["error"]
    return result


@cache
def _common_starts(refused: frozenset[str]) -> dict[str, dict[str, Any]]:
    """By function, of all that are refused the same packages."""
    alike = [function for function in functions.names() if _refused(function) == refused]
    return dict(zip(alike, _run(alike, IMPORT, COMMON), strict=True))


def _run(alike: list[str], statement: str, common: tuple[str, ...]) -> list[dict[str, Any]]:
    request = {
        "refused": sorted(_refused(alike[0])),
        "packages": [path for path in sys.path if path.endswith("site-packages")],
        "layer": str(ROOT / "layers" / "docqa"),
        "common": common,
        "starts": [
            {
                "statement": statement,
                "path": str(ROOT / "functions" / function),
                "environment": _environment(function),
            }
            for function in alike
        ],
    }
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", COLD_STARTS],
        env={},
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _environment(function: str) -> dict[str, str]:
    return {
        **functions.environment(function),
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "POWERTOOLS_TRACE_DISABLED": "true",
    }


@cache
def _refused(function: str) -> frozenset[str]:
    """Top-level modules of what is installed here and neither in Lambda's runtime nor in the function's layers."""
    allowed = FROM_THE_RUNTIME.union(*(locks.pins(lock) for lock in _layer_locks(function)))
    own = {"app", "docqa"}
    return frozenset(m for m, names in _modules_by_distribution().items() if not names & allowed and m not in own)


def _layer_locks(function: str) -> list[Path]:
    """The locks of a function's layers; docqa's own has none."""
    resources = functions.source()["Resources"]
    folders = (ROOT / resources[layer["Ref"]]["Properties"]["ContentUri"] for layer in functions.layers(function))
    return [lock for folder in folders if (lock := folder / "requirements.txt").exists()]


@cache
def _modules_by_distribution() -> dict[str, set[str]]:
    """Top-level modules of what is installed here, with the distributions that have them."""
    return {
        module: {locks.normalised(name) for name in distributions}
        for module, distributions in importlib.metadata.packages_distributions().items()
    }
