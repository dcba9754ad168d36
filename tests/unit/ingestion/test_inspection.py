"""What is taken in and what is refused, each with words for the document's owner."""

import pytest

from docqa.errors import (
    DocumentError,
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    MalformedDocumentError,
    UnsupportedDocumentError,
)
from docqa.services.ingestion.storage import load_source
from tests.fakes.pdfs import encrypted, scanned_pdf, text_pdf
from tests.unit.ingestion.pipeline import Pipeline

PROSE = "Words of a page that is long enough to be believed. " * 5
PAGELESS = b"""%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Kids [] /Count 0 >>
endobj
trailer
<< /Root 1 0 R /Size 3 >>
%%EOF
"""


@pytest.mark.parametrize(
    ("name", "body", "error"),
    [
        ("empty.pdf", b"", EmptyDocumentError),
        ("blank.txt", b" \n\t\n", EmptyDocumentError),
        ("blank.pdf", text_pdf(["", ""]), EmptyDocumentError),
        ("no pages.pdf", PAGELESS, (EmptyDocumentError, MalformedDocumentError)),
        ("locked.pdf", encrypted(text_pdf([PROSE]), "secret"), EncryptedDocumentError),
        ("cut.pdf", text_pdf([PROSE])[:60], MalformedDocumentError),
        (
            "coded.pdf",
            b"JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBSL0ZpbHRlci9GbGF0" * 9,
            MalformedDocumentError,
        ),
        ("picture.pdf", b"\x89PNG\r\n\x1a\n" + bytes(99), MalformedDocumentError),
        ("letter.docx", b"PK\x03\x04" + bytes(99), MalformedDocumentError),
        ("packed.gz", b"\x1f\x8b" + bytes(99), UnsupportedDocumentError),
        ("program.bin", bytes(range(256)) * 4, UnsupportedDocumentError),
        ("feed.xml", b"<?xml version='1.0'?><feed/>", EmptyDocumentError),
        ("nested.html", b"<html><body>" + b"<div>" * 20_000 + b"deep", MalformedDocumentError),
        ("long.pdf", text_pdf([""] * 301), DocumentTooLargeError),
        ("big.txt", b"x" * 1_000_001, DocumentTooLargeError),
    ],
)
def test_what_cannot_be_read_ends_in_a_stated_error(
    name: str, body: bytes, error: type[DocumentError] | tuple[type[DocumentError], ...]
) -> None:
    """Promise 19: empty, encrypted, zero-page, mislabelled files end in a stated status."""
    pipeline = Pipeline()
    reference = pipeline.drop(f"acme/{name}", body)

    with pytest.raises(error) as refusal:
        pipeline.run(reference)

    assert str(refusal.value).endswith("."), "a sentence for the owner"


@pytest.mark.parametrize(
    ("name", "body", "media_type"),
    [
        ("a.pdf", text_pdf([PROSE]), "application/pdf"),
        ("open.pdf", encrypted(text_pdf([PROSE]), ""), "application/pdf"),
        ("named wrongly.txt", text_pdf([PROSE]), "application/pdf"),
        ("scan.pdf", scanned_pdf(["x"]), "application/pdf"),
        ("never a.pdf", b"This was never a PDF.", "text/plain"),
        ("page.html", b"<!doctype html><title>T</title><p>Hello", "text/html"),
        ("page", b"\n<html><body>Hello", "text/html"),
        ("notes.md", b"# Notes\n\nHello", "text/markdown"),
        ("notes.txt", b"# Notes\n\nHello", "text/plain"),
        ("windows.txt", "Grüße".encode("cp1252"), "text/plain"),
        ("marked.txt", "Grüße".encode("utf-16"), "text/plain"),
        ("unmarked.txt", ("Hello. " * 9).encode("utf-16-be"), "text/plain"),
    ],
)
def test_the_content_decides_what_a_file_is(name: str, body: bytes, media_type: str) -> None:
    pipeline = Pipeline()

    assert pipeline.inspect.run(pipeline.drop(f"acme/{name}", body)).media_type == media_type


def test_a_document_of_300_pages_is_shared_out() -> None:
    """Promise 24: pages and chunks are worked on in spans of bounded size."""
    pipeline = Pipeline()
    reference = pipeline.drop("acme/long report.pdf", text_pdf([f"Page {n}. {PROSE}" for n in range(300)]))

    spans = pipeline.inspect.run(reference).spans
    pipeline.run(reference)

    assert [(span.first, span.last) for span in spans] == [(1, 100), (101, 200), (201, 300)]
    assert pipeline.generation(reference).pages.text_layer == 300
    assert {one.chunk.page for one in pipeline.index.searchable.values()} == set(range(1, 301))


@pytest.mark.parametrize("key", ["acme/a b+c%20d.pdf", "acme/Ünïcödé/报告 2024.pdf", "acme/" + "x" * 1_019])
def test_any_key_that_s3_allows_works(key: str) -> None:
    """Promise 18: keys with spaces, plus signs, Unicode and 1,024 bytes work."""
    pipeline = Pipeline()
    reference = pipeline.drop(key, text_pdf([PROSE]))

    pipeline.run(reference)

    assert pipeline.document(reference).title
    assert all(len(name.encode()) <= 1_024 for name in pipeline.artifacts)


def test_equal_bytes_that_are_read_in_two_ways_share_nothing() -> None:
    pipeline = Pipeline()
    body = b"# Notes\n\nSee [the report](https://x.example/)."
    hashes = set()
    for name in ("notes.md", "notes.txt"):
        reference = pipeline.drop(f"acme/{name}", body)
        pipeline.inspect.run(reference)
        hashes.add(load_source(pipeline.work, reference).texts_hash)

    assert len(hashes) == 2
