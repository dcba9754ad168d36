"""Cost and time of each route over the size of the load, as SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIZE_INCHES = (9, 4)
# So that the same figures are the same file.
SALT = "docqa"
# Less than that has no place on a logarithmic axis.
FLOORS = {"usd": 1e-5, "seconds": 0.1}
STYLES = {
    "real time at 10%": "C0:",
    "real time at 30%": "C0-",
    "real time at 70%": "C0--",
    "asynchronous": "C1-",
    "batch transform": "C2-",
    "Bedrock": "C3-",
    "Bedrock batch": "C4-",
}


def draw(result: dict[str, Any], folder: Path) -> list[Path]:
    """A file for each kind of record: USD on the left, seconds to the last result on the right."""
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = SALT
    from matplotlib import pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, loads in result["loads"].items():
        figure, panels = plt.subplots(1, 2, figsize=SIZE_INCHES, layout="constrained")
        for axes, what, label in zip(panels, ("usd", "seconds"), ("USD", "seconds to the last result"), strict=True):
            _panel(axes, loads, what)
            axes.set_xlabel(f"records ({name})")
            axes.set_ylabel(label)
        panels[0].legend(fontsize="small")
        files.append(folder / f"{name}.svg")
        figure.savefig(files[-1], metadata={"Date": None})
        plt.close(figure)
    return files


def _panel(axes: Any, loads: list[dict[str, Any]], what: str) -> None:
    records = [one["records"] for one in loads]
    for route, style in STYLES.items():
        values = [one["routes"][route][what] for one in loads]
        axes.plot(records, [max(value, FLOORS[what]) for value in values], style, label=route)
    axes.set_xscale("log")
    axes.set_yscale("log")
