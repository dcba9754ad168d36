"""What a file is: by its content, never by its name alone."""

import io

import docx
import openpyxl
import pptx
import pytest

from docqa.domain import media_types
from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import (
    DocumentError,
    EncryptedDocumentError,
    MalformedDocumentError,
    ParsingLimitError,
    UnsupportedDocumentError,
)
from tests.unit.formats.pictures import picture
from tests.unit.formats.reading import archive, detect, repacked


def saved(document: object) -> bytes:
    file = io.BytesIO()
    document.save(file)  # type: ignore[attr-defined]
    return file.getvalue()


WORD = saved(docx.Document())
MAIL = "From: a@example.com\nTo: b@example.com\nSubject: Hello\n\nText."
ODT_MEMBERS = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (WORD, "letter.doc", media_types.DOCX),
        (WORD, "named like a picture.png", media_types.DOCX),
        (saved(pptx.Presentation()), "talk", media_types.PPTX),
        (saved(openpyxl.Workbook()), "figures.zip", media_types.XLSX),
        (archive(ODT_MEMBERS), "letter.docx", media_types.ODT),
        (archive({"mimetype": "application/epub+zip", "a": ""}), "book", media_types.EPUB),
        (archive({"META-INF/container.xml": "<x/>"}), "book without its type", media_types.EPUB),
        (picture("PNG"), "scan.pdf", media_types.PNG),
        (picture("JPEG"), "scan.txt", media_types.JPEG),
        (picture("TIFF"), "fax", media_types.TIFF),
        (picture("GIF", mode="P"), "x", media_types.GIF),
        (picture("BMP"), "x", media_types.BMP),
        (picture("WEBP"), "x", media_types.WEBP),
        (b"{\\rtf1 Hello}", "letter.doc", media_types.RTF),
        (MAIL.encode(), "note.txt", media_types.EML),
        (MAIL.encode("utf-16"), "note.txt", media_types.EML),
        (b"\r\nReceived: from x\r\n\tby y\r\nMessage-ID: <1>\r\n\r\n", "x", media_types.EML),
        (b"Notes: for Monday\nSubject: nothing else\n\nText", "notes.txt", media_types.PLAIN_TEXT),
        (b"<p>A piece of a page.</p>", "piece", media_types.HTML),
        (b"<p align=center>A title</p>\n\n# Read me", "readme.md", media_types.MARKDOWN),
        (b"Only words.", "letter.docx", media_types.PLAIN_TEXT),
        (b"<?xml version='1.0'?><feed/>", "feed", media_types.XML),
        (b"a;b;c\n1;2;3\n4;5;6\n7;8;9\n", "export", media_types.CSV),
        (b"a;b;c\n1;2\n", "export.csv", media_types.CSV),
        (b"Well, then, yes.\nNo, never.\nMaybe, or not, who, knows.\nYes.\n", "talk.txt", media_types.PLAIN_TEXT),
    ],
)
def test_content_says_what_a_file_is(content: bytes, name: str, kind: str) -> None:
    """Promise 19: a mislabelled file is read as what it is."""
    assert detect(content, name) == kind


@pytest.mark.parametrize(
    ("content", "name", "error", "words"),
    [
        (archive({"a.txt": "text"}), "files.zip", UnsupportedDocumentError, "Unpack it"),
        (b"PK\x03\x04" + bytes(200), "letter.docx", MalformedDocumentError, "damaged"),
        (WORD[: len(WORD) // 2], "letter.docx", MalformedDocumentError, "damaged"),
        (
            archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
            "x",
            UnsupportedDocumentError,
            ".xlsx",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old.doc", DocumentError, "."),
        (b"Rar!\x1a\x07\x00" + bytes(90), "files.rar", UnsupportedDocumentError, "RAR"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "talk.wav", UnsupportedDocumentError, "sound"),
        (b"JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3Ro" * 9, "letter.docx", MalformedDocumentError, ".docx"),
    ],
)
def test_what_is_not_read_is_refused_with_what_to_do(
    content: bytes, name: str, error: type[DocumentError], words: str
) -> None:
    with pytest.raises(error) as refusal:
        detect(content, name)

    assert words in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_an_archive_that_would_fill_the_memory_is_refused_before_it_is_unpacked() -> None:
    """Promise 46: entries and unpacked bytes of an archive are limited."""
    many = archive({f"file {number}": "" for number in range(200)})
    large = archive({"word/document.xml": bytes(2_000_000)})

    with pytest.raises(ParsingLimitError, match="100 files"):
        detect(many, limits=ParsingLimits(max_archive_entries=100))
    with pytest.raises(ParsingLimitError, match="Unpacked"):
        detect(large, limits=ParsingLimits(max_decompressed_bytes=1_000_000))


def test_a_protected_archive_is_encrypted_and_not_damaged() -> None:
    protected = bytearray(archive({"mimetype": "application/vnd.oasis.opendocument.text"}))
    # Bit 0 of the flags, in the member's own header and in the directory.
    protected[6] |= 1
    protected[protected.index(b"PK\x01\x02") + 8] |= 1

    with pytest.raises(EncryptedDocumentError, match="password"):
        detect(bytes(protected))


def test_documents_with_macros_and_templates_are_documents() -> None:
    plain = b"wordprocessingml.document.main+xml"
    types = {
        name: repacked(
            WORD, {"[Content_Types].xml": _types(WORD).replace(b"vnd.openxmlformats-officedocument." + plain, name)}
        )
        for name in (
            b"vnd.ms-word.document.macroEnabled.main+xml",
            b"vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
            b"vnd.ms-word.template.macroEnabledTemplate.main+xml",
        )
    }

    assert {detect(content) for content in types.values()} == {media_types.DOCX}


def _types(content: bytes) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return packed.read("[Content_Types].xml")
