"""The figures that are published: evaluation/published.json, and what `make docs` makes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import cost

PUBLISHED = Path(__file__).with_name("published.json")
ROOT = Path(__file__).resolve().parents[1]
PLOTS = ROOT / "docs" / "evaluation"
PAGE = ROOT / "docs" / "evaluation.md"
BEGIN, END = "<!-- figures: written by make docs -->", "<!-- /figures -->"

SHOWN = (
    ("passage.hit@1", "right passage first"),
    ("passage.hit@5", "among the first five"),
    ("passage.mrr@10", "MRR@10"),
    ("document.hit@5", "right document among the first five"),
    ("excerpts.recall", "excerpts: characters found in five passages"),
    ("excerpts.precision", "of what these passages hold"),
    ("answers.containment", "answer said word for word"),
    ("citations.precision", "citations true to page and sentence"),
    ("citations.recall", "cited from where the answer stands"),
    ("abstention.false_answer_rate", "unanswerable, yet answered"),
    ("hard.false_answer_rate", "only the gold passages taken out, yet answered"),
    ("abstention.false_abstention_rate", "answerable, yet refused"),
)
"""What the table in the README shows, in its order."""

_NOTHING = ""


def published(metrics: Mapping[str, Any], details: Mapping[str, Any]) -> dict[str, Any]:
    """Of one run, what is kept in the repository."""
    calibration = details["calibration"]
    return {
        "settings": details["settings"],
        "counts": metrics["counts"],
        "intervals": details["intervals"],
        "calibration": {"ece": calibration["ece"], "interval": calibration["interval"]},
        "beside": details["beside"],
        "latency_ms": metrics["latency_ms"],
        "cost_usd": metrics["cost_usd"],
        "failures": {kind: len(found) for kind, found in metrics["failures"].items()},
    }


def pages() -> dict[str, str]:
    """The README with its table, and the page of all figures; README as benchmarks.cost leaves it."""
    known = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    readme = cost.pages()["README.md"]
    return {
        "README.md": _between(readme, _table(known, SHOWN)),
        "docs/evaluation.md": _between(PAGE.read_text(encoding="utf-8"), _everything(known)),
    }


def _between(text: str, lines: list[str]) -> str:
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "\n".join([before + BEGIN, *lines, END + after])


def _runs(known: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(f"{name}, {mode}", run) for name, modes in sorted(known.items()) for mode, run in sorted(modes.items())]


def _table(known: Mapping[str, Any], shown: tuple[tuple[str, str], ...]) -> list[str]:
    runs = _runs(known)
    head = " | ".join(f"{title} ({run['settings']['date']})" for title, run in runs)
    lines = [f"| | {head} |", "|---|" + "---|" * len(runs)]
    lines.append("| questions | " + " | ".join(str(run["counts"]["questions"]) for _, run in runs) + " |")
    for measure, meaning in shown:
        lines.append(f"| {meaning} | " + " | ".join(_figure(run["intervals"].get(measure)) for _, run in runs) + " |")
    calibration = (run["calibration"] for _, run in runs)
    cells = (_figure({"mean": one["ece"], "interval": one["interval"]} if one["ece"] else None) for one in calibration)
    return [*lines, "| calibration error | " + " | ".join(cells) + " |"]


def _figure(known: Mapping[str, Any] | None) -> str:
    # Without an interval it is the figure of one question, which is none.
    if known is None or not known["interval"]:
        return _NOTHING
    low, high = known["interval"]
    return f"{known['mean']:.3f} ({low:.3f} to {high:.3f})"


def _everything(known: Mapping[str, Any]) -> list[str]:
    names = dict.fromkeys(name for _, run in _runs(known) for name in run["intervals"])
    lines = _table(known, tuple((name, f"`{name}`") for name in names))
    for title, run in _runs(known):
        stages = ", ".join(f"{stage} {one['p50']:.0f} / {one['p95']:.0f}" for stage, one in run["latency_ms"].items())
        failed = ", ".join(f"{count} {kind}" for kind, count in run["failures"].items())
        usd = run["cost_usd"]["per_question"]
        load = run["settings"]["load_a_core"]
        lines += ["", f"{title}: milliseconds by stage (median / 95th percentile; load of {load:g} a core): {stages}."]
        lines += [f"USD a question by the prices of the model that is named: {usd:g}. Failed: {failed}."]
    return lines
