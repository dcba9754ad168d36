"""Markup, tables and mails: nested in each other, or without an end."""

from __future__ import annotations

import base64

from tests.fakes.bombs.packages import LAUGHS, docx_that_unpacks_to_much
from tests.fakes.containers import XML, mail, zipped

_MIB = 1024 * 1024
_QUADRATIC = f"<!DOCTYPE root [<!ENTITY big '{'x' * 100_000}'>]>"


def zip_within_zip() -> bytes:
    """A mail with an archive in an archive, twenty deep."""
    archive = zipped({"end.txt": "the end"})
    for level in range(20):
        archive = zipped({f"{level}.zip": archive})
    return _attached(archive, "deep.zip")


def mail_within_mail() -> bytes:
    inner = mail(b"the end")
    for _ in range(100):
        inner = mail(inner, "message/rfc822")
    return inner


def mail_parts_within_parts() -> bytes:
    inner = b"Content-Type: text/plain\r\n\r\nthe end\r\n"
    for level in range(500):
        inner = (
            f"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n".encode()
            + inner
            + f"\r\n--b{level}--\r\n".encode()
        )
    return b"From: a@example.org\r\nTo: b@example.org\r\nSubject: parts\r\nMIME-Version: 1.0\r\n" + inner


def mail_flood_of_attachments() -> bytes:
    part = b'--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\ntext\r\n'
    return mail(part * 20_000 + b"--b--\r\n", "multipart/mixed; boundary=b")


def mail_attached_bomb() -> bytes:
    return _attached(docx_that_unpacks_to_much(), "bomb.docx")


def _attached(content: bytes, name: str) -> bytes:
    part = f'--b\r\nContent-Type: application/octet-stream; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n'
    disposition = f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    body = (part + disposition).encode() + base64.encodebytes(content) + b"\r\n--b--\r\n"
    return mail(b"--b\r\nContent-Type: text/plain\r\n\r\nsee attached\r\n" + body, "multipart/mixed; boundary=b")


def xml_of_entities() -> bytes:
    return (XML + LAUGHS.replace("lolz", "root") + "<root>&lol9;</root>").encode()


def xml_quadratic_entities() -> bytes:
    return (XML + _QUADRATIC + f"<root>{'&big;' * 10_000}</root>").encode()


def xml_elements_within_elements() -> bytes:
    return (XML + "<a>" * 200_000 + "deep" + "</a>" * 200_000).encode()


def html_elements_within_elements() -> bytes:
    return ("<html><body>" + "<div>" * 50_000 + "deep" + "</div>" * 50_000).encode()


def html_tables_within_tables() -> bytes:
    return ("<html><body>" + "<table><tr><td>" * 3_000 + "deep" + "</td></tr></table>" * 3_000).encode()


def html_spans_of_a_table() -> bytes:
    return b"<html><body><table><tr><td colspan=2000000000 rowspan=2000000000>wide</td></tr></table></body></html>"


def rtf_groups_within_groups() -> bytes:
    return b"{\\rtf1 " + b"{" * 300_000 + b"deep" + b"}" * 300_000 + b"}"


def markdown_quotes_within_quotes() -> bytes:
    return b"# Title\n\n" + b">" * 100_000 + b" deep\n" + b"[" * 50_000 + b"\n"


def csv_of_one_endless_field() -> bytes:
    return b'a,b\n"' + b"x" * (12 * _MIB)


def csv_of_columns() -> bytes:
    return (b"," * 100_000 + b"\n") * 50
