"""The adapter against the local model server's Textract: one wire protocol, two rounds, positions that hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from devstack.modelserver.aws_errors import AwsError
from docqa.adapters.textract import TextractTextExtractor
from docqa.errors import ExtractionFailedError, NotYetVisibleError
from docqa.models.page import ReadingMethod
from docqa.models.work import OcrFeatures
from docqa.ports.reading import ExtractedPage
from tests.fakes.textract_bench import TextractBench, pdf
from tests.fakes.textract_responses import ResponsePage

PAGES = 30
NUMBERS = list(range(11, 11 + PAGES))


class InProcessClient:
    """boto3's client, without the wire between."""

    def __init__(self, bench: TextractBench) -> None:
        self._bench = bench

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        operation = "".join(word.capitalize() for word in name.split("_"))

        def call(**request: Any) -> dict[str, Any]:
            try:
                return self._bench.call(operation, request)
            except AwsError as error:
                raise ClientError({"Error": {"Code": error.code}}, operation) from error

        return call


@pytest.fixture
def bench(tmp_path: Path) -> TextractBench:
    """A server that knows the document `long`: lines on every page, and a table on the third."""
    bench = TextractBench(tmp_path / "jobs")
    bench.documents.contents["b", "long"] = pdf(PAGES)
    blocks = [block for number in range(1, PAGES + 1) for block in recorded(number).blocks]
    folder = tmp_path / "recordings"
    folder.mkdir()
    name = hashlib.sha256(bench.documents.contents["b", "long"]).hexdigest()
    (folder / f"{name}.json").write_text(json.dumps({"Blocks": blocks}))
    bench.behave(replay=folder)
    return bench


def recorded(number: int) -> ResponsePage:
    page = ResponsePage(number)
    for row in range(20):
        page.line(f"This is line {row} of the words on page {number}", 0.1, 0.02 + 0.04 * row)
    if number == 3:
        lines = [[page.line(text, 0.1 + 0.5 * at, 0.83 + 0.04 * row) for at, text in enumerate(("Tea", f"{row}.20"))]
                 for row in range(3)]  # fmt: skip
        page.table(lines, header=1)
    return page


def extract(bench: TextractBench, features: OcrFeatures, position: str = "") -> list[ExtractedPage]:
    extractor = TextractTextExtractor(InProcessClient(bench), "arn:aws:sns:eu-west-1:1:t", "arn:aws:iam::1:role/r")  # type: ignore[arg-type]
    external_id = extractor.start("b", "long", features, f"token-{features}", "tag")
    bench.work()
    assert extractor.state(external_id, features) == "SUCCEEDED"
    return list(extractor.pages(external_id, features, NUMBERS, position))


def test_lines_first_then_the_table_that_they_show(bench: TextractBench) -> None:
    lines, analysed = extract(bench, OcrFeatures.TEXT), extract(bench, OcrFeatures.TABLES)

    assert [found.page.number for found in lines] == [found.page.number for found in analysed] == NUMBERS
    assert [found.page.number for found in lines if found.shows_table] == [13]
    assert "| Tea | 0.20 |\n| --- | --- |\n| Tea | 1.20 |\n| Tea | 2.20 |" in analysed[2].page.text
    assert analysed[3].page.text == lines[3].page.text


def test_a_position_holds_across_the_pieces_of_a_result(bench: TextractBench) -> None:
    """Promises 17, 22: 30 pages of 220 blocks come in seven pieces."""
    whole = extract(bench, OcrFeatures.TEXT)

    for read in (1, 4, 5, 17, PAGES):
        assert extract(bench, OcrFeatures.TEXT, whole[read - 1].position) == whole[read:]


def test_a_partial_success_and_a_failure_are_what_they_say(bench: TextractBench) -> None:
    """Promise 22: PARTIAL_SUCCESS, FAILED, and a job that still runs."""
    extractor = TextractTextExtractor(InProcessClient(bench))  # type: ignore[arg-type]
    bench.behave(partial_share=1)
    partly = extractor.start("b", "two.pdf", OcrFeatures.TEXT, "partly", "tag")
    with pytest.raises(NotYetVisibleError):
        list(extractor.pages(partly, OcrFeatures.TEXT, [1, 2]))
    bench.work()
    bench.behave(failed_share=1)
    never = extractor.start("b", "two.pdf", OcrFeatures.TEXT, "never", "tag")
    bench.work()

    methods = [found.page.method for found in extractor.pages(partly, OcrFeatures.TEXT, [1, 2])]
    assert methods == [ReadingMethod.OCR, ReadingMethod.UNREADABLE]
    assert extractor.state(never, OcrFeatures.TEXT) == "FAILED"
    with pytest.raises(ExtractionFailedError):
        list(extractor.pages(never, OcrFeatures.TEXT, [1, 2]))
