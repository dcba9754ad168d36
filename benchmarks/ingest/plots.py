"""Plots of the figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

SIZE_INCHES = (7, 4)


def draw(part: str, result: dict[str, Any], folder: Path) -> list[Path]:
    """Files of the part's plots; none for a part that a table shows better."""
    if part not in PLOTS:
        return []
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=SIZE_INCHES, layout="constrained")
    PLOTS[part](axes, result)
    file = folder / f"{part}.png"
    figure.savefig(file, dpi=120)
    plt.close(figure)
    return [file]


def _speed(axes: Any, result: dict[str, Any]) -> None:
    names = ("without_embedding", "with_embedding")
    for shift, who in ((-0.2, "docqa"), (0.2, "plain")):
        values = [result[name][who]["pages_a_second"] for name in names]
        bars = axes.bar(
            [at + shift for at in range(len(names))], values, 0.38, label=f"{who} script" if who == "plain" else who
        )
        axes.bar_label(bars, fmt="%.1f")
    axes.set_xticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_ylabel("pages a second")
    axes.legend()


def _sizes(axes: Any, result: dict[str, Any]) -> None:
    pages = [one["pages"] for one in result["sizes"]]
    axes.plot(pages, [one["seconds"] for one in result["sizes"]], "o-", label="seconds")
    axes.plot(
        pages, [max(one["peak_megabytes"].values()) for one in result["sizes"]], "s-", label="largest function, MB"
    )
    axes.plot(pages, [one["history_events"] for one in result["sizes"]], "^-", label="history events")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("pages")
    axes.legend()


def _burst(axes: Any, result: dict[str, Any]) -> None:
    at = [one["at"] for one in result["timeline"]]
    for status in ("RECEIVED", "PROCESSING", "INDEXED", "FAILED"):
        axes.plot(at, [one.get(status, 0) for one in result["timeline"]], label=status)
    axes.set_xlabel("seconds")
    axes.set_ylabel("documents")
    in_flight = axes.twinx()
    in_flight.plot(at, [one["in_flight"] for one in result["timeline"]], "k:", label="in flight")
    in_flight.axhline(result["capacity"], color="grey", linewidth=0.7)
    in_flight.set_ylabel("executions in flight (dotted); the cap is the line")
    axes.legend(loc="center right")


PLOTS: dict[str, Callable[[Any, dict[str, Any]], None]] = {"speed": _speed, "sizes": _sizes, "burst": _burst}
