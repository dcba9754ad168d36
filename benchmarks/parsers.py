"""What each parser of documents costs: `python -m benchmarks.parsers` (asks the package index).

Installs each by itself, with what it needs, as Lambda will have it (the locked version, Python 3.13, arm64), weighs
it unzipped, and imports it in a bare interpreter of this machine, the best of five times. Prints the table of
docs/decisions/0013-a-parser-of-the-field-for-each-format.md.
"""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from docqa.domain.tables import pipe_table
from tools import locks

# Package, what to import of it, what it reads.
PARSERS = (
    ("pypdfium2", "pypdfium2", "PDF"),
    ("pillow", "PIL.Image", "pictures"),
    ("lxml", "lxml.etree", "XML, ODT, EPUB; under python-docx and python-pptx"),
    ("python-docx", "docx", "DOCX"),
    ("python-pptx", "pptx", "PPTX"),
    ("openpyxl", "openpyxl", "XLSX"),
    ("defusedxml", "defusedxml.ElementTree", "XML for openpyxl"),
    ("striprtf", "striprtf.striprtf", "RTF"),
    ("python-oxmsg", "oxmsg", "MSG"),
    ("compressed-rtf", "compressed_rtf", "Rich Text bodies of MSG"),
    ("beautifulsoup4", "bs4", "HTML"),
    ("markdownify", "markdownify", "HTML"),
)
_REPEATS = 5
_NAME_OF_A_LICENCE = 60
_IMPORT = """
import sys, time
known, started = set(sys.modules), time.perf_counter()
import {module}
print(time.perf_counter() - started, len(set(sys.modules) - known))
"""


def main() -> None:
    """Weigh and import all of them."""
    rows = [["package", "licence", "reads", "MB unzipped", "import ms", "modules"], *rows_of_parsers()]
    print(pipe_table(rows))
    print()
    print("What the functions package in all: `python -m tools.locks deploy`.")


def rows_of_parsers() -> Iterator[list[str]]:
    """A line of the table for each parser."""
    pins = locks.pins(locks.RUNTIME)
    for package, module, reads in PARSERS:
        (version,) = pins[package]
        milliseconds, modules = _imported(module)
        yield [
            f"{package} {version}", _licence(package), reads, f"{_megabytes(package, version):.1f}",
            f"{milliseconds:.0f}", str(modules),
        ]  # fmt: skip


def _megabytes(package: str, version: str) -> float:
    uv = str(Path(sys.executable).with_name("uv"))
    with tempfile.TemporaryDirectory() as target:
        install = [uv, "pip", "install", "--quiet", "--only-binary", ":all:", "--target", target]
        install += ["--python-version", locks.DEPLOYED_PYTHON, "--python-platform", locks.DEPLOYED_PLATFORM]
        subprocess.run([*install, "--constraint", str(locks.RUNTIME), f"{package}=={version}"], check=True)
        return sum(path.stat().st_size for path in Path(target).rglob("*") if path.is_file()) / 1e6


def _imported(module: str) -> tuple[float, int]:
    """Milliseconds and modules of an import, in an interpreter that has imported nothing else."""
    packages = json.dumps([path for path in sys.path if path.endswith("site-packages")])
    code = f"import sys; sys.path.extend({packages}){_IMPORT.format(module=module)}"
    results = []
    for _ in range(_REPEATS):
        done = subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True, capture_output=True, text=True)
        seconds, modules = done.stdout.split()
        results.append((1000 * float(seconds), int(modules)))
    return min(results)


def _licence(package: str) -> str:
    metadata = importlib.metadata.metadata(package)
    stated = [value for field in ("License-Expression", "License") for value in metadata.get_all(field, [])]
    classified = [one.rpartition(" :: ")[2] for one in metadata.get_all("Classifier", []) if one.startswith("License")]
    # Some packages put the whole licence where its name should be.
    return next((one for one in [*stated, *classified] if len(one) <= _NAME_OF_A_LICENCE), "see its package")


if __name__ == "__main__":
    main()
