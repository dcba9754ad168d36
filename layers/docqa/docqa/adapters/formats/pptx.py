"""PowerPoint, by python-pptx: a slide is a page, with its notes and comments below it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from pptx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from pptx.opc.package import PartFactory
from pptx.package import Package
from pptx.parts.presentation import PresentationPart
from pptx.slide import Slide

from docqa.adapters.formats.archives import opened_archive
from docqa.adapters.formats.office import damage_stated
from docqa.adapters.formats.pieces import Contents, Piece, WholeFormat
from docqa.adapters.formats.pptx_shapes import SlideReader
from docqa.adapters.formats.xml_trees import local_name, parse_xml
from docqa.domain.hidden_marks import hide, without_marks
from docqa.errors import MalformedDocumentError

for _content_type in (
    CONTENT_TYPE.PML_PRESENTATION_MAIN,
    CONTENT_TYPE.PML_PRES_MACRO_MAIN,
    CONTENT_TYPE.PML_SLIDESHOW_MAIN,
    CONTENT_TYPE.PML_TEMPLATE_MAIN,
    "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
    "application/vnd.ms-powerpoint.template.macroEnabled.main+xml",
):
    PartFactory.part_type_for[_content_type] = PresentationPart

_COMMENTS = (
    RELATIONSHIP_TYPE.COMMENTS,
    "http://schemas.microsoft.com/office/2018/10/relationships/comments",
)


class PptxFormat(WholeFormat):
    """Slides, hidden ones too; what is on a hidden slide is marked."""

    def parse(self, file: IO[bytes]) -> Contents:
        """A page a slide."""
        with opened_archive(file, self.limits):
            file.seek(0)
            with damage_stated("PowerPoint presentation"):
                part = Package.open(file).presentation_part
                if not isinstance(part, PresentationPart):
                    raise MalformedDocumentError("The presentation has no slides' part. Save it again as .pptx.")
                presentation = part.presentation
                slides = [_piece(number, slide) for number, slide in enumerate(presentation.slides, start=1)]
                return Contents(slides, presentation.core_properties.title or "")


def _piece(number: int, slide: Slide) -> Piece:
    reader = SlideReader(slide)
    text = "\n\n".join(block for block in [*reader.blocks(), *_notes(slide), *_comments(slide)] if block.strip())
    hidden = slide.element.get("show") in ("0", "false")
    if hidden:
        text = "\n".join(hide(line) for line in text.split("\n"))
    label = f"Slide {number} (hidden)" if hidden else f"Slide {number}"
    return Piece(text, label, tuple(reader.pictures), reader.drawings)


def _notes(slide: Slide) -> Iterator[str]:
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = without_marks(slide.notes_slide.notes_text_frame.text).strip()
        if notes:
            yield f"Notes: {notes}"


def _comments(slide: Slide) -> Iterator[str]:
    for relationship in slide.part.rels.values():
        if relationship.reltype in _COMMENTS and not relationship.is_external:
            for comment in parse_xml(relationship.target_part.blob, recover=True).iter("{*}cm"):
                words = [part.text or "" for part in comment.iter() if local_name(part) in ("text", "t")]
                if text := without_marks(" ".join(words)).strip():
                    yield f"Comment: {text}"
