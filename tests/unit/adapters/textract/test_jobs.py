"""Textract's operations: starts, pieces of results, and refusals as docqa's errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st

from docqa.adapters.textract import TextractTextExtractor
from docqa.adapters.textract.results import ResultReader
from docqa.errors import DocumentTooLargeError, ExtractionFailedError, NotYetVisibleError, ThrottledError
from docqa.models.page import ReadingMethod
from docqa.models.work import OcrFeatures
from docqa.ports.reading import ExtractedPage


@pytest.fixture
def textract() -> Iterator[Stubber]:
    client = boto3.client("textract", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def extractor(textract: Stubber) -> TextractTextExtractor:
    return TextractTextExtractor(textract.client, "arn:aws:sns:eu-west-1:1:t", "arn:aws:iam::1:role/r")


def line(page: int, text: str, top: float = 0.1, confidence: float = 90.0, left: float = 0.1) -> dict[str, Any]:
    box = {"Top": top, "Left": left, "Height": 0.02, "Width": 0.2}
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
            "DocumentLocation": {"S3Object": {"Bucket": "work", "Name": "t/input"}},
            "ClientRequestToken": "j-1",
            "JobTag": "j-1",
            "NotificationChannel": {"SNSTopicArn": ANY, "RoleArn": ANY},
        },
    )

    assert extractor(textract).start("work", "t/input", OcrFeatures.TEXT, "j-1", "j-1") == "external"


@pytest.mark.parametrize(
    ("features", "types"),
    [(OcrFeatures.TABLES, ["TABLES", "LAYOUT"]), (OcrFeatures.ALL, ["TABLES", "FORMS", "LAYOUT"])],
)
def test_an_analysis_says_which_features_it_is_for(textract: Stubber, features: OcrFeatures, types: list[str]) -> None:
    request = {"DocumentLocation": ANY, "ClientRequestToken": "j-1", "JobTag": "j-1", "NotificationChannel": ANY}
    textract.add_response("start_document_analysis", {"JobId": "external"}, {**request, "FeatureTypes": types})
    textract.add_response("get_document_analysis", result([]), {"JobId": "external", "MaxResults": 1})

    assert extractor(textract).start("work", "t/input", features, "j-1", "j-1") == "external"
    assert extractor(textract).state("external", features) == "SUCCEEDED"


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
        extractor(textract).start("work", "t/input", OcrFeatures.TEXT, "j-1", "j-1")


def read(textract: Stubber, numbers: list[int], position: str = "") -> list[ExtractedPage]:
    return list(extractor(textract).pages("x", OcrFeatures.TEXT, numbers, position))


def give(textract: Stubber, answer: dict[str, Any], token: str = "") -> None:
    following = {"NextToken": token} if token else {}
    textract.add_response("get_document_text_detection", answer, {"JobId": "x", "MaxResults": 1_000, **following})


def test_result_pages_are_followed_to_the_end(textract: Stubber) -> None:
    """Promise 22: many result pages; a document's page may stretch over two of them."""
    give(textract, result([{"BlockType": "PAGE", "Page": 1}, line(1, "one"), line(2, "two,")], following="more"))
    rest = [line(2, "still two", top=0.12, confidence=70.0), {"BlockType": "PAGE", "Page": 3}]
    give(textract, result(rest), "more")

    pages = [found.page for found in read(textract, [4, 5, 9])]

    assert [(page.number, page.text, page.method) for page in pages] == [
        (4, "one", ReadingMethod.OCR),
        (5, "two,\nstill two", ReadingMethod.OCR),
        (9, "", ReadingMethod.EMPTY),
    ]
    assert [page.confidence for page in pages[:2]] == [0.9, 0.8]


PIECES = {
    "": result([line(1, "one"), line(2, "two,")], following="b"),
    "b": result([line(2, "still two", top=0.12), line(3, "three"), line(4, "four")], following="c"),
    "c": result([line(4, "more of four", top=0.12), line(6, "six")]),
}


def pieces(token: str) -> dict[str, Any]:
    return PIECES[token]


@given(st.integers(0, 6))
def test_reading_goes_on_after_any_page_as_if_it_had_never_stopped(stop: int) -> None:
    """Promise 17: whoever comes next begins in the piece of the result where the next page does."""
    numbers = [10, 11, 12, 13, 14, 15]
    whole = list(ResultReader(pieces, OcrFeatures.TEXT, numbers, "").pages())
    position = whole[stop - 1].position if stop else ""

    rest = list(ResultReader(pieces, OcrFeatures.TEXT, numbers, position).pages())

    assert [found.page for found in rest] == [found.page for found in whole[stop:]]
    assert [found.page.number for found in whole] == numbers
    assert whole[4].page.method is ReadingMethod.UNREADABLE


def test_a_token_that_is_no_longer_good_is_done_without(textract: Stubber) -> None:
    textract.add_client_error("get_document_text_detection", "InvalidParameterException", http_status_code=400)
    give(textract, PIECES[""])
    give(textract, PIECES["b"], "b")
    give(textract, PIECES["c"], "c")
    position = json.dumps({"token": "old", "after": 2, "header": []})

    assert [found.page.text for found in read(textract, [1, 2, 3, 4, 5, 6], position)] == [
        "three",
        "four\nmore of four",
        "",
        "six",
    ]


def test_pages_that_the_service_warns_of_are_unreadable_and_say_why(textract: Stubber) -> None:
    """Promise 22: PARTIAL_SUCCESS tells which pages are missing, and what for."""
    answer = result([line(1, "one"), {"BlockType": "PAGE", "Page": 2}, line(3, "three")], status="PARTIAL_SUCCESS")
    answer["Warnings"] = [{"ErrorCode": "INTERNAL_ERROR", "Pages": [2, 4]}]
    give(textract, answer)

    pages = [found.page for found in read(textract, [1, 2, 3, 4, 5])]

    assert [page.method.value for page in pages] == ["ocr", "unreadable", "ocr", "unreadable", "unreadable"]
    assert [page.confidence for page in pages if page.method is ReadingMethod.UNREADABLE] == [0.0, 0.0, 0.0]
    assert "INTERNAL_ERROR" in pages[1].reason
    assert "INTERNAL_ERROR" in pages[3].reason


def test_a_page_says_whether_a_table_is_to_be_seen_on_it(textract: Stubber) -> None:
    rows = [
        line(1, text, top, left=left) for top in (0.1, 0.13, 0.16) for left, text in ((0.1, "item"), (0.6, "12.50"))
    ]
    give(textract, result([*rows, line(2, "no table")]))

    assert [found.shows_table for found in read(textract, [1, 2])] == [True, False]


def test_a_gap_or_a_new_column_begins_a_paragraph(textract: Stubber) -> None:
    give(textract, result([line(1, "a", 0.10), line(1, "b", 0.125), line(1, "c", 0.20), line(1, "d", 0.30)]))

    (found,) = read(textract, [1])

    assert found.page.text == "a\nb\n\nc\n\nd"


@pytest.mark.parametrize(("status", "error"), [("IN_PROGRESS", NotYetVisibleError), ("FAILED", ExtractionFailedError)])
def test_a_job_that_has_no_result_says_why(textract: Stubber, status: str, error: type[Exception]) -> None:
    give(textract, result([], status=status))

    with pytest.raises(error):
        read(textract, [1])


def test_a_forgotten_job_has_failed(textract: Stubber) -> None:
    """Promise 22: results are kept for some days."""
    for _ in range(2):
        textract.add_client_error("get_document_text_detection", "InvalidJobIdException", http_status_code=400)

    assert extractor(textract).state("x", OcrFeatures.TEXT) == "FAILED"
    with pytest.raises(ExtractionFailedError, match="no longer kept"):
        read(textract, [1])


@pytest.mark.parametrize(
    ("status", "state"),
    [("IN_PROGRESS", "RUNNING"), ("SUCCEEDED", "SUCCEEDED"), ("PARTIAL_SUCCESS", "SUCCEEDED"), ("FAILED", "FAILED")],
)
def test_the_state_of_a_job_can_be_asked(textract: Stubber, status: str, state: str) -> None:
    """Promise 22: a partial success is a result; what is missing is stated page by page."""
    textract.add_response("get_document_text_detection", result([], status=status), {"JobId": "x", "MaxResults": 1})

    assert extractor(textract).state("x", OcrFeatures.TEXT) == state
