"""Mails as Outlook keeps them, by python-oxmsg."""

from __future__ import annotations

import struct
from typing import IO

from compressed_rtf import decompress
from oxmsg import Message
from oxmsg.attachment import Attachment as OutlookAttachment
from oxmsg.domain import constants
from oxmsg.properties import Properties
from oxmsg.storage import Storage

from docqa.adapters.formats.html import html_text
from docqa.adapters.formats.mail import NESTED_TOO_DEEPLY, Attachment, Mail, MailFormat
from docqa.adapters.formats.rtf import rtf_pages
from docqa.adapters.formats.text_decoding import decode
from docqa.domain.hidden_marks import without_marks
from docqa.errors import MalformedDocumentError

# A message within a message keeps its properties behind a shorter head ([MS-OXMSG] 2.4.1.1).
_INNER_HEAD_BYTES = 24
_INNER_MESSAGE = "__substg1.0_3701000D"
_RTF_COMPRESSED = 0x1009
_DISPLAY_TO, _DISPLAY_CC, _DISPLAY_BCC = 0x0E04, 0x0E03, 0x0E02
_CONTENT_ID = 0x3712
_DISPLAY_NAME = 0x3001
_SIGNS_OF_DAMAGE = (OSError, ValueError, KeyError, IndexError, struct.error, AssertionError, AttributeError, TypeError)


class MsgFormat(MailFormat):
    """A mail of Outlook's."""

    def parse(self, file: IO[bytes]) -> Mail:
        """Headers, the best body, attachments."""
        try:
            return mail_of(Message.load(file), self.limits.max_nesting)
        except _SIGNS_OF_DAMAGE as error:
            raise MalformedDocumentError("The Outlook message is damaged. Save it again and upload that.") from error


class _InnerMessage(Message):
    """A message that is attached to another one."""

    @property
    def properties(self) -> Properties:
        return Properties(self._storage, properties_header_offset=_INNER_HEAD_BYTES)


def mail_of(message: Message, depth: int) -> Mail:
    """A message as a mail; `depth` is how many messages may lie in each other."""
    properties = message.properties
    sent = message.sent_date
    headers = [
        ("From", message.sender or ""),
        ("To", message.message_headers.get("To") or properties.str_prop_value(_DISPLAY_TO) or ""),
        ("Cc", message.message_headers.get("Cc") or properties.str_prop_value(_DISPLAY_CC) or ""),
        ("Bcc", properties.str_prop_value(_DISPLAY_BCC) or ""),
        ("Date", sent.strftime("%a, %d %b %Y %H:%M:%S %z") if sent else message.message_headers.get("Date", "")),
        ("Subject", message.subject),
    ]
    cleaned = [(name, without_marks(" ".join(value.replace("\x00", "").split()))) for name, value in headers]
    mail = Mail(dict(cleaned)["Subject"], cleaned, _body(message))
    for number, attachment in enumerate(message.attachments, start=1):
        mail.attachments.append(_attachment(attachment, number, depth))
    return mail


def _body(message: Message) -> str:
    """The plain text, else the HTML, else what its Rich Text says."""
    plain = without_marks(message.body or "").strip("\x00\r\n ")
    if plain:
        return plain
    properties = message.properties
    if html := properties.binary_prop_value(constants.PID_HTML):
        return html_text(_decoded(html, properties.body_encoding))[1]
    if html_string := properties.str_prop_value(constants.PID_BODY_HTML):
        return html_text(html_string)[1]
    if rich := properties.binary_prop_value(_RTF_COMPRESSED):
        return "\n\n".join(rtf_pages(decompress(rich).decode("cp1252", "replace")))
    return ""


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except (LookupError, ValueError):
        return decode(content)


def _attachment(attachment: OutlookAttachment, number: int, depth: int) -> Attachment:
    properties = attachment.properties
    name = attachment.file_name or properties.str_prop_value(_DISPLAY_NAME) or f"attachment {number}"
    name = without_marks(name.strip("\x00")).replace("/", "_")
    # The library does not open messages within messages.
    storage: Storage = vars(attachment)["_storage"]
    inner = next((one for one in storage.storages if one.name == _INNER_MESSAGE), None)
    if inner is not None and depth <= 0:
        return Attachment(name, b"", failure=NESTED_TOO_DEEPLY)
    if inner is not None:
        return Attachment(name, b"", mail=mail_of(_InnerMessage(inner), depth - 1))
    return Attachment(name, attachment.file_bytes or b"", inline=bool(properties.str_prop_value(_CONTENT_ID)))
