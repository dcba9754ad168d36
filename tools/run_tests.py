"""Every test, in three runs side by side: those of the deployed stack often wait, the others keep a core each busy.

`make test` calls it. The reports of all become build/tests.xml, which `make promises` reads.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "build" / "tests.xml"
# The longest comes first in all that it can do, because it waits so often; the others fill its pauses.
LONGEST = "deployed stack"
BEHIND = 5  # how much nicer the others are
BESIDE = {LONGEST: ["tests/e2e/stack"], "integration": ["tests/integration"]}
# Together they are whatever is left, so that no folder of tests is forgotten.
REST = ["tests", *(f"--ignore={folder}" for folders in BESIDE.values() for folder in folders)]


def main() -> int:
    """Run them; 0 when all passed, else what the first pytest that failed ended with."""
    REPORT.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as kept:
        reports = {name: Path(folder, f"{name}.xml") for name in (*BESIDE, "rest")}
        said = {name: kept.enter_context(tempfile.TemporaryFile("w+")) for name in BESIDE}
        runs = {name: start(BESIDE[name], reports[name], said[name]) for name in BESIDE}
        try:
            rest = start(REST, reports["rest"], None)
            kept.callback(rest.terminate)
            for run in (rest, *(run for name, run in runs.items() if name != LONGEST)):
                os.setpriority(os.PRIO_PROCESS, run.pid, BEHIND)
            codes = [rest.wait()]
            for name, run in reversed(runs.items()):
                if run.poll() is None:
                    print(f"Tests still running: {name}.", flush=True)
                codes.append(run.wait())
                said[name].seek(0)
                print(said[name].read(), flush=True)
        finally:
            for run in runs.values():
                run.terminate()
        merge([report for report in reports.values() if report.exists()], REPORT)
    return next((code for code in codes if code), 0)


def start(tests: list[str], report: Path, said: IO[str] | None) -> subprocess.Popen[bytes]:
    """A run of some tests, which writes what it says into a file, or to where this process does."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *tests, f"--junitxml={report}"]
    return subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT if said else None)


def merge(reports: list[Path], merged: Path) -> None:
    """Write the test suites of several JUnit reports as one."""
    suites = ET.Element("testsuites")
    for report in reports:
        suites.extend(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314 - pytest wrote it
    ET.ElementTree(suites).write(merged, encoding="utf-8", xml_declaration=True)


if __name__ == "__main__":
    sys.exit(main())
