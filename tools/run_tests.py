"""Every test, in two runs side by side: the end-to-end tests mostly wait, the others mostly compute.

`make test` calls it. The reports of both become build/tests.xml, which `make promises` reads.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "build" / "tests.xml"
END_TO_END = "tests/e2e"


def main() -> int:
    """Run them; 0 when all passed, else what pytest ended with."""
    REPORT.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as said:
        reports = [Path(folder, "end_to_end.xml"), Path(folder, "others.xml")]
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"]
        waiting = subprocess.Popen(
            [*command, END_TO_END, f"--junitxml={reports[0]}"], cwd=ROOT, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            others = subprocess.run(
                [*command, f"--ignore={END_TO_END}", f"--junitxml={reports[1]}"], cwd=ROOT, check=False
            )
            print("The end-to-end tests are still running." if waiting.poll() is None else "", flush=True)
            waiting.wait()
        finally:
            waiting.terminate()
        said.seek(0)
        print(said.read())
        merge([report for report in reports if report.exists()], REPORT)
    return others.returncode or waiting.returncode


def merge(reports: list[Path], merged: Path) -> None:
    """Write the test suites of several JUnit reports as one."""
    suites = ET.Element("testsuites")
    for report in reports:
        suites.extend(ET.parse(report).getroot().iter("testsuite"))  # noqa: S314 - pytest wrote it
    ET.ElementTree(suites).write(merged, encoding="utf-8", xml_declaration=True)


if __name__ == "__main__":
    sys.exit(main())
