"""Charts and diagrams of Office documents: the figures and words in them."""

from __future__ import annotations

from docqa.adapters.formats.xml_trees import Element, local_name
from docqa.domain.hidden_marks import without_marks
from docqa.domain.tables import pipe_table

# More points make a curve, not a table that anybody reads off.
_MAX_POINTS = 500


def chart_table(root: Element) -> str:
    """A chart's titles, and its values as a table: categories down, series across."""
    titles = [" ".join(_texts(title)) for title in root.iter("{*}title")]
    series = list(root.iter("{*}ser"))
    if not series:
        return "\n".join(filter(None, titles))
    categories = _points(series[0], "cat", "xVal")
    columns = [_points(one, "val", "yVal") for one in series]
    rows = max(map(len, [categories, *columns]))
    table = [["", *[" ".join(_points(one, "tx")) for one in series]]]
    table += [
        [_at(categories, row), *[_at(column, row) for column in columns]] for row in range(min(rows, _MAX_POINTS))
    ]
    return without_marks("\n\n".join([*filter(None, titles), pipe_table(table)]))


def diagram_text(root: Element) -> str:
    """The entries of a diagram (SmartArt), a line each."""
    entries = [" ".join(_texts(point)) for point in root.iter("{*}pt")]
    return without_marks("\n".join(f"- {entry}" for entry in entries if entry.strip()))


def _points(series: Element, *names: str) -> list[str]:
    """Values of a series as the chart was last drawn with them."""
    for child in series:
        if local_name(child) in names:
            return [(value.text or "").strip() for value in child.iter("{*}v")]
    return []


def _texts(element: Element) -> list[str]:
    return [text.text.strip() for text in element.iter("{*}t") if text.text and text.text.strip()]


def _at(values: list[str], row: int) -> str:
    return values[row] if row < len(values) else ""
