"""Long texts without pages, cut into parts that a person can find again."""

from __future__ import annotations

from docqa.adapters.formats.pieces import Piece

# Some 30 printed pages. Shorter texts stay whole, so that nothing is cut that need not be.
PART_CHARACTERS = 100_000


def parts(text: str, label: str = "", pictures: tuple[bytes, ...] = (), drawings: int = 0) -> list[Piece]:
    """The text as one piece, or as several that end with paragraphs or lines; all pictures are on the first."""
    cuts = _cuts(text)
    if len(cuts) == 1:
        return [Piece(text, label, pictures, drawings)]
    pieces = []
    for number, (start, end) in enumerate(cuts, start=1):
        name = f"{label}, part {number}" if label else f"Part {number}"
        first = number == 1
        pieces.append(Piece(text[start:end], name, pictures if first else (), drawings if first else 0))
    return pieces


def _cuts(text: str) -> list[tuple[int, int]]:
    found, start = [], 0
    while len(text) - start > PART_CHARACTERS:
        end = _best_end(text, start)
        found.append((start, end))
        start = end
    return [*found, (start, len(text))]


def _best_end(text: str, start: int) -> int:
    """After the last heading's paragraph, line or word that fits; in the second half, so that parts are not tiny."""
    limit, half = start + PART_CHARACTERS, start + PART_CHARACTERS // 2
    for separator in ("\n# ", "\n## ", "\n\n", "\n", " "):
        at = text.rfind(separator, half, limit)
        if at >= 0:
            return at + (1 if separator.startswith("\n#") else len(separator))
    return limit
