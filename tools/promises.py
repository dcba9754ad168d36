"""The list of promises with what the last `make test` says about each; docs/promises.md states the convention."""

import ast
import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PROMISES = ROOT / "docs" / "promises.md"
TESTS = ROOT / "tests"
RESULTS = ROOT / "build" / "tests.xml"

PROMISE = re.compile(r"^(?P<number>\d+[a-z]?)\. (?P<text>.*?)(?:(?<=[.:]) (?P<mark>[HFT])(?:, .*)?)?$")
NUMBERS = r"\d+[a-z]?(?:(?:, | and )\d+[a-z]?)*"
CLAIM = re.compile(rf"^\s*Promises? (?P<numbers>{NUMBERS}):", re.MULTILINE)
LOOKS_LIKE_A_CLAIM = re.compile(r"^\s*promises?\s+\d", re.MULTILINE | re.IGNORECASE)


class Status(StrEnum):
    """What is known about a promise."""

    PASSING = "passing"
    PARTLY = "partly"
    FAILING = "failing"
    NOT_RUN = "not run"
    NOT_YET = "not yet"


COLOURS = {
    Status.PASSING: "green",
    Status.PARTLY: "yellow",
    Status.FAILING: "bold red",
    Status.NOT_RUN: "yellow",
    Status.NOT_YET: "dim",
}


@dataclass(frozen=True)
class Promise:
    """One line of docs/promises.md; `mark` is H, F, T or empty."""

    number: str
    text: str
    mark: str


@dataclass(frozen=True)
class Claim:
    """A test that says which promises it shows. `test` is module and function, dotted, as in the results."""

    test: str
    numbers: tuple[str, ...]
    property_based: bool

    def has_the_form_of(self, mark: str) -> bool:
        """Whether the test is of the kind that a promise's mark asks for."""
        if mark == "H":
            return self.property_based
        if mark == "T":
            return self.test.startswith("tests.infrastructure.")
        return True


@dataclass
class Outcomes:
    """Results of the last run: module and function, dotted, to the outcomes of its cases."""

    cases: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))


class ConventionError(Exception):
    """A docstring mentions promises in another form than docs/promises.md asks for, or unknown ones."""


def promises(text: str) -> list[Promise]:
    """The promises of docs/promises.md, in order."""
    matches = (PROMISE.match(line) for line in text.splitlines())
    return [Promise(match["number"], match["text"], match["mark"] or "") for match in matches if match]


def claims(source: str, module: str) -> Iterator[Claim]:
    """The tests of one module that show promises.

    Raises:
        ConventionError: a docstring begins a line with "promise 13" but not in the form "Promise 13:".
    """
    yield from _claims(ast.parse(source).body, module, inherited=())


def _claims(body: list[ast.stmt], place: str, inherited: tuple[str, ...]) -> Iterator[Claim]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _claims(node.body, f"{place}.{node.name}", inherited + _numbers(node, place))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            numbers = inherited + _numbers(node, place)
            if numbers:
                yield Claim(f"{place}.{node.name}", numbers, _draws_cases(node))


def _numbers(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, place: str) -> tuple[str, ...]:
    docstring = ast.get_docstring(node) or ""
    found = [number for match in CLAIM.finditer(docstring) for number in re.findall(r"\d+[a-z]?", match["numbers"])]
    if len(LOOKS_LIKE_A_CLAIM.findall(docstring)) > len(CLAIM.findall(docstring)):
        raise ConventionError(f'{place}.{node.name}: write "Promise 13:" or "Promises 13, 17:" (docs/promises.md)')
    return tuple(found)


def _draws_cases(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    names |= {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
    return bool(names & {"given", "run_state_machine_as_test"})


def all_claims(tests: Path = TESTS) -> list[Claim]:
    """The claims of every test module."""
    found: list[Claim] = []
    for path in sorted(tests.rglob("test_*.py")):
        module = ".".join(path.relative_to(tests.parent).with_suffix("").parts)
        found.extend(claims(path.read_text(), module))
    return found


def outcomes(results: str) -> Outcomes:
    """What a JUnit report says about each test function; parametrised cases are counted together."""
    found = Outcomes()
    for case in ET.fromstring(results).iter("testcase"):  # noqa: S314 - our own pytest wrote it
        test = f"{case.get('classname')}.{case.get('name', '').split('[')[0]}"
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        found.cases[test][min(kinds, default="passed")] += 1
    return found


def status(promise: Promise, shown_by: list[Claim], results: Outcomes) -> Status:
    """What is known about one promise from the tests that show it."""
    if not shown_by:
        return Status.NOT_YET
    cases = sum((results.cases.get(claim.test, Counter()) for claim in shown_by), Counter[str]())
    if cases["failure"] or cases["error"]:
        return Status.FAILING
    if any(not results.cases.get(claim.test, Counter())["passed"] for claim in shown_by):
        return Status.NOT_RUN
    if not any(claim.has_the_form_of(promise.mark) for claim in shown_by):
        return Status.PARTLY
    return Status.PASSING


def unknown(known: list[Promise], made: list[Claim]) -> list[str]:
    """Claims of numbers that no promise has, as sentences."""
    numbers = {promise.number for promise in known}
    return [
        f"{claim.test} shows promise {number}, which docs/promises.md does not have"
        for claim in made
        for number in claim.numbers
        if number not in numbers
    ]


def main() -> int:
    """Print the list; 1 if a promise is failing or a docstring names an unknown one."""
    known, made = promises(PROMISES.read_text()), all_claims()
    ran = RESULTS.exists()
    results = outcomes(RESULTS.read_text()) if ran else Outcomes()

    table = Table(box=None, header_style="bold")
    for column in ("", "promise", "how", "tests", "state"):
        table.add_column(column, justify="right" if column in {"", "tests"} else "left", no_wrap=column == "state")
    states: Counter[Status] = Counter()
    for promise in known:
        shown_by = [claim for claim in made if promise.number in claim.numbers]
        state = status(promise, shown_by, results)
        states[state] += 1
        colour = COLOURS[state]
        tests = str(len(shown_by)) if shown_by else ""
        table.add_row(promise.number, Text(promise.text), promise.mark, tests, f"[{colour}]{state}[/]")

    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    console.print("  ".join(f"{state} {states[state]}" for state in Status))
    if ran:
        when = datetime.fromtimestamp(RESULTS.stat().st_mtime, tz=UTC)
        console.print(f"as of the test run that ended {when:%Y-%m-%d %H:%M} UTC")
    else:
        console.print("no test run is recorded: make test")
    wrong = unknown(known, made)
    for sentence in wrong:
        console.print(sentence)
    return int(bool(wrong) or states[Status.FAILING] > 0)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ConventionError as error:
        sys.exit(str(error))
