"""Office documents and books: archives that hold far more than they weigh, and XML that multiplies."""

from __future__ import annotations

import struct

from tests.fakes.containers import XML, docx, epub, odt, paragraph, xlsx

_MIB = 1024 * 1024
# What an archive or a filter pretends to hold: above every limit that the tests set.
_UNPACKED = 64 * 1024 * 1024
# "ha" a thousand million times.
LAUGHS = (
    "<!DOCTYPE lolz [<!ENTITY lol0 'ha'>"
    + "".join(f"<!ENTITY lol{n} '{f'&lol{n - 1};' * 10}'>" for n in range(1, 10))
    + "]>"
)


def docx_that_unpacks_to_much() -> bytes:
    return docx(paragraph("a" * _UNPACKED))


def docx_of_entities() -> bytes:
    return docx(paragraph("&lol9;"), prolog=XML + LAUGHS)


def docx_nested_tables() -> bytes:
    return docx("<w:tbl><w:tr><w:tc>" * 20_000 + paragraph("deep") + "</w:tc></w:tr></w:tbl>" * 20_000)


def docx_of_many_parts() -> bytes:
    return docx(paragraph("few words"), parts={f"word/media/{number}.xml": "" for number in range(3_000)})


def docx_whose_members_overlap() -> bytes:
    """Entries of the directory that all name the same bytes: what is unpacked adds up to what the file never had."""
    return _with_repeated_entry(docx(paragraph("a" * _MIB)), "word/document.xml", 5_000)


def _with_repeated_entry(file: bytes, name: str, times: int) -> bytes:
    """The archive with one entry of its directory many times, under other names of the same length."""
    end = file.rindex(b"PK\x05\x06")
    size, at = struct.unpack("<LL", file[end + 12 : end + 20])
    directory = file[at : at + size]
    entry_at = directory.index(name.encode()) - 46
    entry = directory[entry_at : entry_at + 46 + len(name)]
    copies = b"".join(entry[:46] + f"{number:0{len(name)}d}".encode() for number in range(times))
    count = min(struct.unpack("<H", file[end + 10 : end + 12])[0] + times, 0xFFFF)
    record = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, count, count, size + len(copies), at, 0)
    return file[:at] + directory + copies + record


def xlsx_of_a_string_a_million_times() -> bytes:
    cells = '<c t="s"><v>0</v></c>' * 500
    rows = "".join(f'<row r="{row}">{cells}</row>' for row in range(1, 2_001))
    return xlsx(rows, strings=f"<si><t>{'x' * 30_000}</t></si>")


def xlsx_of_every_cell() -> bytes:
    return xlsx(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>',
        dimension="A1:XFD1048576",
    )


def odt_of_entities() -> bytes:
    return odt("<text:p>&lol9;</text:p>", prolog=XML + LAUGHS)


def odt_repeated_cells() -> bytes:
    table = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    row = '<t:table-row t:number-rows-repeated="1000000"><t:table-cell t:number-columns-repeated="16384">'
    return odt(
        f'<t:table xmlns:t="{table}">{row}<text:p>again</text:p></t:table-cell></t:table-row></t:table>'
        '<text:p>a<text:s text:c="2000000000"/>b</text:p>'
    )


def epub_of_entities() -> bytes:
    return epub(["<p>text</p>"], package_prolog=XML + LAUGHS)


def epub_flood_of_chapters() -> bytes:
    return epub(["<p>text</p>"] * 3_000)
