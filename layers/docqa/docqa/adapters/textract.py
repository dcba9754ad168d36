"""Amazon Textract: asynchronous text detection, one line of print a line of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from statistics import fmean
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from docqa.adapters.aws_errors import aws_errors, code_of
from docqa.domain.page_text import clean
from docqa.errors import DocumentTooLargeError, ExtractionFailedError, NotYetVisibleError
from docqa.models.page import Page, ReadingMethod

if TYPE_CHECKING:
    from mypy_boto3_textract import TextractClient

_RESULTS_PER_CALL = 1_000
_STATES = {"IN_PROGRESS": "RUNNING", "SUCCEEDED": "SUCCEEDED", "PARTIAL_SUCCESS": "SUCCEEDED"}
# The space between two paragraphs, in heights of the line above; within a paragraph it is 0.2 to 0.5.
_PARAGRAPH_GAP = 0.9
_UNKNOWN_JOB = "InvalidJobIdException"


class TextractTextExtractor:
    """Implements `ports.TextExtractor`. The topic is told when a job has ended."""

    def __init__(self, client: TextractClient, topic_arn: str = "", role_arn: str = "") -> None:
        self._client = client
        self._topic_arn = topic_arn
        self._role_arn = role_arn

    def start(self, bucket: str, key: str, token: str, tag: str) -> str:
        """Start a job over a stored PDF; the same token starts the same job."""
        try:
            with aws_errors("Textract"):
                started = self._client.start_document_text_detection(
                    DocumentLocation={"S3Object": {"Bucket": bucket, "Name": key}},
                    ClientRequestToken=token,
                    JobTag=tag,
                    NotificationChannel={"SNSTopicArn": self._topic_arn, "RoleArn": self._role_arn},
                )
        except ClientError as error:
            raise _refusal(error) or error from error
        return str(started["JobId"])

    def state(self, external_id: str) -> str:
        """RUNNING, SUCCEEDED or FAILED; a job that Textract no longer knows counts as FAILED."""
        try:
            with aws_errors("Textract"):
                answer = self._client.get_document_text_detection(JobId=external_id, MaxResults=1)
        except ClientError as error:
            if code_of(error) == _UNKNOWN_JOB:
                return "FAILED"
            raise
        return _STATES.get(answer["JobStatus"], "FAILED")

    def pages(self, external_id: str) -> Iterator[Page]:
        """The pages that Textract returned, in order."""
        for number, blocks in groupby(self._blocks(external_id), key=lambda block: int(block.get("Page", 1))):
            yield _page(number, blocks)

    def _blocks(self, external_id: str) -> Iterator[Mapping[str, Any]]:
        following: dict[str, str] = {}
        while True:
            answer = self._results(external_id, following)
            yield from answer.get("Blocks", [])
            if not answer.get("NextToken"):
                return
            following = {"NextToken": answer["NextToken"]}

    def _results(self, external_id: str, following: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            with aws_errors("Textract"):
                answer = self._client.get_document_text_detection(
                    JobId=external_id, MaxResults=_RESULTS_PER_CALL, **following
                )
        except ClientError as error:
            if code_of(error) == _UNKNOWN_JOB:
                raise ExtractionFailedError("The result of the text extraction is no longer kept.") from error
            raise
        state = _STATES.get(answer["JobStatus"], "FAILED")
        if state == "RUNNING":
            raise NotYetVisibleError("the text extraction is still running")
        if state == "FAILED":
            raise ExtractionFailedError("Text extraction gave up on the document's scanned pages.")
        return answer


def _refusal(error: ClientError) -> Exception | None:
    match code_of(error):
        case "DocumentTooLargeException":
            return DocumentTooLargeError("The scanned pages are too large for text extraction. Split the document.")
        case "BadDocumentException" | "UnsupportedDocumentException":
            return ExtractionFailedError(
                "Text extraction cannot open the document's scanned pages. Print it to a new PDF and upload that."
            )
        case _:
            return None


def _page(number: int, blocks: Iterable[Mapping[str, Any]]) -> Page:
    lines = [block for block in blocks if block["BlockType"] == "LINE"]
    text = clean(_text(lines))
    if not text:
        return Page(number, "", ReadingMethod.EMPTY, "text extraction found no text on the picture")
    confidence = fmean(line.get("Confidence", 0.0) for line in lines) / 100
    return Page(number, text, ReadingMethod.OCR, f"{len(lines)} lines extracted", round(confidence, 4))


def _text(lines: Sequence[Mapping[str, Any]]) -> str:
    """Lines in the order that Textract read them; a blank line where print leaves a gap or a column begins."""
    parts: list[str] = []
    for above, line in zip([None, *lines], lines, strict=False):
        if above is not None:
            parts.append("\n\n" if _is_apart(_box(above), _box(line)) else "\n")
        parts.append(line.get("Text", ""))
    return "".join(parts)


def _is_apart(above: Mapping[str, float], line: Mapping[str, float]) -> bool:
    if not above or not line:
        return False
    gap = line["Top"] - (above["Top"] + above["Height"])
    return gap > _PARAGRAPH_GAP * above["Height"] or gap < -2 * above["Height"]


def _box(block: Mapping[str, Any]) -> Mapping[str, float]:
    box: Mapping[str, float] = block.get("Geometry", {}).get("BoundingBox", {})
    return box
