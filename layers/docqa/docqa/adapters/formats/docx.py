"""Word, opened by python-docx; the text in the order in which it stands, with what its object model leaves out."""

from __future__ import annotations

from typing import IO

from docx.document import Document
from docx.opc.constants import CONTENT_TYPE
from docx.opc.part import PartFactory
from docx.package import Package
from docx.parts.document import DocumentPart

from docqa.adapters.formats.archives import opened_archive
from docqa.adapters.formats.docx_body import DocumentReader
from docqa.adapters.formats.flow import laid_out
from docqa.adapters.formats.office import damage_stated
from docqa.adapters.formats.pieces import Contents, WholeFormat
from docqa.errors import MalformedDocumentError

# Templates and documents with macros are documents too; python-docx knows the plain kind only.
_MAIN_TYPES = (
    CONTENT_TYPE.WML_DOCUMENT_MAIN,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
)
for _content_type in _MAIN_TYPES:
    PartFactory.part_type_for[_content_type] = DocumentPart


class DocxFormat(WholeFormat):
    """Pages end where the file says so: at page breaks, and where Word last saw a page end."""

    def parse(self, file: IO[bytes]) -> Contents:
        """Pages; a document that states no page break has one for each chapter, or one in all."""
        with opened_archive(file, self.limits):
            file.seek(0)
            with damage_stated("Word document"):
                part = Package.open(file).main_document_part
                if not isinstance(part, DocumentPart):
                    raise MalformedDocumentError("The Word document has no text part. Save it again as .docx.")
                document = part.document
                return Contents(laid_out(DocumentReader(document).blocks()), _title(document))


def _title(document: Document) -> str:
    return document.core_properties.title or ""
