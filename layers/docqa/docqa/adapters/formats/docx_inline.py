"""What stands within a paragraph of Word: runs, fields, breaks, notes, pictures, boxes."""

from __future__ import annotations

from dataclasses import dataclass, field

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.part import Part
from docx.oxml.ns import qn

from docqa.adapters.formats.docx_styles import Styles
from docqa.adapters.formats.drawings import chart_table, diagram_text
from docqa.adapters.formats.flow import Break
from docqa.adapters.formats.xml_trees import Element, local_name, parse_xml
from docqa.domain.hidden_marks import hide, without_marks

# Deleted text, field instructions, and what only tells where something begins.
_SKIPPED = frozenset(
    {"del", "moveFrom", "pPr", "rPr", "instrText", "delText", "delInstrText", "rt", "sdtPr", "Fallback"}
)
_SIGNS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "\u2011"}
_NOTES = {"footnote": RELATIONSHIP_TYPE.FOOTNOTES, "endnote": RELATIONSHIP_TYPE.ENDNOTES}


@dataclass(slots=True)
class Inline:
    """A paragraph, or the part of it that stands on one page.

    Attributes:
        ends: The page break before it.
        boxes: Text boxes that are anchored in it.
    """

    text: str = ""
    ends: Break | None = None
    pictures: list[bytes] = field(default_factory=list)
    drawings: int = 0
    notes: list[str] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)


class InlineReader:
    """Reads paragraphs of one document."""

    def __init__(self, document: Document, styles: Styles) -> None:
        self._part = document.part
        self._styles = styles
        self._notes = {kind: self._texts(kind, reltype) for kind, reltype in _NOTES.items()}
        self._comments = {
            str(comment.comment_id): f"Comment ({comment.author}): {without_marks(comment.text)}"
            for comment in document.comments
        }

    def parts(self, paragraph: Element) -> list[Inline]:
        """The paragraph, in as many parts as pages end within it, and one more."""
        found = [Inline()]
        self._take(paragraph, found, hidden=False)
        return found

    def _take(self, element: Element, found: list[Inline], *, hidden: bool) -> None:
        for child in element:
            name = local_name(child)
            if name in _SKIPPED or not name:
                continue
            if name in ("t", "delText") or name in _SIGNS or name == "sym":
                text = without_marks(_sign(child, name))
                found[-1].text += hide(text) if hidden else text
            elif name in ("br", "lastRenderedPageBreak"):
                _break(child, name, found)
            elif name in ("footnoteReference", "endnoteReference", "commentReference"):
                self._refer(child, name.removesuffix("Reference"), found[-1])
            elif name in ("blip", "imagedata"):
                self._picture(child, found[-1])
            elif name in ("chart", "relIds"):
                found[-1].text += self._drawn(child, name)
            elif name == "txbxContent":
                found[-1].boxes.append(child)
            else:
                self._take(child, found, hidden=self._styles.hides(child) if name == "r" else hidden)

    def _refer(self, reference: Element, kind: str, inline: Inline) -> None:
        number = str(reference.get(qn("w:id"), ""))
        if kind == "comment":
            inline.notes += [self._comments[number]] if number in self._comments else []
        elif text := self._notes[kind].get(number, ""):
            inline.text += f"[{number}]"
            inline.notes.append(f"[{number}] {text}")

    def _picture(self, element: Element, inline: Inline) -> None:
        part = self._related(element.get(qn("r:embed")) or element.get(qn("r:id")))
        if part is None or part.content_type in (
            "image/x-emf",
            "image/x-wmf",
            "image/svg+xml",
            "image/emf",
            "image/wmf",
        ):
            inline.drawings += 1
        else:
            inline.pictures.append(part.blob)

    def _drawn(self, element: Element, name: str) -> str:
        part = self._related(element.get(qn("r:id")) or element.get(qn("r:dm")))
        if part is None:
            return ""
        root = parse_xml(part.blob, recover=True)
        return "\n\n" + (chart_table(root) if name == "chart" else diagram_text(root))

    def _related(self, relation: str | None) -> Part | None:
        relationship = self._part.rels.get(relation or "")
        return None if relationship is None or relationship.is_external else relationship.target_part

    def _texts(self, kind: str, reltype: str) -> dict[str, str]:
        """Notes by their id."""
        try:
            root = parse_xml(self._part.part_related_by(reltype).blob)
        except KeyError:
            return {}
        return {
            note.get(qn("w:id"), ""): "\n".join(map(self._note_line, note.iter(qn("w:p")))).strip()
            for note in root.iter(qn(f"w:{kind}"))
            if note.get(qn("w:type"), "normal") == "normal"
        }

    def _note_line(self, paragraph: Element) -> str:
        return without_marks("".join(_sign(text, "t") for text in paragraph.iter(qn("w:t")))).strip()


def _sign(element: Element, name: str) -> str:
    if name == "sym":
        code = str(element.get(qn("w:char"), ""))
        # Symbol fonts sit in the private area, where their codes are those of bullets, ticks and arrows.
        return "" if not code or code.upper().startswith("F") else chr(int(code, 16))
    return _SIGNS.get(name) or element.text or ""


def _break(element: Element, name: str, found: list[Inline]) -> None:
    if name == "lastRenderedPageBreak":
        found.append(Inline(ends=Break.SEEN))
    elif element.get(qn("w:type")) == "page":
        found.append(Inline(ends=Break.STATED))
    else:
        found[-1].text += "\n"
