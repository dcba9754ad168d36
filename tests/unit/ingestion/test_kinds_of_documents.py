"""Documents of several kinds through all steps: pages, labels and what is sent to text extraction."""

from __future__ import annotations

import io
from email.message import EmailMessage

import openpyxl

from docqa.models.document import DocumentStatus
from tests.fakes.pdfs import scanned_pdf, text_pdf
from tests.unit.formats.pictures import picture
from tests.unit.ingestion.pipeline import Pipeline


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "ann@example.com", "The invoice"
    message.set_content("Dear Bob, the invoice is attached.")
    for content, name in ((scanned_pdf(["x", "y"]), "invoice.pdf"), (picture("JPEG", (900, 600)), "photo.jpg")):
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    message.add_attachment(b"Rar!" + bytes(60), maintype="application", subtype="x", filename="more.rar")
    return message.as_bytes()


def test_a_mail_answers_with_its_attachments_and_says_what_was_not_read() -> None:
    """Promise 19: an attachment that cannot be read is stated, and everything else is indexed."""
    pipeline = Pipeline(extracted=["Total: 40 EUR", "Second page", "A sign: closed"])
    reference = pipeline.drop("acme/offer.eml", mail())

    pipeline.run(reference)

    passages = {chunk.chunk.label: chunk.chunk.text for chunk in pipeline.index.searchable.values()}
    assert passages["invoice.pdf, page 1"] == "Total: 40 EUR"
    assert passages["photo.jpg"] == "A sign: closed"
    assert "the invoice is attached" in passages[""]
    generation = pipeline.generation(reference)
    assert pipeline.document(reference).status is DocumentStatus.PARTIALLY_INDEXED
    assert any("more.rar" in warning and "RAR archive" in warning for warning in generation.warnings)


def test_a_picture_is_sent_as_it_is() -> None:
    """Promise 24: nothing is unpacked that need not be."""
    photo = picture("PNG", (900, 600))
    pipeline = Pipeline(extracted=["A sign: closed"])
    reference = pipeline.drop("acme/photo.png", photo)

    pipeline.run(reference)

    assert photo in pipeline.artifacts.values()
    assert [chunk.chunk.text for chunk in pipeline.index.searchable.values()] == ["A sign: closed"]


def test_a_workbook_is_fetched_and_parsed_once_however_many_sheets_it_has() -> None:
    """Promise 24: what is parsed as a whole is read in one go: its time does not grow with the square of its size."""
    workbook, file = openpyxl.Workbook(), io.BytesIO()
    for number in range(250):
        workbook.create_sheet(f"Field {number}").append([f"Landings of field {number}"])
    workbook.save(file)
    pipeline = Pipeline()
    reference = pipeline.drop("acme/fields.xlsx", file.getvalue())

    assert len(pipeline.inspect.run(reference).spans) == 1
    pipeline.run(reference)

    assert pipeline.generation(reference).pages.total == 251
    found = {chunk.chunk.label: chunk.chunk.text for chunk in pipeline.index.searchable.values()}
    assert found["Sheet Field 249"] == "# Field 249\n\nLandings of field 249"


def test_pages_of_a_pdf_are_shared_out() -> None:
    """Promise 24: a parser that reaches every page by itself reads a hundred at a time."""
    pipeline = Pipeline()
    reference = pipeline.drop("acme/a.pdf", text_pdf([f"Page {number}" for number in range(250)]))

    assert len(pipeline.inspect.run(reference).spans) == 3


def test_rows_of_a_workbook_know_their_columns_wherever_they_are_cut() -> None:
    workbook, file = openpyxl.Workbook(), io.BytesIO()
    workbook.active.title = "Prices"
    workbook.active.append(["Item", "Price"])
    for number in range(60):
        workbook.active.append([f"Article number {number}", number * 10])
    workbook.save(file)
    pipeline = Pipeline()
    reference = pipeline.drop("acme/prices.xlsx", file.getvalue())

    pipeline.run(reference)

    chunks = [chunk.chunk for chunk in pipeline.index.searchable.values()]
    assert len(chunks) > 1
    assert all("| Item | Price |" in chunk.text or chunk.header.startswith("| Item | Price |") for chunk in chunks)
    assert {(chunk.label, chunk.headings) for chunk in chunks} == {("Sheet Prices", ("Prices",))}
