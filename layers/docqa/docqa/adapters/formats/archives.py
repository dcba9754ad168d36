"""ZIP archives of strangers: looked at before anything is unpacked."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import EncryptedDocumentError, MalformedDocumentError, ParsingLimitError

_ENCRYPTED = 0x1
# An entry of the directory is 46 bytes and a name; names of real members are far shorter than this.
_DIRECTORY_BYTES_AN_ENTRY = 1024
_END_RECORD = b"PK\x05\x06"
_END_RECORD_WITHIN = 66_000
_END_RECORD_BYTES = 22
_DAMAGED = "The file is damaged or incomplete. Upload it again."


class Archive:
    """An archive whose members are few and small enough to be read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.names = frozenset(archive.namelist())

    def read(self, name: str) -> bytes:
        """A member's bytes; never more than its declared size, which was counted.

        Raises:
            MalformedDocumentError: there is no such member, or it is damaged.
        """
        try:
            return self._archive.read(name)
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
            raise MalformedDocumentError(_DAMAGED) from error

    def open(self, name: str) -> IO[bytes]:
        """A member as a file.

        Raises:
            MalformedDocumentError: there is no such member.
        """
        try:
            return self._archive.open(name)
        except (KeyError, zipfile.BadZipFile, struct.error, NotImplementedError, ValueError, OSError) as error:
            raise MalformedDocumentError(_DAMAGED) from error

    def find(self, base: str, reference: str) -> str:
        """The member that a relative reference within the member `base` names; empty when there is none."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(base), reference))
        return path if path in self.names else ""


@contextmanager
def opened_archive(file: IO[bytes], limits: ParsingLimits) -> Iterator[Archive]:
    """The archive, after its directory was compared with the limits.

    Raises:
        MalformedDocumentError: no readable archive.
        EncryptedDocumentError: a member needs a password.
        ParsingLimitError: more members, or more bytes in them, than a file may have.
    """
    _check_directory(file, limits)
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, OSError) as error:
        raise MalformedDocumentError(_DAMAGED) from error
    with archive:
        _check_members(archive, limits)
        yield Archive(archive)


def _check_directory(file: IO[bytes], limits: ParsingLimits) -> None:
    """Refuse a directory that would fill the memory, before it is read."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_RECORD_WITHIN))
    tail = file.read()
    at = tail.rfind(_END_RECORD)
    record = tail[at : at + _END_RECORD_BYTES] if at >= 0 else b""
    if len(record) == _END_RECORD_BYTES:
        (directory_bytes,) = struct.unpack("<L", record[12:16])
        # 0xFFFFFFFF: the real size stands in a record of its own; only archives above 4 GB need that.
        if directory_bytes > limits.max_archive_entries * _DIRECTORY_BYTES_AN_ENTRY:
            raise _too_many(limits)


def _check_members(archive: zipfile.ZipFile, limits: ParsingLimits) -> None:
    members = archive.infolist()
    if len(members) > limits.max_archive_entries:
        raise _too_many(limits)
    if sum(member.file_size for member in members) > limits.max_decompressed_bytes:
        raise ParsingLimitError(
            f"Unpacked, the file has more than {limits.max_decompressed_bytes // 1_000_000} MB. "
            "Make its pictures smaller, or split it."
        )
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise EncryptedDocumentError("The file opens only with a password. Upload a copy without one.")


def _too_many(limits: ParsingLimits) -> ParsingLimitError:
    return ParsingLimitError(f"The file holds more than {limits.max_archive_entries} files. Split it.")
