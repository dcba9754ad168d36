"""Outlook's messages, made of the storages that a file of theirs holds ([MS-OXMSG])."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from oxmsg import Message
from oxmsg.storage import Storage, Stream

from docqa.adapters.formats.msg import mail_of
from tests.unit.formats.reading import archive

STRING, BINARY, INTEGER = 0x001F, 0x0102, 0x0003
SUBJECT, BODY, HTML, FILE_NAME, DATA, METHOD = 0x0037, 0x1000, 0x1013, 0x3707, 0x3701, 0x3705
MESSAGE_HEAD, INNER_HEAD, ATTACHMENT_HEAD = 32, 24, 8


def storage(path: str, head: int, values: Mapping[int, str | bytes | int], inner: Sequence[Storage] = ()) -> Storage:
    """A storage with these properties by their ids."""
    entries, streams = b"", []
    for pid, value in values.items():
        if isinstance(value, int):
            entries += struct.pack("<HHIII", INTEGER, pid, 6, value, 0)
            continue
        kind, content = (BINARY, value) if isinstance(value, bytes) else (STRING, value.encode("utf-16-le"))
        entries += struct.pack("<HHIII", kind, pid, 6, len(content), 0)
        streams.append(Stream(f"{path}/__substg1.0_{pid:04X}{kind:04X}", content))
    streams.append(Stream(f"{path}/__properties_version1.0", bytes(head) + entries))
    return Storage(path, tuple(streams), tuple(inner))


def attachment(number: int, values: Mapping[int, str | bytes | int], inner: Sequence[Storage] = ()) -> Storage:
    return storage(f"__attach_version1.0_#{number:08X}", ATTACHMENT_HEAD, values, inner)


def test_a_message_with_a_file_and_a_message_in_it() -> None:
    content = archive({"a": "b"})
    inner = storage("x/__substg1.0_3701000D", INNER_HEAD, {SUBJECT: "Inner", BODY: "Forwarded."})
    outer = storage(
        "",
        MESSAGE_HEAD,
        {SUBJECT: "Outer", HTML: b"<p>Shown <b>text</b></p><p hidden>TRAP</p>"},
        [
            attachment(0, {FILE_NAME: "files.zip", DATA: content, METHOD: 1}),
            attachment(1, {FILE_NAME: "inner.msg", METHOD: 5}, [inner]),
        ],
    )

    mail = mail_of(Message(outer), 5)

    assert (mail.subject, "Shown text" in mail.body) == ("Outer", True)
    assert [(one.name, one.content) for one in mail.attachments] == [("files.zip", content), ("inner.msg", b"")]
    assert mail.attachments[1].mail is not None
    assert (mail.attachments[1].mail.subject, mail.attachments[1].mail.body) == ("Inner", "Forwarded.")


def test_messages_within_messages_are_bounded() -> None:
    """Promise 46: mails within mails end at a stated depth."""
    message = storage("x/__substg1.0_3701000D", INNER_HEAD, {SUBJECT: "deepest"})
    for _ in range(3):
        message = storage(
            "x/__substg1.0_3701000D",
            INNER_HEAD,
            {SUBJECT: "level"},
            [attachment(0, {FILE_NAME: "m", METHOD: 5}, [message])],
        )
    outer = storage("", MESSAGE_HEAD, {SUBJECT: "outer"}, [attachment(0, {FILE_NAME: "m", METHOD: 5}, [message])])

    mail = mail_of(Message(outer), 2)

    first = mail.attachments[0].mail
    assert first is not None
    second = first.attachments[0].mail
    assert second is not None
    assert second.attachments[0].failure
