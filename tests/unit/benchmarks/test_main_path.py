from pathlib import Path

import pypdfium2 as pdfium
import pytest

from benchmarks.main_path import ask_once, summary
from benchmarks.ten_pages import write_ten_pages
from cli.api import Api
from cli.errors import CommandError
from docqa.models.answer import Answer
from tests.fakes.http_api import BASE_URL, TOKEN, FakeHttpApi, answer_body


def test_the_time_of_an_answer_is_shared_out_completely() -> None:
    timings = {"embed": 4.0, "order": 6.0, "search": 20.0, "generate": 600.0, "registry": 5.0, "total": 650.0}
    answer = Answer.model_validate(answer_body(timings_ms=timings))

    made = summary([(0.7, answer), (0.9, answer), (0.7, answer)])

    assert made.outside == {"search": 0.02, "embedding": 0.01, "chat model": 0.6}
    assert (made.own, made.transport) == (0.02, 0.05)
    assert made.seconds == pytest.approx(sum(made.outside.values()) + made.own + made.transport)
    assert made.worst == 0.9


def test_a_stage_that_did_not_run_took_no_time() -> None:
    answer = Answer.model_validate(answer_body(timings_ms={"embed": 10.0, "search": 20.0, "total": 50.0}))

    assert summary([(0.1, answer)]).outside["chat model"] == 0


def test_an_abstained_answer_is_not_measured() -> None:
    service = FakeHttpApi(answers=[(200, answer_body(status="abstained", text="", citations=[]))])

    with Api(BASE_URL, TOKEN, transport=service.transport()) as api, pytest.raises(CommandError, match="run make demo"):
        ask_once(api, "How long?")


def test_each_measured_document_has_ten_pages_with_text_and_new_bytes(tmp_path: Path) -> None:
    first, second = write_ten_pages(tmp_path / "a.pdf"), write_ten_pages(tmp_path / "b.pdf")

    pages = [page.get_textpage().get_text_bounded() for page in pdfium.PdfDocument(first)]
    assert len(pages) == 10
    assert all(pages)
    assert first.read_bytes() != second.read_bytes()
