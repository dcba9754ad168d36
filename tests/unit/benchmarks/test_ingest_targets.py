"""Targets of the ingestion benchmark: each can be met, missed, and not measured."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.checks import table
from benchmarks.ingest import __main__ as command
from benchmarks.ingest import published
from benchmarks.ingest.parts import PARTS
from benchmarks.ingest.targets import CHECKS, checks_of


def compared(times: float, sent: int = 0) -> dict[str, Any]:
    return {"docqa": {"pages_at_textract": sent}, "times_the_plain_script": times}


def sized(pages: int, megabytes: int = 160) -> dict[str, Any]:
    return {"pages": pages, "chunks": 4 * pages, "seconds": 1.0, "peak_megabytes": {"ReadPages": megabytes}}


BURST = {
    "documents": 500, "indexed": 500, "lost": 0, "failed": 0, "partially_indexed": 0, "duplicate_executions": 0,
    "documents_with_other_chunks": 0, "capacity": 40, "in_flight_most": 40,
    "textract": {"refused_by_rate": 3, "refused_by_jobs": 90, "faults": 20},
}  # fmt: skip
MET: dict[str, dict[str, Any]] = {
    "speed": {"without_embedding": compared(3.4), "with_embedding": compared(1.0)},
    "sizes": {"sizes": [sized(100), sized(1_000), sized(3_000)], "worst_deviation": 0.07},
    "cost": {
        "born_digital": {"own_usd": 0.05, "textract_usd": 0.0},
        "mixed": {"own_usd": 0.05, "textract_usd": 2.0},
        "every_page_usd": 5.3,
    },
    "burst": BURST,
    "questions": {"p95_ratio": 1.6, "in_flight_share": 0.97},
    "receipts": {"engine": 0.91, "passages": 0.91},
    "files": {"without_status": [], "readable_but_empty": [], "slowest_seconds": 4.1, "largest_megabytes": 420},
}
MISSED: list[tuple[str, dict[str, Any], str]] = [
    ("speed", {"without_embedding": compared(2.9)}, "without the embedding model"),
    ("speed", {"with_embedding": compared(1.0, sent=1)}, "sent to Textract"),
    ("sizes", {"sizes": [sized(3_000, megabytes=1_600)]}, "memory"),
    ("sizes", {"worst_deviation": 0.3}, "straight line"),
    ("cost", {"born_digital": {"own_usd": 0.0, "textract_usd": 0.1}}, "born-digital"),
    ("cost", {"every_page_usd": 2.0}, "mixed"),
    ("burst", {"indexed": 499}, "were indexed"),
    ("burst", {"lost": 1}, "lost"),
    ("burst", {"partially_indexed": 1}, "failed or partly"),
    ("burst", {"duplicate_executions": 1}, "done twice"),
    ("burst", {"in_flight_most": 41}, "in flight"),
    ("burst", {"textract": {**BURST["textract"], "refused_by_rate": 0}}, "rate"),  # type: ignore[dict-item]
    ("burst", {"textract": {**BURST["textract"], "refused_by_jobs": 0}}, "jobs at once"),  # type: ignore[dict-item]
    ("questions", {"p95_ratio": 2.1}, "p95"),
    ("questions", {"in_flight_share": 0.5}, "in flight"),
    ("receipts", {"passages": 0.90}, "characters"),
    ("files", {"without_status": ["a"]}, "stated status"),
    ("files", {"readable_but_empty": ["a"]}, "ended empty"),
    ("files", {"slowest_seconds": 61.0}, "seconds"),
    ("files", {"largest_megabytes": 1_100}, "MB"),
]


def test_every_part_has_its_targets() -> None:
    assert set(CHECKS) == {part.name for part in PARTS} == set(MET)


@pytest.mark.parametrize("part", MET)
def test_a_run_that_reaches_everything_misses_nothing(part: str) -> None:
    assert {check.met for check in checks_of(part, MET[part])} == {True}


@pytest.mark.parametrize(("part", "worse", "words"), MISSED, ids=[f"{part}: {words}" for part, _, words in MISSED])
def test_each_target_can_be_missed(part: str, worse: dict[str, Any], words: str) -> None:
    missed = [check for check in checks_of(part, MET[part] | worse) if check.met is False]

    assert len(missed) == 1
    assert words in missed[0].what
    assert missed[0].verdict == "MISSED"


def test_a_smaller_run_says_what_it_did_not_measure_and_misses_nothing_for_it() -> None:
    small = MET["burst"] | {"documents": 50, "indexed": 50}
    sizes = {"sizes": [sized(1), sized(100)], "worst_deviation": None}

    assert {check.met for check in checks_of("sizes", sizes)} == {None}
    assert [check.met for check in checks_of("burst", small)].count(None) == 1
    assert checks_of("burst", small | {"indexed": 49})[0].met is False


def test_the_table_names_what_was_missed() -> None:
    rows = table([("questions", check) for check in checks_of("questions", {"p95_ratio": 2.5, "in_flight_share": 1.0})])

    assert rows[2] == "| questions | p95 of questions beside a load | at most 2 times idle | 2.50 times | MISSED |"


@pytest.mark.parametrize(("ratio", "code"), [(1.5, 0), (2.5, 3)])
def test_the_run_fails_when_a_target_is_missed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ratio: float, code: int
) -> None:
    result = {"questions": {"p95_ratio": ratio, "in_flight_share": 1.0}, "burst": BURST | {"lost": 1}}
    monkeypatch.setattr(command, "_measure", lambda *_: ["questions"])
    monkeypatch.setattr(command, "write_report", lambda _: "report.md")
    monkeypatch.setattr(command, "results_in", lambda _: result)

    assert command.main(["--only", "questions"]) == code
    assert ("missed: questions: p95" in capsys.readouterr().err) == bool(code)


def test_the_whole_size_is_the_default_and_the_small_one_is_asked_for() -> None:
    full, quick, chosen = (
        command._choices(command._parser().parse_args(arguments))
        for arguments in ([], ["--quick"], ["--quick", "--documents", "20", "--sizes", "10", "1"])
    )

    assert (full.documents, full.sizes, full.quick) == (500, (1, 10, 100, 1_000, 3_000), False)
    assert (quick.documents, quick.sizes, quick.quick) == (50, (1, 10, 100), True)
    assert (chosen.documents, chosen.sizes, chosen.capacity) == (20, (1, 10), 8)


def test_what_is_published_is_what_the_table_needs_and_says_what_is_missing() -> None:
    kept = published._kept({"timeline": [1], "burst": BURST, "sizes": [{"pages": 1, "stages": {}}]})
    rows = published.readme_lines({"questions": MET["questions"] | {"date": "2026-11-28"}})

    assert kept == {"burst": BURST, "sizes": [{"pages": 1}]}
    assert rows[2].startswith("| questions, 2026-11-28 | p95 of questions beside a load |")
    assert rows[-1] == "Not published yet: speed, sizes, cost, burst, receipts, files."
