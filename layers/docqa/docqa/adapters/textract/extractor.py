"""Amazon Textract's asynchronous operations: text detection, and analysis of tables, forms and layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from docqa.adapters.aws_errors import aws_errors, code_of
from docqa.adapters.textract.results import ResultReader
from docqa.errors import DocumentTooLargeError, ExtractionFailedError, NotYetVisibleError
from docqa.models.work import OcrFeatures
from docqa.ports.reading import ExtractedPage

if TYPE_CHECKING:
    from mypy_boto3_textract import TextractClient
    from mypy_boto3_textract.literals import FeatureTypeType

# The most that one answer holds.
_RESULTS_PER_CALL = 1_000
_STATES = {"IN_PROGRESS": "RUNNING", "SUCCEEDED": "SUCCEEDED", "PARTIAL_SUCCESS": "SUCCEEDED"}
_ANALYSED: Mapping[OcrFeatures, list[FeatureTypeType]] = {
    OcrFeatures.TABLES: ["TABLES", "LAYOUT"],
    OcrFeatures.ALL: ["TABLES", "FORMS", "LAYOUT"],
}
_UNKNOWN_JOB = "InvalidJobIdException"
_BAD_PARAMETER = "InvalidParameterException"


class TextractTextExtractor:
    """Implements `ports.TextExtractor`. The topic is told when a job has ended."""

    def __init__(self, client: TextractClient, topic_arn: str = "", role_arn: str = "") -> None:
        self._client = client
        self._topic_arn = topic_arn
        self._role_arn = role_arn

    def start(self, bucket: str, key: str, features: OcrFeatures, token: str, tag: str) -> str:
        """Start a job over a stored document; the same token starts the same job."""
        request: Any = {
            "DocumentLocation": {"S3Object": {"Bucket": bucket, "Name": key}},
            "ClientRequestToken": token,
            "JobTag": tag,
            "NotificationChannel": {"SNSTopicArn": self._topic_arn, "RoleArn": self._role_arn},
        }
        try:
            with aws_errors("Textract"):
                if features in _ANALYSED:
                    return self._client.start_document_analysis(**request, FeatureTypes=_ANALYSED[features])["JobId"]
                return self._client.start_document_text_detection(**request)["JobId"]
        except ClientError as error:
            raise _refusal(error) or error from error

    def state(self, external_id: str, features: OcrFeatures) -> str:
        """RUNNING, SUCCEEDED or FAILED; a job that Textract no longer knows counts as FAILED."""
        try:
            answer = self._get(external_id, features, MaxResults=1)
        except ClientError as error:
            if code_of(error) == _UNKNOWN_JOB:
                return "FAILED"
            raise
        return _STATES.get(answer["JobStatus"], "FAILED")

    def pages(
        self, external_id: str, features: OcrFeatures, numbers: Sequence[int], position: str = ""
    ) -> Iterator[ExtractedPage]:
        """Every page of a finished job once and in order, from a position on."""
        return ResultReader(
            lambda token: self._piece(external_id, features, token), features, numbers, position
        ).pages()

    def _piece(self, external_id: str, features: OcrFeatures, token: str) -> Mapping[str, Any]:
        following = {"NextToken": token} if token else {}
        try:
            answer = self._get(external_id, features, MaxResults=_RESULTS_PER_CALL, **following)
        except ClientError as error:
            if code_of(error) == _UNKNOWN_JOB:
                raise ExtractionFailedError("The result of the text extraction is no longer kept.") from error
            if token and code_of(error) == _BAD_PARAMETER:
                # The token is no longer good: from the first piece again, what was read before is passed over.
                return self._piece(external_id, features, "")
            raise
        state = _STATES.get(answer["JobStatus"], "FAILED")
        if state == "RUNNING":
            raise NotYetVisibleError("the text extraction is still running")
        if state == "FAILED":
            raise ExtractionFailedError("Text extraction gave up on the document's scanned pages.")
        return answer

    def _get(self, external_id: str, features: OcrFeatures, **paging: Any) -> Mapping[str, Any]:
        with aws_errors("Textract"):
            if features in _ANALYSED:
                return self._client.get_document_analysis(JobId=external_id, **paging)
            return self._client.get_document_text_detection(JobId=external_id, **paging)


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
