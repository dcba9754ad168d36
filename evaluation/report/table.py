"""The figures as tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from evaluation.comparison import Comparison
from evaluation.metrics.summary import GROUPS

BESIDE = {"hard": ("false_answer_rate",), "judge": ("agreement",)}
"""Measures that metrics.json has no name for."""


def figures(metrics: Mapping[str, Any], details: Mapping[str, Any]) -> Table:
    """Every measure that applies to the set, with its interval and the number of questions."""
    settings = details["settings"]
    table = Table("measure", "figure", "95 %", "questions", title=f"{settings['set']}, {settings['mode']}")
    for group in (*GROUPS, *BESIDE):
        for name, known in _of_group(group, details["intervals"]):
            table.add_row(name, f"{known['mean']:.3f}", _interval(known["interval"]), str(known["questions"]))
    calibration = details["calibration"]
    if calibration["ece"] is not None:
        asked = metrics["counts"]["questions"]
        table.add_row("calibration.ece", f"{calibration['ece']:.3f}", _interval(calibration["interval"]), str(asked))
    for name, value in _beside(details["beside"]):
        table.add_row(name, f"{value:.3f}", "", "")
    return table


def timings(metrics: Mapping[str, Any]) -> Table:
    """Milliseconds by stage."""
    table = Table("stage", "p50 ms", "p95 ms")
    for stage, known in metrics["latency_ms"].items():
        table.add_row(stage, f"{known['p50']:.1f}", f"{known['p95']:.1f}")
    return table


def differences(comparison: Comparison) -> Table:
    """New against old, measure by measure."""
    table = Table("measure", "before", "now", "difference, 95 %", "questions", "verdict", title="against the other run")
    for name, one in comparison.differences.items():
        bounds = f"{one.interval.low:+.3f} to {one.interval.high:+.3f}"
        table.add_row(name, f"{one.old:.3f}", f"{one.new:.3f}", bounds, str(one.questions), one.verdict)
    return table


def _of_group(group: str, intervals: Mapping[str, Any]) -> list[tuple[str, Any]]:
    names = GROUPS[group] if group in GROUPS else BESIDE[group]
    return [(f"{group}.{name}", intervals[f"{group}.{name}"]) for name in names if f"{group}.{name}" in intervals]


def _beside(beside: Mapping[str, Any]) -> list[tuple[str, float]]:
    shares = {name: value["share"] if isinstance(value, dict) else value for name, value in beside.items()}
    return [(name.replace("_", " "), value) for name, value in shares.items() if value is not None]


def _interval(bounds: list[float] | None) -> str:
    return f"{bounds[0]:.3f} to {bounds[1]:.3f}" if bounds else ""
