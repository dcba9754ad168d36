"""Mails: the message, and its attachments as pages of their own."""

from __future__ import annotations

import io
from email.message import EmailMessage
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import docx
import pypdfium2
import pytest

from docqa.domain.parsing_limits import ParsingLimits
from docqa.errors import EmptyDocumentError
from docqa.models.page import ReadingMethod
from tests.fakes.pdfs import scanned_pdf, text_pdf
from tests.unit.formats.pictures import picture
from tests.unit.formats.reading import hidden_texts, read, selected, title

PROSE = "Words of a page that is long enough to be believed. " * 5


def mail(subject: str = "Offer", text: str = "See the files.") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Ann <ann@example.com>", "bob@example.com"
    message["Date"], message["Subject"] = "Mon, 4 Mar 2024 10:00:00 +0100", subject
    message.set_content(text)
    return message


def attach(message: EmailMessage, content: bytes, name: str, **options: str) -> None:
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name, **options)


def test_a_mail_reads_as_its_reader_sees_it() -> None:
    content = mail("Angebot für März", "Grüße\n").as_bytes()

    (page,) = read(content)

    assert page.text == (
        "# Angebot für März\n\nFrom: Ann <ann@example.com>\nTo: bob@example.com\n"
        "Date: Mon, 04 Mar 2024 10:00:00 +0100\nSubject: Angebot für März\n\nGrüße"
    )
    assert title(content) == "Angebot für März"


def test_attachments_follow_under_their_names_each_by_its_own_format() -> None:
    document, file = docx.Document(), io.BytesIO()
    document.add_paragraph("From Word.")
    document.save(file)
    inner = mail("Inner", "Forwarded.")
    attach(inner, b"a,b\n1,2\n", "figures.csv")
    message = mail()
    attach(message, text_pdf([f"One. {PROSE}", f"Two. {PROSE}"]), "report.pdf")
    attach(message, file.getvalue(), "letter.bin")
    message.add_attachment(inner)

    pages = read(message.as_bytes())

    assert [page.label for page in pages] == [
        "", "report.pdf, page 1", "report.pdf, page 2", "letter.bin", "Inner", "Inner, figures.csv",
    ]  # fmt: skip
    assert pages[2].text.startswith("Two.")
    assert pages[3].text == "From Word."
    assert pages[4].text.endswith("Forwarded.")
    assert pages[5].text.startswith("| a | b |")


def test_an_attachment_that_cannot_be_read_says_so_and_the_mail_stays() -> None:
    """Promise 19: a damaged attachment is a page with its reason, never a lost mail."""
    message = mail()
    attach(message, b"%PDF-1.4 and no more", "broken.pdf")
    attach(message, b"Rar!" + bytes(90), "files.rar")
    attach(message, b"", "nothing.txt")

    first, second, third = read(message.as_bytes())

    assert first.text.endswith("See the files.")
    assert [page.method for page in (second, third)] == [ReadingMethod.UNREADABLE] * 2
    assert (second.label, third.label) == ("broken.pdf", "files.rar")
    assert "damaged" in second.reason
    assert "RAR archive" in third.reason


def test_pages_that_need_recognition_go_into_one_pdf_whatever_they_are_attached_as() -> None:
    message = mail()
    attach(message, scanned_pdf(["x", "y"]), "scan.pdf")
    attach(message, text_pdf([PROSE]), "text.pdf")
    attach(message, picture("JPEG", (800, 600)), "photo.jpg")

    content = message.as_bytes()
    pages = read(content)
    wanted = [page.number for page in pages if page.method is ReadingMethod.NEEDS_OCR]

    assert [page.label for page in pages if page.number in wanted] == [
        "scan.pdf, page 1",
        "scan.pdf, page 2",
        "photo.jpg",
    ]
    assert len(pypdfium2.PdfDocument(selected(content, wanted))) == 3
    assert len(pypdfium2.PdfDocument(selected(content, wanted[1:]))) == 2


def test_signs_in_the_text_are_no_pages_and_pasted_pictures_are() -> None:
    message = mail()
    for name, size in (("logo.png", (90, 30)), ("screenshot.png", (900, 600))):
        message.add_attachment(picture(size=size), maintype="image", subtype="png", filename=name, disposition="inline")

    assert [page.label for page in read(message.as_bytes())] == ["", "screenshot.png"]


def test_the_best_of_two_bodies_is_read() -> None:
    both = mail(text="The plain text says all that there is to say.")
    both.add_alternative("<p>The <b>HTML</b> text says all that there is to say.</p>", subtype="html")
    stub = mail(text="Use another program.")
    stub.add_alternative(f"<p>{PROSE}</p><p style='display:none'>TRAP</p>", subtype="html")

    (plain,), (rich,) = read(both.as_bytes()), read(stub.as_bytes())

    assert "The plain text" in plain.text
    assert "HTML" not in plain.text
    assert PROSE.strip() in rich.text
    assert hidden_texts(rich) == ["TRAP"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'Content-Type: text/plain; charset="iso-2022-jp"\n\n\x1b$B$"\x1b(B', "あ"),
        (b'Content-Type: text/plain; charset="shift_jis"\n\n\x82\xa0', "あ"),
        (b'Content-Type: text/plain; charset="no such"\n\nGr\xfc\xdfe', "Grüße"),
        (b'Content-Type: text/plain; charset="us-ascii"\n\nGr\xc3\xbc\xc3\x9fe', "Grüße"),
        (b"Content-Transfer-Encoding: quoted-printable\n\nGr=C3=BC=C3=9Fe=", "Grüße"),
        (b"Content-Transfer-Encoding: base64\n\nSGVsbG8", "Hello"),
        (b"Content-Type: multipart/mixed; boundary=x\n\nNo part ever begins.", "No part ever begins."),
        (b"Content-Type: multipart/mixed\n\nNo boundary.", "No boundary."),
    ],
)
def test_charsets_and_broken_mime_end_with_text(body: bytes, text: str) -> None:
    pages = read(b"From: a@example.com\nSubject: =?utf-8?q?Hi?=\n" + body, "x.eml")

    assert pages[0].text.endswith(f"Subject: Hi\n\n{text}")


def test_headers_that_were_sent_raw_or_wrongly_are_shown_as_far_as_they_go() -> None:
    (page,) = read("From: Jörg <j@example.com>\nTo: =?none?b?xx?=\nSubject: Süß\n\nText".encode(), "x.eml")

    assert page.text.startswith("# Süß\n\nFrom: Jörg <j@example.com>\nTo: =?none?b?xx?=")


def test_mails_within_mails_are_bounded_and_the_outer_ones_stay() -> None:
    """Promise 46: mails within mails end at a stated depth."""
    message = mail("deepest")
    for depth in range(30):
        outer = mail(f"level {depth}")
        outer.add_attachment(message)
        message = outer

    pages = read(message.as_bytes(), limits=ParsingLimits(max_nesting=4))

    assert [page.method for page in pages] == [*[ReadingMethod.TEXT_LAYER] * 4, ReadingMethod.UNREADABLE]
    assert pages[-1].label == "level 28, level 27, level 26, level 25"


def test_an_empty_mail_is_refused() -> None:
    with pytest.raises(EmptyDocumentError):
        read(b" \n", "empty.eml")


def test_a_signature_is_no_page() -> None:
    message = MIMEMultipart("signed")
    message["Subject"] = "Signed"
    message.attach(MIMEText("Text."))
    message.attach(MIMEApplication(b"signature", "pkcs7-signature", name="smime.p7s"))

    assert len(read(message.as_bytes(), "x.eml")) == 1
