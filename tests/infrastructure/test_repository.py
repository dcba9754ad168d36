"""What is committed works on anybody's machine."""

import re
import subprocess
from pathlib import Path

from tools import docs, promises

ROOT = Path(__file__).resolve().parents[2]
# Folders of one machine, and settings that say where one machine gets its packages from.
MACHINE = re.compile(
    r"(?<![\w.$})/-])/(root|work|opt/wheels|home/\w+|Users/\w+)/"
    r"|(?<![\w-])(pypi\.org/simple|files\.pythonhosted\.org|repo1?\.maven\.(apache\.)?org/maven2|registry\.npmjs\.org)"
)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    content = path.read_bytes()
    return "" if b"\0" in content[:8000] else content.decode(errors="replace")


def test_no_committed_file_names_a_place_of_one_machine() -> None:
    named = {
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if path != Path(__file__)
        for match in MACHINE.finditer(text_of(path))
    }
    assert not named


def test_nothing_that_is_made_is_committed() -> None:
    ignored = subprocess.run(
        ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not ignored.stdout


def test_generated_pages_are_fresh() -> None:
    assert [str(path.relative_to(ROOT)) for path in docs.stale()] == []


def test_every_claim_of_a_promise_names_a_promise() -> None:
    known = promises.promises(promises.PROMISES.read_text())
    assert promises.unknown(known, promises.all_claims()) == []


def test_make_lists_every_command() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for command in (
        "demo",
        "up",
        "admin",
        "down",
        "reset",
        "status",
        "setup",
        "test",
        "unit",
        "check",
        "lock",
        "promises",
        "docs",
    ):
        assert re.search(rf"^  make {command} +\w", shown, re.MULTILINE), f"`make {command}` has no ## comment"
