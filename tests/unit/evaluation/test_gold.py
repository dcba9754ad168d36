from __future__ import annotations

from collections.abc import Mapping

from evaluation.gold import Span, find_gold, locate
from evaluation.question_sets import AskedQuestion, Evidence

PAGE = "# Report\n\nThe runway is  “grass”,\n640 metres long.\nIt was opened in 1936. The tower is tall."


class Pages:
    def __init__(self, **documents: Mapping[int, str]) -> None:
        self._documents = documents

    def pages(self, path: str) -> Mapping[int, str]:
        return self._documents.get(path, {})


def found(text: str, page: int | None = None, pages: Mapping[int, str] | None = None) -> str:
    known = pages or {1: PAGE}
    span = locate(Evidence("a", text, page), known)
    assert span is not None
    return known[span.page][span.start : span.end]


def test_white_space_and_quotation_marks_may_differ():
    assert found('runway is "grass", 640\nmetres') == "runway is  “grass”,\n640 metres"


def test_letters_that_ocr_took_for_others_do_not_hide_an_excerpt():
    assert found("The runvvay is grass, 640 metres long. It was opened in 1936.") == PAGE[10:-20]


def test_what_is_not_there_is_not_found():
    assert locate(Evidence("a", "The club house has a red roof and a blue door"), {1: PAGE}) is None


def test_of_equal_excerpts_the_one_near_the_stated_offset_is_meant():
    pages = {1: "A rule. " + "x" * 100, 2: "y" * 50 + " A rule."}

    assert locate(Evidence("a", "A rule.", start=160), pages) == Span("a", 2, 51, 58)
    assert locate(Evidence("a", "A rule.", start=0), pages) == Span("a", 1, 0, 7)


def test_the_page_that_the_set_names_is_where_the_excerpt_is_looked_for():
    pages = {1: "A rule.", 2: "Here is a rule. A rule."}

    assert locate(Evidence("a", "A rule.", page=2), pages) == Span("a", 2, 16, 23)


def test_answers_are_whole_words_inside_the_excerpt():
    question = AskedQuestion("?", ("tall", "long"), (Evidence("a", "It was opened in 1936. The tower is tall."),), True)

    (gold,) = find_gold(question, Pages(a={1: PAGE + " Installed, and tall."}))

    assert [PAGE[one.start : one.end] for one in gold.answers] == ["tall"]


def test_where_only_the_page_is_known_its_answers_are_looked_for_on_it():
    question = AskedQuestion("?", ("1936",), (Evidence("a", page=2),), True)

    (gold,) = find_gold(question, Pages(a={1: "1936", 2: "Opened in 1936."}))

    assert (gold.page, gold.answers, gold.characters) == (2, (Span("a", 2, 10, 14),), 0)


def test_a_document_that_could_not_be_read_loses_its_excerpts():
    question = AskedQuestion("?", (), (Evidence("b", "Anything."),), True)

    (gold,) = find_gold(question, Pages())

    assert gold.lost
