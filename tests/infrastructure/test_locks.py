"""Locks are fresh, closed by hashes and free of addresses, here and in every function."""

from pathlib import Path

import pytest

from tools import locks

PINNED = "idna==3.20 \\\n    --hash=sha256:" + "0" * 64 + "\n"


@pytest.mark.parametrize("source", locks.sources(), ids=lambda path: str(path.relative_to(locks.ROOT)))
def test_a_lock_is_fresh_hashed_and_names_no_address(source: Path) -> None:
    """Promise 56: everything that is installed or packaged is hash-locked."""
    assert list(locks.problems(source)) == []


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(locks, "ROOT", tmp_path)
    source = tmp_path / "some.in"
    source.write_text("idna  # names in the network\n")
    source.with_suffix(".txt").write_text(header(source) + PINNED)
    return source


def header(source: Path) -> str:
    return locks.HEADER.format(source=source.name, digest=locks.digest(source))


def test_a_good_lock_has_no_problems(source: Path) -> None:
    assert list(locks.problems(source)) == []


def test_a_changed_requirement_makes_its_lock_stale_and_a_comment_does_not(source: Path) -> None:
    source.write_text("# only a comment\nidna\n")
    assert list(locks.problems(source)) == []
    source.write_text("idna<3\n")
    assert list(locks.problems(source)) == ["some.txt is older than some.in: run `make lock`."]


def test_a_change_in_an_included_file_makes_the_lock_stale(source: Path) -> None:
    included = source.with_name("more.in")
    included.write_text("certifi\n")
    source.write_text("idna\n-r more.in\n")
    source.with_suffix(".txt").write_text(header(source) + PINNED)
    assert list(locks.problems(source)) == []
    included.write_text("certifi>1\n")
    assert list(locks.problems(source)) == ["some.txt is older than some.in: run `make lock`."]


@pytest.mark.parametrize(
    "line",
    ["--index-url x\n", "--extra-index-url=x\n", "--find-links wheels\n", "-f wheels\n", "idna @ https://a/b.whl\n"],
)
def test_an_address_in_a_lock_is_a_problem(source: Path, line: str) -> None:
    lock = source.with_suffix(".txt")
    lock.write_text(header(source) + line + PINNED)
    assert "some.txt names an address or an index: run `make lock`." in list(locks.problems(source))


def test_a_pin_without_a_hash_is_a_problem(source: Path) -> None:
    source.with_suffix(".txt").write_text(header(source) + PINNED + "certifi==2026.10.18\n    # via x\n")
    assert list(locks.problems(source)) == ["some.txt has no hash for certifi: run `make lock`."]


def test_a_missing_lock_is_a_problem(source: Path) -> None:
    source.with_suffix(".txt").unlink()
    assert list(locks.problems(source)) == ["some.txt is missing: run `make lock`."]
