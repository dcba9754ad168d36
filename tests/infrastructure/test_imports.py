"""What a function imports on a cold start: within its budget, and from nothing that it does not package."""

import importlib.metadata
import json
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure import functions
from tools import locks

ROOT = functions.ROOT
BUDGETS = tomllib.loads(locks.BUDGETS.read_text())
# What Lambda's Python runtime brings along (docs/decisions/0002-boto3-from-the-runtime.md).
FROM_THE_RUNTIME = {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}

# Lambda's limits for a function with its layers, and what docqa's own code may take of the first.
UNPACKED_MEGABYTES, OWN_MEGABYTES, LAYERS_MOST = 250, 10, 5

# Runs in a bare interpreter: the function's folder, the layers, and of the installed packages only those that
# are allowed. The others are refused as if they were not installed, as in Lambda.
COLD_START = """
import json, sys, time
request = json.loads(sys.argv[1])

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name in request["refused"]:
            raise ModuleNotFoundError(f"No module named {name!r}: no layer of the function has it", name=name)

sys.meta_path.insert(0, Refuse())
sys.path[:0] = request["path"]
sys.path.extend(request["packages"])
started = time.perf_counter()
exec(request["statement"])
print(json.dumps({"seconds": time.perf_counter() - started, "modules": sorted(sys.modules)}))
"""


# What the processes of the sandbox import, which the function's own process never does.
EVERY_FORMAT = """
from docqa.adapters.formats.catalogue import MAKERS, detector
from docqa.domain.parsing_limits import ParsingLimits
made = [make(ParsingLimits()) for make in (detector, *MAKERS.values())]
"""
PARSING = ["inspect_document", "prepare_extraction", "read_pages"]


@cache
def modules_by_distribution() -> dict[str, set[str]]:
    """Top-level modules of what is installed here, with the distributions that have them."""
    return {
        module: {locks.normalised(name) for name in distributions}
        for module, distributions in importlib.metadata.packages_distributions().items()
    }


def layer_locks(function: str) -> list[Path]:
    """The locks of a function's layers; docqa's own has none."""
    resources = functions.source()["Resources"]
    folders = (ROOT / resources[layer["Ref"]]["Properties"]["ContentUri"] for layer in functions.layers(function))
    return [lock for folder in folders if (lock := folder / "requirements.txt").exists()]


@cache
def cold_start(function: str, statement: str = "import app") -> dict[str, Any]:
    """Run a statement as Lambda would run it in a function; what it imported and how long that took."""
    allowed = FROM_THE_RUNTIME.union(*(locks.pins(lock) for lock in layer_locks(function)))
    own = {"app", "docqa"}
    request = {
        "statement": statement,
        "path": [str(ROOT / "functions" / function), str(ROOT / "layers" / "docqa")],
        "packages": [path for path in sys.path if path.endswith("site-packages")],
        "refused": sorted(m for m, names in modules_by_distribution().items() if not names & allowed and m not in own),
    }
    environment = {
        **functions.environment(function),
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", COLD_START, json.dumps(request)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def budget(function: str) -> dict[str, Any]:
    return {"may_import": [], **BUDGETS["default"], **BUDGETS["functions"].get(function, {})}


@pytest.mark.parametrize("function", functions.names())
def test_a_function_imports_with_nothing_but_what_it_packages(function: str) -> None:
    assert cold_start(function)["modules"]


@pytest.mark.parametrize("function", functions.names())
def test_a_function_stays_inside_its_import_budget(function: str, record_property: Any) -> None:
    imported = cold_start(function)
    record_property("import_ms", round(imported["seconds"] * 1000))
    record_property("modules", len(imported["modules"]))
    top_level = {name.split(".")[0] for name in imported["modules"]}
    allowed = budget(function)
    assert not (top_level & set(allowed["heavy"])) - set(allowed["may_import"]), "heavy imports that it may not make"
    assert len(imported["modules"]) <= allowed["modules"]


@pytest.mark.parametrize("function", PARSING)
def test_a_function_that_parses_packages_what_every_format_imports(function: str) -> None:
    assert "docqa.adapters.formats.catalogue" in cold_start(function, EVERY_FORMAT)["modules"]


def test_every_budget_belongs_to_a_function_and_is_needed() -> None:
    assert set(BUDGETS["functions"]) <= set(functions.names())
    for function, own in BUDGETS["functions"].items():
        top_level = {name.split(".")[0] for name in cold_start(function)["modules"]}
        assert set(own.get("may_import", [])) <= top_level, f"{function} may import what it does not: take it out"


@pytest.mark.parametrize("source", locks.layer_sources(), ids=lambda path: path.parent.name)
def test_a_layer_packages_nothing_that_the_runtime_brings(source: Path) -> None:
    assert not {"boto3", "botocore"} & set(locks.pins(locks.lock_of(source)))


@pytest.mark.parametrize("function", functions.names())
def test_a_function_has_no_packages_of_its_own(function: str) -> None:
    """They would be built, uploaded and unpacked once more with each function (docs/decisions/0063)."""
    assert not (functions.FUNCTIONS / function / "requirements.txt").exists()


def test_no_function_can_have_more_layers_than_lambda_unpacks() -> None:
    assert set(BUDGETS["layers"]) == {source.parent.name for source in locks.layer_sources()}
    assert sum(BUDGETS["layers"].values()) + OWN_MEGABYTES <= UNPACKED_MEGABYTES
    assert max(len(functions.layers(function)) for function in functions.names()) <= LAYERS_MOST


def test_every_folder_is_a_function_of_the_template_and_the_other_way_round() -> None:
    assert functions.names(), "there is no function"
    assert set(functions.names()) == set(functions.in_template())


def test_no_function_lives_on_the_python_path_of_another() -> None:
    assert not list(Path(ROOT, "functions").glob("*/__init__.py"))
