from pathlib import Path

import pypdfium2 as pdfium
import pytest

from devstack.demo.material import FOLDER, DemoQuestion, documents, questions

ANSWERABLE = [question for question in questions() if question.is_answerable]


def page_text(file: Path, page: int) -> str:
    """The text of one page with single blanks; a file without pages is one page."""
    if file.suffix != ".pdf":
        return " ".join(file.read_text().split())
    return " ".join(pdfium.PdfDocument(file)[page - 1].get_textpage().get_text_bounded().split())


def is_scan(file: Path) -> bool:
    return file.suffix == ".pdf" and not any(
        page.get_textpage().get_text_bounded() for page in pdfium.PdfDocument(file)
    )


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question.question)
def test_the_answer_stands_where_the_question_says(question: DemoQuestion) -> None:
    file = FOLDER / "documents" / str(question.document)
    if not is_scan(file):  # what a scan says is shown by the end-to-end test, through OCR
        assert str(question.expects) in page_text(file, question.page or 0)


def test_the_demo_shows_every_way_in() -> None:
    names = {document.name for document in documents()}
    assert {Path(name).suffix for name in names} == {".pdf", ".md", ".html"}
    assert any(document.over_http for document in documents())
    assert sum(is_scan(document.file) for document in documents()) == 1
    assert {str(question.document) for question in ANSWERABLE} == names, "every document is asked about"


def test_half_of_the_questions_go_through_each_channel_and_one_has_no_answer() -> None:
    channels = [question.channel for question in questions()]
    assert channels.count("http") == channels.count("queue") == len(channels) / 2
    assert [question.expects for question in questions() if not question.is_answerable] == [None]
