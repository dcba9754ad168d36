"""Textract as its clients know it: jobs, paging, idempotency, errors, notification."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image

from devstack.modelserver.settings import Quotas
from tests.fakes.textract_bench import TextractBench, pdf

BLOCKS_A_PAGE = 5  # a page, its line and three words


@pytest.fixture
def bench(tmp_path: Path) -> TextractBench:
    return TextractBench(tmp_path)


def test_a_job_is_in_progress_until_its_pages_are_read(bench: TextractBench) -> None:
    job = bench.start()
    assert bench.get({"JobId": job})["JobStatus"] == "IN_PROGRESS"

    bench.work()

    result = bench.get({"JobId": job})
    assert (result["JobStatus"], result["DocumentMetadata"]) == ("SUCCEEDED", {"Pages": 2})
    kinds = [(block["BlockType"], block["Page"]) for block in result["Blocks"]]
    assert kinds == [(kind, page) for page in (1, 2) for kind in ("PAGE", "LINE", "WORD", "WORD", "WORD")]


def test_blocks_have_textract_s_shape(bench: TextractBench) -> None:
    job = bench.start()
    bench.work()

    page, line, word, *_ = bench.get({"JobId": job})["Blocks"]

    assert page["Relationships"] == [{"Type": "CHILD", "Ids": [line["Id"]]}]
    assert line["Relationships"][0]["Ids"][0] == word["Id"]
    assert (line["Text"], line["Confidence"]) == ("page of 72", 95.0)
    assert word["TextType"] == "PRINTED"
    assert word["Geometry"]["BoundingBox"] == pytest.approx({"Left": 0.1, "Top": 0.1, "Width": 0.1, "Height": 0.1})
    assert len(word["Geometry"]["Polygon"]) == 4
    assert "Text" not in page


@pytest.mark.parametrize("limit", [1, 3, 7, 1000])
def test_paging_gives_every_block_once(bench: TextractBench, limit: int) -> None:
    job = bench.start()
    bench.work()
    everything = bench.get({"JobId": job})["Blocks"]

    found, token = [], None
    while True:
        asked = {"JobId": job, "MaxResults": limit} | ({"NextToken": token} if token else {})
        answer = bench.get(asked)
        assert len(answer["Blocks"]) <= limit
        found += answer["Blocks"]
        token = answer.get("NextToken")
        if token is None:
            break

    assert found == everything


def test_an_answer_has_at_most_a_thousand_blocks(bench: TextractBench) -> None:
    bench.documents.contents["b", "long.pdf"] = pdf(201)
    job = bench.start("long.pdf")
    bench.work()

    first = bench.get({"JobId": job, "MaxResults": 5000})
    second = bench.get({"JobId": job, "NextToken": first["NextToken"]})

    assert (len(first["Blocks"]), len(second["Blocks"])) == (1000, 201 * BLOCKS_A_PAGE - 1000)
    assert "NextToken" not in second


def test_a_token_of_another_job_is_refused(bench: TextractBench) -> None:
    one, other = bench.start(JobTag="one"), bench.start(JobTag="other")
    bench.work()
    token = bench.get({"JobId": one, "MaxResults": 1})["NextToken"]
    assert bench.error(lambda: bench.get({"JobId": other, "NextToken": token})) == "InvalidParameterException"


def test_the_same_client_request_token_is_the_same_job(bench: TextractBench) -> None:
    first = bench.start(ClientRequestToken="t-1")
    bench.work()
    assert bench.start(ClientRequestToken="t-1") == first
    assert bench.start(ClientRequestToken="t-2") != first
    other_tag = bench.error(lambda: bench.start(ClientRequestToken="t-1", JobTag="x"))
    assert other_tag == "IdempotentParameterMismatchException"


def test_jobs_survive_a_restart_and_unfinished_ones_are_done_then(bench: TextractBench, tmp_path: Path) -> None:
    done = bench.start(ClientRequestToken="done")
    bench.work()
    waiting = bench.start(ClientRequestToken="waiting")

    again = TextractBench(tmp_path)
    again.work()

    assert again.get({"JobId": done})["Blocks"] == bench.get({"JobId": done})["Blocks"]
    assert again.get({"JobId": waiting})["JobStatus"] == "SUCCEEDED"
    assert again.start(ClientRequestToken="waiting") == waiting


def test_the_topic_is_told_in_textract_s_words(bench: TextractBench) -> None:
    job = bench.start(JobTag="d-1", NotificationChannel={"SNSTopicArn": "arn:topic", "RoleArn": "arn:role"})
    bench.work()
    bench.work()

    [(topic, message)] = bench.topics.messages
    assert topic == "arn:topic"
    assert json.loads(message) == {
        "JobId": job,
        "Status": "SUCCEEDED",
        "API": "StartDocumentTextDetection",
        "JobTag": "d-1",
        "Timestamp": 1_000_000_000,
        "DocumentLocation": {"S3ObjectName": "two.pdf", "S3Bucket": "b"},
    }


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "InvalidS3ObjectException"),
        (b"plain text", "UnsupportedDocumentException"),
        (pdf(1, password=""), "UnsupportedDocumentException"),
        (pdf(1, password="secret"), "UnsupportedDocumentException"),
        (pdf(60), "DocumentTooLargeException"),
    ],
    ids=["missing", "text", "empty password", "password", "large"],
)
def test_documents_that_textract_refuses(tmp_path: Path, content: bytes | None, code: str) -> None:
    bench = TextractBench(tmp_path, Quotas(textract_bytes=4000))
    if content is not None:
        bench.documents.contents["b", "odd"] = content
    assert bench.error(lambda: bench.start("odd")) == code


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"%PDF-1.7 and nothing more", "INVALID_IMAGE_TYPE"), (pdf(4), "NUM_PAGES_EXCEEDED")],
    ids=["damaged", "too many pages"],
)
def test_documents_whose_job_fails(tmp_path: Path, content: bytes, message: str) -> None:
    bench = TextractBench(tmp_path, Quotas(textract_pages=3))
    bench.documents.contents["b", "odd"] = content
    job = bench.start("odd", NotificationChannel={"SNSTopicArn": "arn:topic", "RoleArn": "arn:role"})
    bench.work()

    result = bench.get({"JobId": job})

    assert (result["JobStatus"], result["StatusMessage"]) == ("FAILED", message)
    assert json.loads(bench.topics.messages[0][1])["Status"] == "FAILED"


def test_pictures_are_read_too(bench: TextractBench) -> None:
    content = io.BytesIO()
    frames = [Image.new("L", (40, 30)), Image.new("L", (40, 50))]
    frames[0].save(content, "TIFF", save_all=True, append_images=frames[1:])
    bench.documents.contents["b", "fax.tiff"] = content.getvalue()
    job = bench.start("fax.tiff")
    bench.work()

    result = bench.get({"JobId": job})

    lines = [block["Text"] for block in result["Blocks"] if block["BlockType"] == "LINE"]
    assert lines == ["page of 30", "page of 50"]


def test_quotas_answer_with_textract_s_own_errors(tmp_path: Path) -> None:
    bench = TextractBench(tmp_path)
    bench.behave(starts_per_second=2, jobs_at_once=1)
    bench.start()
    assert bench.error(bench.start) == "LimitExceededException"
    assert bench.error(bench.start) == "ProvisionedThroughputExceededException"
    bench.work()
    bench.now += 1
    assert bench.start()


def test_unknown_and_forgotten_jobs_are_invalid(bench: TextractBench) -> None:
    assert bench.error(lambda: bench.get({"JobId": "nobody"})) == "InvalidJobIdException"
    job = bench.start()
    bench.now += 8 * 24 * 3600
    assert bench.error(lambda: bench.get({"JobId": job})) == "InvalidJobIdException"


@pytest.mark.parametrize("more", [{"JobTag": "x" * 65}, {"ClientRequestToken": "a b"}, {"OutputConfig": {}}])
def test_parameters_are_checked(bench: TextractBench, more: dict[str, Any]) -> None:
    assert bench.error(lambda: bench.start(**more)) == "InvalidParameterException"


def test_a_page_that_cannot_be_read_makes_it_a_partial_success(bench: TextractBench) -> None:
    bench.documents.contents["b", "torn.pdf"] = pdf_without_its_second_page()
    job = bench.start("torn.pdf", NotificationChannel={"SNSTopicArn": "arn:topic", "RoleArn": "arn:role"})
    bench.work()

    result = bench.get({"JobId": job})

    assert (result["JobStatus"], result["DocumentMetadata"]) == ("PARTIAL_SUCCESS", {"Pages": 2})
    assert result["Warnings"] == [{"ErrorCode": "UNREADABLE_PAGE", "Pages": [2]}]
    assert {block["Page"] for block in result["Blocks"]} == {1}
    assert json.loads(bench.topics.messages[0][1])["Status"] == "SUCCEEDED"


def pdf_without_its_second_page() -> bytes:
    """Two pages in the page tree, the second of which is not in the file."""
    writer = pypdf.PdfWriter(io.BytesIO(pdf(2)))
    content = io.BytesIO()
    writer.write(content)
    second = writer.pages[1].indirect_reference
    assert second is not None
    return content.getvalue().replace(f"\n{second.idnum} 0 obj".encode(), f"\n{second.idnum + 50} 0 obj".encode())
