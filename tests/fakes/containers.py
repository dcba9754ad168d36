"""The smallest files of each container format that its reader opens, made of the parts that a test hands in."""

from __future__ import annotations

import io
import zipfile

_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
XML = '<?xml version="1.0" encoding="UTF-8"?>'


def zipped(members: dict[str, bytes | str], *, stored: tuple[str, ...] = ()) -> bytes:
    """A ZIP archive of these members, in this order."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, kind)
    return file.getvalue()


def relationships(*targets: tuple[str, str, bool]) -> str:
    """A .rels part: (kind, target, whether it lies outside the file)."""
    found = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if outside else "/>")
        for number, (kind, target, outside) in enumerate(targets, start=1)
    )
    return f'{XML}<Relationships xmlns="{_RELATIONSHIPS}">{found}</Relationships>'


def _content_types(main: str, kind: str) -> str:
    return (
        f'{XML}<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{_OPEN_XML}.{kind}+xml"/></Types>'
    )


def docx(body: str, *, prolog: str = XML, parts: dict[str, bytes | str] | None = None) -> bytes:
    """A Word document with this inside its body."""
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = (
        f'{prolog}<w:document xmlns:w="{w}" xmlns:r="{_OFFICE}" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        f"<w:body>{body}</w:body></w:document>"
    )
    return zipped(
        {
            "[Content_Types].xml": _content_types("word/document.xml", "wordprocessingml.document.main"),
            "_rels/.rels": relationships(("officeDocument", "word/document.xml", False)),
            "word/document.xml": document,
            **(parts or {}),
        }
    )


def paragraph(text: str) -> str:
    """A paragraph of a Word document."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def xlsx(rows: str, *, dimension: str = "A1", strings: str = "", relations: str = "") -> bytes:
    """A workbook of one sheet with these rows."""
    s = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    workbook = (
        f'{XML}<workbook xmlns="{s}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    sheet = f'{XML}<worksheet xmlns="{s}"><dimension ref="{dimension}"/><sheetData>{rows}</sheetData></worksheet>'
    wired = relationships(("worksheet", "worksheets/sheet1.xml", False), ("sharedStrings", "sharedStrings.xml", False))
    types = _content_types("xl/workbook.xml", "spreadsheetml.sheet.main").replace(
        "</Types>",
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_OPEN_XML}.spreadsheetml.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_OPEN_XML}.spreadsheetml.sharedStrings+xml"/>'
        "</Types>",
    )
    return zipped(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": relationships(("officeDocument", "xl/workbook.xml", False)),
            "xl/workbook.xml": workbook,
            "xl/_rels/workbook.xml.rels": relations or wired,
            "xl/sharedStrings.xml": f'{XML}<sst xmlns="{s}">{strings}</sst>',
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


def odt(body: str, *, prolog: str = XML) -> bytes:
    """An OpenDocument text with this inside its text."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'{prolog}<office:document-content xmlns:office="{office}:office:1.0" xmlns:text="{office}:text:1.0" '
        f'xmlns:draw="{office}:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2">'
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content}, stored=("mimetype",))


def epub(chapters: list[str], *, package_prolog: str = XML) -> bytes:
    """A book of these chapters, each the inside of a body."""
    items = "".join(
        f'<item id="c{number}" href="{number}.xhtml" media-type="application/xhtml+xml"/>'
        for number in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    container = (
        f'{XML}<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        f'{package_prolog}<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    bodies: dict[str, bytes | str] = {
        f"{number}.xhtml": f'{XML}<html xmlns="http://www.w3.org/1999/xhtml"><body>{chapter}</body></html>'
        for number, chapter in enumerate(chapters)
    }
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "book.opf": package,
            **bodies,
        },
        stored=("mimetype",),
    )


def pdf(objects: dict[int, bytes], root: int = 1) -> bytes:
    """A PDF of these numbered objects."""
    body, offsets = b"%PDF-1.7\n", {}
    for number, content in objects.items():
        offsets[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    size = max(objects) + 1
    table = b"".join(
        b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 00000 f \n"
        for number in range(1, size)
    )
    trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer


def stream(content: bytes, dictionary: bytes = b"") -> bytes:
    """A stream object of a PDF."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), dictionary, content)


def mail(body: bytes, content_type: str = "text/plain; charset=utf-8", *, subject: str = "A mail") -> bytes:
    """A mail with this body."""
    head = f"From: a@example.org\r\nTo: b@example.org\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
    return f"{head}Content-Type: {content_type}\r\n\r\n".encode() + body
