"""Pictures and Outlook files whose headers lie."""

from __future__ import annotations

import struct
import zlib

_MIB = 1024 * 1024


def png_giant() -> bytes:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(_MIB), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    )


def tiff_pages_in_a_circle() -> bytes:
    entries = [(256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 200),
               (277, 3, 1, 1), (278, 3, 1, 8), (279, 4, 1, 64)]  # fmt: skip
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHLHH", tag, kind, count, value, 0)
        if kind == 3
        else struct.pack("<HHLL", tag, kind, count, value)
        for tag, kind, count, value in entries
    )
    file = b"II*\x00" + struct.pack("<L", 8) + directory + struct.pack("<L", 8)
    return file.ljust(200, b"\x00") + bytes(range(64))


def gif_flood_of_frames() -> bytes:
    frame = b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
    return b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff" + frame * 50_000 + b"\x3b"


def msg_sectors_in_a_circle() -> bytes:
    """An OLE file whose directory's sectors follow each other for ever."""
    header = struct.pack(
        "<8s16sHHHHH6xLLL4xLLLLL",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 4096,
        0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    fat = struct.pack("<L", 0) + b"\xff" * 432
    sector_0 = struct.pack("<LL", 0xFFFFFFFD, 1) + b"\xff" * 504
    entry = "__properties_version1.0".encode("utf-16-le").ljust(64, b"\x00") + struct.pack(
        "<HBBLLL16xLQQLQ", 48, 2, 1, 1, 1, 1, 0, 0, 0, 1, 2**40
    )
    root = "Root Entry".encode("utf-16-le").ljust(64, b"\x00") + struct.pack(
        "<HBBLLL16xLQQLQ", 22, 5, 1, 0xFFFFFFFF, 0xFFFFFFFF, 1, 0, 0, 0, 1, 2**40
    )
    return (header + fat)[:512].ljust(512, b"\xff") + sector_0 + (root + entry * 3).ljust(512, b"\x00")
