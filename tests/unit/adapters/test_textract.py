"""Textract's answers as pages, and its refusals as docqa's errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from docqa.adapters.textract import TextractTextExtractor
from docqa.errors import DocumentTooLargeError, ExtractionFailedError, NotYetVisibleError, ThrottledError
from docqa.models.page import ReadingMethod


@pytest.fixture
def textract() -> Iterator[Stubber]:
    client = boto3.client("textract", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def extractor(textract: Stubber) -> TextractTextExtractor:
    return TextractTextExtractor(textract.client, "arn:aws:sns:eu-west-1:1:t", "arn:aws:iam::1:role/r")


def line(page: int, text: str, top: float = 0.1, confidence: float = 90.0) -> dict[str, Any]:
    box = {"Top": top, "Left": 0.1, "Height": 0.02, "Width": 0.5}
    return {
        "BlockType": "LINE",
        "Page": page,
        "Text": text,
        "Confidence": confidence,
        "Geometry": {"BoundingBox": box},
    }


def result(blocks: list[dict[str, Any]], following: str | None = None, status: str = "SUCCEEDED") -> dict[str, Any]:
    return {"JobStatus": status, "Blocks": blocks, **({"NextToken": following} if following else {})}


def test_a_start_carries_token_tag_and_topic(textract: Stubber) -> None:
    """Promise 23: the client token names the job, so that a repeated start is the same one."""
    textract.add_response(
        "start_document_text_detection",
        {"JobId": "external"},
        {
            "DocumentLocation": {"S3Object": {"Bucket": "work", "Name": "t/input.pdf"}},
            "ClientRequestToken": "j-1",
            "JobTag": "j-1",
            "NotificationChannel": {"SNSTopicArn": ANY, "RoleArn": ANY},
        },
    )

    assert extractor(textract).start("work", "t/input.pdf", "j-1", "j-1") == "external"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("LimitExceededException", ThrottledError),
        ("ProvisionedThroughputExceededException", ThrottledError),
        ("ThrottlingException", ThrottledError),
        ("BadDocumentException", ExtractionFailedError),
        ("UnsupportedDocumentException", ExtractionFailedError),
        ("DocumentTooLargeException", DocumentTooLargeError),
    ],
)
def test_refusals_say_whether_waiting_helps(textract: Stubber, code: str, error: type[Exception]) -> None:
    textract.add_client_error("start_document_text_detection", code, http_status_code=400)

    with pytest.raises(error):
        extractor(textract).start("work", "t/input.pdf", "j-1", "j-1")


def test_result_pages_are_followed_to_the_end(textract: Stubber) -> None:
    """Promise 22: many result pages; a document's page may stretch over two of them."""
    first = result([{"BlockType": "PAGE", "Page": 1}, line(1, "one"), line(2, "two,")], following="more")
    textract.add_response("get_document_text_detection", first, {"JobId": "x", "MaxResults": 1_000})
    rest = result([line(2, "still two", top=0.12, confidence=70.0), {"BlockType": "PAGE", "Page": 3}])
    textract.add_response("get_document_text_detection", rest, {"JobId": "x", "MaxResults": 1_000, "NextToken": "more"})

    pages = list(extractor(textract).pages("x"))

    assert [(page.number, page.text, page.method) for page in pages] == [
        (1, "one", ReadingMethod.OCR),
        (2, "two,\nstill two", ReadingMethod.OCR),
        (3, "", ReadingMethod.EMPTY),
    ]
    assert [page.confidence for page in pages[:2]] == [0.9, 0.8]


def test_a_gap_or_a_new_column_begins_a_paragraph(textract: Stubber) -> None:
    lines = [line(1, "a", 0.10), line(1, "b", 0.125), line(1, "c", 0.20), line(1, "d", 0.10)]
    textract.add_response("get_document_text_detection", result(lines))

    (page,) = extractor(textract).pages("x")

    assert page.text == "a\nb\n\nc\n\nd"


@pytest.mark.parametrize(("status", "error"), [("IN_PROGRESS", NotYetVisibleError), ("FAILED", ExtractionFailedError)])
def test_a_job_that_has_no_result_says_why(textract: Stubber, status: str, error: type[Exception]) -> None:
    textract.add_response("get_document_text_detection", result([], status=status))

    with pytest.raises(error):
        list(extractor(textract).pages("x"))


def test_a_forgotten_job_has_failed(textract: Stubber) -> None:
    for _ in range(2):
        textract.add_client_error("get_document_text_detection", "InvalidJobIdException", http_status_code=400)

    assert extractor(textract).state("x") == "FAILED"
    with pytest.raises(ExtractionFailedError, match="no longer kept"):
        list(extractor(textract).pages("x"))


@pytest.mark.parametrize(
    ("status", "state"),
    [("IN_PROGRESS", "RUNNING"), ("SUCCEEDED", "SUCCEEDED"), ("PARTIAL_SUCCESS", "SUCCEEDED"), ("FAILED", "FAILED")],
)
def test_the_state_of_a_job_can_be_asked(textract: Stubber, status: str, state: str) -> None:
    """Promise 22: a partial success is a result; what is missing is stated page by page."""
    textract.add_response("get_document_text_detection", result([], status=status), {"JobId": "x", "MaxResults": 1})

    assert extractor(textract).state("x") == state
