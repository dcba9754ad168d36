"""What a function imports on a cold start: within its budget, and from nothing that it does not package."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure import functions
from tests.infrastructure.cold_starts import cold_start
from tools import locks

ROOT = functions.ROOT
BUDGETS = tomllib.loads(locks.BUDGETS.read_text())

# Lambda's limits for a function with its layers, and what docqa's own code may take of the first.
UNPACKED_MEGABYTES, OWN_MEGABYTES, LAYERS_MOST = 250, 10, 5

# What the processes of the sandbox import, which the function's own process never does.
EVERY_FORMAT = """
from docqa.adapters.formats.catalogue import MAKERS, detector
from docqa.domain.parsing_limits import ParsingLimits
made = [make(ParsingLimits()) for make in (detector, *MAKERS.values())]
"""
PARSING = ["inspect_document", "prepare_extraction", "read_pages"]


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
