"""What a page shows on which no text was found: nothing, a picture, or what looks like writing.

Without it a page in a script that text extraction does not know would pass for an empty one. Measured on 160 pages of
text (scans, receipts, printed reports), on photographs and on made-up blank scans with specks, holes and black edges:
decision 0050.
"""

from __future__ import annotations

from dataclasses import dataclass

from docqa.models.page import Shows

# Paper, white or black, is most of a page of text: 67 to 100 % of it. Of a photograph no tone takes more than 60 %.
LEAST_GROUND = 0.65
# Rows of pixels with so many separate strokes: a word of four letters has them over the height of its letters; specks,
# holes and the edges of a scan make up to four such rows.
STROKES_IN_ROW = 6
LEAST_ROWS = 5
# Share of pixels that differ from what is around them. Specks and holes on blank paper: up to 0.4 %; photographs: from
# 4 % on.
SPECKS_INK = 0.005


@dataclass(frozen=True, slots=True)
class InkMeasures:
    """What can be measured on the picture of a page without recognising anything.

    Attributes:
        ground: Share of the most frequent tone.
        ink: Share of pixels that differ from what is around them.
        rows: Rows with at least `STROKES_IN_ROW` separate runs of such pixels.
    """

    ground: float
    ink: float
    rows: int


def what_is_shown(measures: InkMeasures) -> Shows:
    """Whether somebody who looks at the page would expect to read something."""
    if measures.rows >= LEAST_ROWS and measures.ground >= LEAST_GROUND:
        return Shows.WRITING
    if measures.rows >= LEAST_ROWS or measures.ink >= SPECKS_INK:
        return Shows.PICTURE
    return Shows.NOTHING
