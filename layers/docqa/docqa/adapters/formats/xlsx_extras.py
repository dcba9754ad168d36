"""What lies on a sheet beside its cells: comments, charts, text boxes, pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

from docqa.adapters.formats.archives import Archive
from docqa.adapters.formats.drawings import chart_table
from docqa.adapters.formats.office import related_parts
from docqa.adapters.formats.xml_trees import parse_xml
from docqa.domain.hidden_marks import without_marks

_RASTER = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")


@dataclass(slots=True)
class Extras:
    """In the order in which they come: texts, pictures as files, and how many pictures cannot be read."""

    texts: list[str] = field(default_factory=list)
    pictures: list[bytes] = field(default_factory=list)
    drawings: int = 0


def extras(archive: Archive, sheet: str) -> Extras:
    """Everything that the sheet's part refers to and that a reader sees."""
    found = Extras()
    for kind, part in related_parts(archive, sheet):
        if kind == "comments":
            found.texts += _comments(archive.read(part))
        elif kind == "drawing":
            _drawing(archive, part, found)
    return found


def _comments(content: bytes) -> list[str]:
    comments = []
    for comment in parse_xml(content, recover=True).iter("{*}comment"):
        text = without_marks(" ".join("".join(str(one) for one in comment.itertext()).split()))
        if text:
            comments.append(f"Comment on {comment.get('ref', '')}: {text}")
    return comments


def _drawing(archive: Archive, part: str, found: Extras) -> None:
    root = parse_xml(archive.read(part), recover=True)
    for shape in root.iter("{*}txBody"):
        lines = ["".join(text.text or "" for text in line.iter("{*}t")) for line in shape.iter("{*}p")]
        found.texts.append(without_marks("\n".join(filter(None, lines))))
    for kind, target in related_parts(archive, part):
        if kind == "chart":
            found.texts.append(chart_table(parse_xml(archive.read(target), recover=True)))
        elif kind == "image" and target.lower().endswith(_RASTER):
            found.pictures.append(archive.read(target))
        elif kind == "image":
            found.drawings += 1
