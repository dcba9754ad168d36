"""The table of divergences and its tests name each other."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE.parents[2] / "devstack" / "divergences.md"


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    named = re.findall(r"`(test_\w+)` \|$", TABLE.read_text(), re.MULTILINE)
    files = set(HERE.glob("test_*.py")) - {Path(__file__)}
    tests = [name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)]
    assert sorted(named) == sorted(tests)
