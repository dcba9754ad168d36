"""The direction of imports: `models, domain <- services <- adapters, runtime <- bootstrap <- functions`."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers" / "docqa" / "docqa"
ANYTHING = "*"

# part of the package: (parts that it may import, third-party packages that it may import)
RULES: dict[str, tuple[set[str], set[str]]] = {
    "errors": (set(), set()),
    "ids": ({"errors"}, set()),
    "config": ({"errors"}, {"pydantic"}),
    "models": ({"errors", "ids"}, {"pydantic"}),
    "ports": ({"errors", "ids", "models"}, {"langchain_core"}),
    "domain": ({"errors", "ids", "models"}, {"pydantic"}),
    "services": ({"errors", "ids", "models", "ports", "domain"}, {"pydantic", "langchain_core", "langchain"}),
    "adapters": ({"errors", "ids", "models", "ports", "domain", "services"}, {ANYTHING}),
    "runtime": ({"errors", "ids", "config", "models", "ports", "domain", "services"}, {ANYTHING}),
    "bootstrap": ({ANYTHING}, {ANYTHING}),
    # a function asks bootstrap for its service and never chooses an adapter
    "functions": (
        {"errors", "ids", "config", "models", "ports", "domain", "services", "runtime", "bootstrap"},
        {"aws_lambda_powertools", "pydantic"},
    ),
}
PURE = ("models", "domain", "services", "ports")  # everything that the outside hands in, is passed in
OUTSIDE_WORLD = {"boto3", "botocore", "os", "random", "secrets", "socket", "subprocess", "time", "uuid"}


def modules() -> list[tuple[str, Path]]:
    """Every module of the product with the part of RULES that it belongs to."""
    found = [(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), path) for path in PACKAGE.rglob("*.py")]
    found += [("functions", path) for path in (ROOT / "functions").glob("*/*.py")]
    return sorted((part, path) for part, path in found if part != "__init__")


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a module imports anywhere, inside functions and TYPE_CHECKING too."""
    package = path.relative_to(PACKAGE.parent).parts[:-1] if path.is_relative_to(PACKAGE) else ()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            whole = ".".join([*base, *([node.module] if node.module else [])])
            # `from docqa import ids` names a part as well as `from docqa.ids import ...`
            yield from (f"{whole}.{alias.name}" if whole == "docqa" else whole for alias in node.names)


def forbidden(part: str, name: str) -> str | None:
    """Why a part may not import a name; None if it may."""
    parts, packages = RULES[part]
    top, *rest = name.split(".")
    if top in sys.stdlib_module_names:
        return None
    if top == "docqa":
        target = rest[0] if rest else ""
        allowed = target == part or target in parts or ANYTHING in parts
        return None if allowed else f"{part} may not know {name}"
    if (ROOT / top).is_dir():
        return f"{part} may not know {top}/"
    return None if top in packages or ANYTHING in packages else f"{part} may not use {top}"


@pytest.mark.parametrize(("part", "path"), modules(), ids=lambda value: str(value).removeprefix(f"{ROOT}/"))
def test_imports_point_in_one_direction(part: str, path: Path) -> None:
    assert part in RULES, f"{part} is no part of DESIGN's package: give it a rule here, or another place"
    assert not [reason for name in imports(path) if (reason := forbidden(part, name))]


@pytest.mark.parametrize(
    "path", [path for part, path in modules() if part in PURE], ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_clock_randomness_environment_or_client_below_bootstrap(path: Path) -> None:
    used = {name.split(".")[0] for name in imports(path)} & OUTSIDE_WORLD
    asked = {
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and ast.unparse(node.value).rsplit(".", maxsplit=1)[-1] in {"datetime", "date"}
    }
    assert not used | asked


def test_the_rule_notices_each_kind_of_offence() -> None:
    assert forbidden("domain", "docqa.services.answering")
    assert forbidden("domain", "langchain_core.documents")
    assert forbidden("services", "docqa.adapters.s3")
    assert forbidden("functions", "docqa.adapters.s3")
    assert forbidden("functions", "boto3")
    assert forbidden("adapters", "tests")
    assert not forbidden("domain", "docqa.models.page")
    assert not forbidden("adapters", "boto3")
