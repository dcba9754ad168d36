"""OpenDocument text: the standard's own XML (ISO/IEC 26300), walked in the order in which it stands."""

from __future__ import annotations

from typing import IO

from docqa.adapters.formats.archives import Archive, opened_archive
from docqa.adapters.formats.flow import laid_out
from docqa.adapters.formats.odt_body import BodyReader
from docqa.adapters.formats.odt_styles import OdtStyles
from docqa.adapters.formats.pieces import Contents, WholeFormat
from docqa.adapters.formats.xml_trees import Element, parse_xml
from docqa.errors import EncryptedDocumentError, MalformedDocumentError

_MANIFEST = "META-INF/manifest.xml"


class OdtFormat(WholeFormat):
    """Pages end where the file says so: at page breaks, and where the program last saw a page end."""

    def parse(self, file: IO[bytes]) -> Contents:
        """Pages; a document that states no page break has one for each chapter, or one in all."""
        with opened_archive(file, self.limits) as archive:
            if _MANIFEST in archive.names and b"encryption-data" in archive.read(_MANIFEST):
                raise EncryptedDocumentError("The document opens only with a password. Upload a copy without one.")
            content = parse_xml(archive.read("content.xml"))
            looks = _part(archive, "styles.xml")
            styles = OdtStyles([root for root in (looks, content) if root is not None])
            body = content.find("{*}body/{*}text")
            if body is None:
                raise MalformedDocumentError("The OpenDocument file has no text. Save it again as .odt.")
            reader = BodyReader(archive, styles)
            return Contents(laid_out(reader.blocks(body, looks)), _title(archive))


def _part(archive: Archive, name: str) -> Element | None:
    return parse_xml(archive.read(name)) if name in archive.names else None


def _title(archive: Archive) -> str:
    meta = _part(archive, "meta.xml")
    return "" if meta is None else (meta.findtext("{*}meta/{*}title") or "").strip()
