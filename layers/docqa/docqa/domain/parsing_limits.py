"""What reading one file may cost, at most.

The defaults let every real document through that docqa takes in (3,000 pages, scans of 500 MB) and hold in a function
of 1.5 GB. A format checks what only it can see while it reads (entries, bytes, nesting, pixels, characters of a page);
the process that it runs in checks the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_MIB = 1024 * 1024


class SystemCallFilter(StrEnum):
    """What is done where the kernel takes no filter of system calls: a stack's setting.

    REQUIRED: no file is read. PREFERRED: files are read, confined by the interpreter alone, and the log says so.
    """

    REQUIRED = "required"
    PREFERRED = "preferred"


@dataclass(frozen=True, slots=True)
class ParsingLimits:
    """Limits of one parse: looking at a file, reading a span of its pages, or taking pages out of it.

    Attributes:
        max_pages: Most pages of a document, and so of a parse; Textract takes 3,000.
        max_page_characters: Of one page. A densely printed A0 sheet has some 100,000, a sheet of a large workbook more.
        max_total_characters: Of all pages of one parse. A long novel has 3,000,000; 3,000 printed pages 10,000,000.
        max_decompressed_bytes: Out of one file, all its archives and stacked filters together; pictures of a
            presentation of 500 MB hardly shrink, markup shrinks to a tenth.
        max_archive_entries: Files in one archive, those of archives within it counted too. Large workbooks and books
            have hundreds, a presentation of 500 slides some 5,000.
        max_nesting: Archives in archives, mails in mails: forwarded threads of real mail are 4 deep.
        max_image_pixels: Of one picture. A0 at 300 dpi has 140,000,000; at 3 bytes a pixel that is 420 MB.
        memory_bytes: What a parse may hold beyond what its process held at the start. With the interpreter, the
            parsers and the function's own 150 MB it stays below 1.5 GB.
        cpu_seconds: A span of 100 PDF pages takes half a second, a workbook of a million cells half a minute, a deck of
            400 photographs a minute: all of it in one parse. Every file of the benchmark takes less than five seconds
            (its target is 60): the limit is for what no benchmark has, and such a file fails at its second minute.
        wall_seconds: Waiting for the disk included. A parse that something outside ended is done twice: the timeout
            of a function has to be longer than both.
        require_filter: Read nothing where the kernel takes no filter of system calls.
    """

    max_pages: int = 3_000
    max_page_characters: int = 1_000_000
    max_total_characters: int = 20_000_000
    max_decompressed_bytes: int = 1024 * _MIB
    max_archive_entries: int = 10_000
    max_nesting: int = 8
    max_image_pixels: int = 150_000_000
    memory_bytes: int = 1024 * _MIB
    cpu_seconds: int = 90
    wall_seconds: int = 120
    require_filter: bool = False
