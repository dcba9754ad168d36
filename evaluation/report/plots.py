"""Plots of a run, as SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

SIZE_INCHES = (6.4, 4)
# So that the same figures are the same file.
_SALT = "docqa"
_CUTS = (1, 3, 5, 10)
_MARKERS = {"passage": "o", "page": "s", "document": "^"}


def draw(details: Mapping[str, Any], folder: Path) -> list[Path]:
    """The plots that the set has figures for."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = _SALT
    files = []
    if details["curve"]["false_abstentions"]:
        files.append(_file(folder / "threshold.svg", lambda axes: _threshold(axes, details)))
    if details["calibration"]["bins"]:
        files.append(_file(folder / "reliability.svg", lambda axes: _reliability(axes, details)))
    if hits := _hits(details["intervals"]):
        files.append(_file(folder / "ranking.svg", lambda axes: _ranking(axes, hits)))
    return files


def _file(file: Path, paint: Callable[[Any], None]) -> Path:
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=SIZE_INCHES, layout="constrained")
    paint(axes)
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
    return file


def _threshold(axes: Any, details: Mapping[str, Any]) -> None:
    curve = details["curve"]
    lines = (
        ("false_abstentions", "answerable, refused", "C0-"),
        ("false_answers", "unanswerable, answered", "C3-"),
        ("hard_false_answers", "gold passages taken out, answered", "C1--"),
    )
    for name, label, style in lines:
        if curve[name]:
            axes.plot(curve["thresholds"], curve[name], style, label=label)
    if details["settings"].get("threshold_in_use") is not None:
        axes.axvline(details["settings"]["threshold_in_use"], color="grey", linewidth=0.8)
    axes.set_xlabel("threshold (the line is the one in use)")
    axes.set_ylabel("share of questions")
    axes.set_ylim(0, 1)
    axes.legend()


def _reliability(axes: Any, details: Mapping[str, Any]) -> None:
    bins = details["calibration"]["bins"]
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axes.plot([one["confidence"] for one in bins], [one["answerable"] for one in bins], "o-")
    axes.set_xlabel("confidence")
    axes.set_ylabel("share that the documents do answer")
    axes.set_title(f"expected calibration error {details['calibration']['ece']:.3f}")


def _hits(intervals: Mapping[str, Any]) -> dict[str, list[float]]:
    """Shares of hits among the first so many, by what is ranked; nothing of a run that shows no ranking."""
    found = {group: [intervals.get(f"{group}.hit@{cut}") for cut in _CUTS] for group in _MARKERS}
    return {group: [one["mean"] for one in known if one] for group, known in found.items() if all(known)}


def _ranking(axes: Any, hits: Mapping[str, Sequence[float]]) -> None:
    for group, shares in hits.items():
        axes.plot(_CUTS, shares, f"{_MARKERS[group]}-", label=group)
    axes.set_xticks(_CUTS)
    axes.set_xlabel("among the first …")
    axes.set_ylabel("share of questions")
    axes.set_ylim(0, 1.02)
    axes.legend()
