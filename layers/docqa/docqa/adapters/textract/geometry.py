"""Where things stand on a page once it is turned upright.

Textract gives boxes in shares of the page's width and height, as the picture lies. Its polygons begin at the corner
that is the top left of the text itself, so they say which way the text runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin
from statistics import median
from typing import Any

# Below this a page is as straight as scans are, and its boxes are taken as they are.
_STRAIGHT_DEGREES = 1.0
# A line that runs this much off the page's own direction is not part of its flow: a stamp, a note in the margin.
_ASTRAY_DEGREES = 30.0
_CORNERS = 4

Point = tuple[float, float]
Direction = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """An upright box; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    def shares_row(self, other: Box) -> bool:
        """Whether the two stand side by side: half of the lower one's height, at least, is beside the other."""
        common = min(self.bottom, other.bottom) - max(self.top, other.top)
        return common >= min(self.height, other.height) / 2


@dataclass(frozen=True, slots=True)
class Posture:
    """How the text of a page lies: along `across` it is read, along `down` its lines follow each other."""

    across: Direction = (1.0, 0.0)
    down: Direction = (0.0, 1.0)

    def box(self, block: Mapping[str, Any]) -> Box:
        """The upright box of a block."""
        corners = [self._upright(point) for point in corners_of(block)]
        if not corners:
            return Box(0.0, 0.0, 0.0, 0.0)
        across, down = [x for x, _ in corners], [y for _, y in corners]
        return Box(min(across), min(down), max(across), max(down))

    def is_astray(self, block: Mapping[str, Any]) -> bool:
        """Whether a line runs in another direction than its page."""
        runs = _direction(corners_of(block))
        return runs is not None and abs(_turn(self.across, runs)) > _ASTRAY_DEGREES

    def _upright(self, point: Point) -> Point:
        """Coordinates along `across` and `down`, which need not be square: shares of width and height are not."""
        (ax, ay), (dx, dy), (x, y) = self.across, self.down, point
        scale = ax * dy - ay * dx
        return (x * dy - y * dx) / scale, (ax * y - ay * x) / scale


def posture_of(lines: Sequence[Mapping[str, Any]]) -> Posture:
    """How the text of a page lies, by its lines; longer ones count for more."""
    weighed = [(runs, len(line.get("Text", "")) or 1) for line in lines if (runs := _direction(corners_of(line)))]
    if not weighed:
        return Posture()
    mean = _normal(
        (0.0, 0.0), (sum(x * weight for (x, _), weight in weighed), sum(y * weight for (_, y), weight in weighed))
    )
    if mean is None:
        return Posture()
    # The mean finds the quarter turn, the median is not moved by a stamp that lies askew.
    off = _weighted_median([(_turn(mean, runs), weight) for runs, weight in weighed])
    across = _turned(mean, off)
    if abs(_turn((1.0, 0.0), across)) < _STRAIGHT_DEGREES:
        return Posture()
    return Posture(across, _down(lines, across))


def _down(lines: Sequence[Mapping[str, Any]], across: Direction) -> Direction:
    """Along the left edges of the lines that run with the page."""
    edges = [
        edge
        for line in lines
        if (runs := _direction(corners_of(line)))
        and abs(_turn(across, runs)) <= _ASTRAY_DEGREES
        and (edge := _edge(corners_of(line)))
    ]
    return (median(x for x, _ in edges), median(y for _, y in edges)) if edges else _turned(across, 90.0)


def corners_of(block: Mapping[str, Any]) -> list[Point]:
    """The corners of a block from its own top left, clockwise; none when it has no geometry."""
    geometry = block.get("Geometry") or {}
    polygon = [(point["X"], point["Y"]) for point in geometry.get("Polygon") or ()]
    if len(polygon) == _CORNERS:
        return polygon
    box = geometry.get("BoundingBox") or {}
    if not box:
        return []
    left, top, right, bottom = box["Left"], box["Top"], box["Left"] + box["Width"], box["Top"] + box["Height"]
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _direction(corners: Sequence[Point]) -> Direction | None:
    """From the top left corner to the top right one, of length 1."""
    return _normal(corners[0], corners[1]) if corners else None


def _edge(corners: Sequence[Point]) -> Direction | None:
    """From the top left corner to the bottom left one, of length 1."""
    return _normal(corners[0], corners[3]) if corners else None


def _normal(start: Point, end: Point) -> Direction | None:
    x, y = end[0] - start[0], end[1] - start[1]
    length = hypot(x, y)
    return (x / length, y / length) if length > 0 else None


def _turned(direction: Direction, by: float) -> Direction:
    """The direction so many degrees further, clockwise as the page is seen."""
    (x, y), turn = direction, radians(by)
    return x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)


def _turn(one: Direction, other: Direction) -> float:
    """Degrees from one direction to the other, -180 to 180."""
    return degrees(atan2(one[0] * other[1] - one[1] * other[0], one[0] * other[0] + one[1] * other[1]))


def _weighted_median(values: Iterable[tuple[float, int]]) -> float:
    ordered = sorted(values)
    half, passed = sum(weight for _, weight in ordered) / 2, 0
    for value, weight in ordered:
        passed += weight
        if passed >= half:
            return value
    return 0.0
