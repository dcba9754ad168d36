"""Boxes on a page, in its own units (points) and coordinates (upwards)."""

from __future__ import annotations

from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle with upright edges."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """Never negative."""
        return max(self.right - self.left, 0.0)

    @property
    def height(self) -> float:
        """Never negative."""
        return max(self.top - self.bottom, 0.0)

    @property
    def area(self) -> float:
        """Square points."""
        return self.width * self.height

    @property
    def middle(self) -> tuple[float, float]:
        """Across and up."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def clipped(self, other: Box) -> Box:
        """What both share; of no area when they are apart."""
        return Box(
            max(self.left, other.left),
            max(self.bottom, other.bottom),
            min(self.right, other.right),
            min(self.top, other.top),
        )

    def joined(self, other: Box) -> Box:
        """The smallest that holds both."""
        return Box(
            min(self.left, other.left),
            min(self.bottom, other.bottom),
            max(self.right, other.right),
            max(self.top, other.top),
        )

    def apart(self, other: Box) -> bool:
        """Whether they share nothing."""
        return (
            self.right <= other.left or other.right <= self.left or self.top <= other.bottom or other.top <= self.bottom
        )


class Matrix(NamedTuple):
    """x' = a x + c y + e, y' = b x + d y + f."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def after(self, inner: Matrix) -> Matrix:
        """The inner one first, then this one."""
        return Matrix(
            self.a * inner.a + self.c * inner.b,
            self.b * inner.a + self.d * inner.b,
            self.a * inner.c + self.c * inner.d,
            self.b * inner.c + self.d * inner.d,
            self.a * inner.e + self.c * inner.f + self.e,
            self.b * inner.e + self.d * inner.f + self.f,
        )

    def box(self, box: Box) -> Box:
        """The upright box around the box as it comes out."""
        if self is IDENTITY:
            return box
        xs = [self.a * x + self.c * y + self.e for x in (box.left, box.right) for y in (box.bottom, box.top)]
        ys = [self.b * x + self.d * y + self.f for x in (box.left, box.right) for y in (box.bottom, box.top)]
        return Box(min(xs), min(ys), max(xs), max(ys))


IDENTITY = Matrix(1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
