"""Mails as they are sent (RFC 5322, MIME), by Python's email package, which reads broken ones too."""

from __future__ import annotations

import email
import email.policy
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from typing import IO

from docqa.adapters.formats.html import html_text
from docqa.adapters.formats.mail import NESTED_TOO_DEEPLY, Attachment, Mail, MailFormat
from docqa.adapters.formats.text_decoding import decode, read_bytes
from docqa.domain.hidden_marks import settle, without_marks
from docqa.domain.text_kinds import UTF16_MARKS, utf16_without_mark
from docqa.errors import EmptyDocumentError, ParsingLimitError

# Mail servers take 25 to 150 MB.
EML_MAX_BYTES = 200_000_000
_SNIFFED = 4_096
_HEADERS = ("From", "To", "Cc", "Bcc", "Date", "Subject")
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
_TEXTS = ("text/plain", "text/enriched", "text/rfc822-headers", "message/delivery-status", "message/partial",
          "message/disposition-notification", "message/external-body", "message/feedback-report")  # fmt: skip
# A plain alternative this much shorter than the HTML one only says that there is another.
_STUB_SHARE = 0.2
_SUFFIXES = {"text/plain": ".txt", "text/html": ".html", "message/rfc822": ".eml", "text/csv": ".csv",
             "text/markdown": ".md", "text/calendar": ".txt"}  # fmt: skip


class EmlFormat(MailFormat):
    """A mail in the notation in which it is sent."""

    def parse(self, file: IO[bytes]) -> Mail:
        """Headers, the best body, attachments."""
        content = read_bytes(file, EML_MAX_BYTES)
        if not content.strip():
            raise EmptyDocumentError("The mail is empty.")
        if content.startswith(UTF16_MARKS) or utf16_without_mark(content[:_SNIFFED]):
            content = decode(content).encode()
        return mail_of(email.message_from_bytes(content, policy=email.policy.compat32), self.limits.max_nesting)


def mail_of(message: Message, max_nesting: int) -> Mail:
    """A parsed message as a mail.

    Args:
        message: As Python's parser gives it.
        max_nesting: How many messages may lie in each other.

    Raises:
        ParsingLimitError: its parts are nested more deeply than those of any real mail.
    """
    headers = [(name, header(message, name)) for name in _HEADERS]
    mail = Mail(subject=dict(headers)["Subject"], headers=headers)
    texts: list[str] = []
    try:
        _take(message, mail, texts, max_nesting)
    except RecursionError as error:
        raise ParsingLimitError("The mail's parts are nested too deeply. Print it to PDF and upload that.") from error
    mail.body = "\n\n".join(text for text in texts if text.strip())
    return mail


def header(message: Message, name: str) -> str:
    """A header's value on one line, decoded as far as it can be; values of repeated headers behind each other."""
    values = [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]
    return ", ".join(filter(None, map(_decoded, values)))


def _decoded(value: str) -> str:
    value = " ".join(value.split())
    try:
        value = str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        # Words in an encoding that nobody knows stay as they were sent.
        value = decode(value.encode("utf-8", "surrogateescape"))
    # Bytes of a header that was sent without any encoding.
    if any("\udc80" <= letter <= "\udcff" for letter in value):
        value = decode(value.encode("utf-8", "surrogateescape"))
    return without_marks(" ".join(value.split()))


def _take(part: Message, mail: Mail, texts: list[str], depth: int) -> None:
    kind = part.get_content_type()
    payload = [one for one in part.get_payload() if isinstance(one, Message)] if part.is_multipart() else None
    if kind == "message/rfc822" and payload:
        _forwarded(part, payload[0], mail, depth)
    elif kind == "multipart/alternative" and payload is not None:
        _take_best(payload, mail, texts, depth)
    elif payload is not None:
        for inner in payload:
            _take(inner, mail, texts, depth)
    elif _is_attached(part):
        _attach(part, mail)
    else:
        texts.append(_text(part))


def _take_best(alternatives: list[Message], mail: Mail, texts: list[str], depth: int) -> None:
    """The plain text, unless it is a stub; else the HTML. What else comes along (a calendar) is attached."""
    found: dict[str, list[str]] = {}
    for part in alternatives:
        own = Mail()
        said: list[str] = []
        _take(part, own, said, depth)
        mail.attachments += own.attachments
        kind = "plain" if part.get_content_type() in _TEXTS else "rich"
        found.setdefault(kind, []).extend(said)
    plain, rich = ("\n\n".join(found.get(kind, [])) for kind in ("plain", "rich"))
    is_stub = len(plain.strip()) < _STUB_SHARE * len(settle(rich)[0])
    texts.append(rich if is_stub else plain)


def _forwarded(part: Message, message: Message, mail: Mail, depth: int) -> None:
    name = _name(part) or header(message, "Subject") or "forwarded message"
    if depth > 0:
        mail.attachments.append(Attachment(name, b"", mail=mail_of(message, depth - 1)))
    else:
        mail.attachments.append(Attachment(name, b"", failure=NESTED_TOO_DEEPLY))


def _is_attached(part: Message) -> bool:
    if part.get_content_disposition() == "attachment":
        return True
    kind = part.get_content_type()
    # A multipart that is none, because its boundary never comes, is the text that it holds.
    return kind not in ("text/html", *_TEXTS) and part.get_content_maintype() != "multipart"


def _attach(part: Message, mail: Mail) -> None:
    kind = part.get_content_type()
    if kind in _SIGNATURES:
        return
    content = _bytes(part)
    content_location = header(part, "Content-Location").rsplit("/", 1)[-1]
    name = _name(part) or content_location or f"attachment {len(mail.attachments) + 1}{_SUFFIXES.get(kind, '')}"
    inline = part.get_content_disposition() == "inline" or bool(part.get("Content-ID"))
    mail.attachments.append(Attachment(name, content, inline))


def _name(part: Message) -> str:
    try:
        name = part.get_filename() or ""
    except (LookupError, ValueError, TypeError):
        name = ""
    return _decoded(name).replace("/", "_")


def _text(part: Message) -> str:
    content = _bytes(part)
    if part.get_content_type() == "text/html":
        return html_text(_in_its_charset(part, content))[1]
    return without_marks(_in_its_charset(part, content))


def _in_its_charset(part: Message, content: bytes) -> str:
    """UTF-8 where the bytes are that, whatever is stated; else by the stated charset; else by what they look like.

    Text of another charset with letters beyond ASCII is hardly ever valid UTF-8; what mails state often is wrong.
    """
    for charset in ("utf-8" if not content.isascii() else "ascii", part.get_content_charset() or "ascii"):
        if charset != "ascii":
            with suppress(LookupError, ValueError):
                return content.decode(charset)
    return decode(content)


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
