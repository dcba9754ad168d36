"""Right and wrong statements about a text, made of questions with known answers."""

from __future__ import annotations

from evaluation.question_sets import AskedQuestion, Evidence
from evaluation.statements import statements

TEXT = "The club was founded in 1936 by Amelia Hart. It moved to Kestrel Hill, near Dalton Moor, in 1951."


def _asked(question: str, answer: str, text: str = TEXT) -> AskedQuestion:
    return AskedQuestion(question, (answer,), (Evidence("club.md", text),), answerable=True)


def test_a_wrong_statement_gives_another_number_of_the_text() -> None:
    right, wrong = statements([_asked("When was the club founded?", "1936")])

    assert (right.right, right.text) == (True, "When was the club founded is 1936.")
    assert (wrong.right, wrong.text) == (False, "When was the club founded is 1951.")
    assert (right.stands, wrong.stands) == (True, False)


def test_or_another_name_but_none_that_question_or_answer_say() -> None:
    made = list(statements([_asked("Where did the club of Amelia Hart move to?", "Kestrel Hill")]))

    assert [one.text for one in made if not one.right] == ["Where did the club of Amelia Hart move to is Dalton Moor."]


def test_an_answer_that_is_neither_number_nor_name_makes_no_wrong_one() -> None:
    assert [one.right for one in statements([_asked("What moved?", "club")])] == [True]


def test_a_question_whose_text_does_not_say_its_answer_makes_none() -> None:
    assert not list(statements([_asked("When was the club founded?", "1937")]))


def test_the_same_statements_are_made_every_time() -> None:
    questions = [_asked("Who founded the club?", "Amelia Hart"), _asked("When was the club founded?", "1936")]

    assert list(statements(questions)) == list(statements(questions))
