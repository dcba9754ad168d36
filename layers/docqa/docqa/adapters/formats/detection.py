"""What a file is, where only a look into its container tells: ZIP (Office, OpenDocument, EPUB) and OLE (Outlook)."""

from __future__ import annotations

import re
from typing import IO

import olefile

from docqa.adapters.formats.archives import Archive, opened_archive
from docqa.domain import media_types
from docqa.domain.media_types import ACCEPTED, SNIFFED_BYTES
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import EncryptedDocumentError, MalformedDocumentError, UnsupportedDocumentError

_CONTENT_TYPES = "[Content_Types].xml"
# The list of parts of a presentation of 5,000 parts has some 600 KB.
_MIMETYPE_BYTES = 200
_MAIN_PARTS = (
    (re.compile(rb"(wordprocessingml\.(document|template)|ms-word\.(document|template)\.macroEnabled(Template)?)"
                rb"(\.main|\.macroEnabledTemplate\.main)?\+xml"), media_types.DOCX),
    (re.compile(rb"(presentationml|ms-powerpoint)\.(presentation|slideshow|template)(\.macroEnabled)?\.main\+xml"),
     media_types.PPTX),
    (re.compile(rb"(spreadsheetml|ms-excel)\.(sheet|template)(\.macroEnabled)?\.main\+xml"), media_types.XLSX),
)  # fmt: skip
_BINARY_WORKBOOK = b"ms-excel.sheet.binary"
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": media_types.ODT,
    b"application/vnd.oasis.opendocument.text-template": media_types.ODT,
    b"application/epub+zip": media_types.EPUB,
}
_MIMETYPES_UNREAD = {
    b"application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet. Save it as .xlsx",
    b"application/vnd.oasis.opendocument.presentation": "an OpenDocument presentation. Save it as .pptx",
    b"application/vnd.oasis.opendocument.graphics": "an OpenDocument drawing. Print it to PDF",
}
_OLD_OFFICE = {
    "worddocument": "an old Word document (.doc). Save it as .docx or PDF",
    "powerpoint document": "an old PowerPoint presentation (.ppt). Save it as .pptx or PDF",
    "workbook": "an old Excel workbook (.xls). Save it as .xlsx",
    "book": "an old Excel workbook (.xls). Save it as .xlsx",
    "visiodocument": "a Visio drawing. Print it to PDF",
}


class ContentDetector:
    """Implements `ports.TypeDetector`."""

    def __init__(self, limits: ParsingLimits) -> None:
        self._limits = limits

    def detect(self, file: IO[bytes], name: str) -> str:
        """The media type of the file, by its content; the name only tells kinds of text apart."""
        file.seek(0)
        kind = media_types.media_type(file.read(SNIFFED_BYTES), name)
        if kind == media_types.ZIP:
            with opened_archive(file, self._limits) as archive:
                kind = _in_archive(archive)
        elif kind == media_types.OLE:
            kind = _in_compound_file(file)
        file.seek(0)
        return kind


def _in_archive(archive: Archive) -> str:
    if _CONTENT_TYPES in archive.names:
        parts = archive.read(_CONTENT_TYPES)
        for pattern, kind in _MAIN_PARTS:
            if pattern.search(parts):
                return kind
        if _BINARY_WORKBOOK in parts:
            raise _not_read("a binary Excel workbook (.xlsb). Save it as .xlsx")
    if "mimetype" in archive.names:
        with archive.open("mimetype") as member:
            stated = member.read(_MIMETYPE_BYTES).strip()
        if stated in _MIMETYPES:
            return _MIMETYPES[stated]
        if stated in _MIMETYPES_UNREAD:
            raise _not_read(_MIMETYPES_UNREAD[stated])
    if "META-INF/container.xml" in archive.names:
        return media_types.EPUB
    raise UnsupportedDocumentError(f"The file is a ZIP archive. Unpack it and upload what is inside; {ACCEPTED}.")


def _in_compound_file(file: IO[bytes]) -> str:
    file.seek(0)
    try:
        with olefile.OleFileIO(file) as compound:
            names = {path[0].lower() for path in compound.listdir(streams=True, storages=True)}
    except (OSError, ValueError, IndexError) as error:
        raise MalformedDocumentError("The file is damaged or incomplete. Upload it again.") from error
    if "__properties_version1.0" in names:
        return media_types.MSG
    if "encryptedpackage" in names:
        raise EncryptedDocumentError("The document opens only with a password. Upload a copy without one.")
    for stream, what in _OLD_OFFICE.items():
        if stream in names:
            raise _not_read(what)
    raise UnsupportedDocumentError(f"The file is an old Office file of an unknown kind; {ACCEPTED}.")


def _not_read(what: str) -> UnsupportedDocumentError:
    return UnsupportedDocumentError(f"The file is {what} and upload that.")
