from __future__ import annotations

import pytest

from evaluation.metrics.answers import answer_measures, token_f1
from tests.unit.evaluation.outcomes import asked, gold, outcome, quote, span


def test_a_quoted_answer_is_looked_for_in_the_first_two_quotes():
    quotes = tuple(quote(text, number=n) for n, text in enumerate(("It is grass.", "640 metres.", "From 1936."), 1))

    def contained(answer: str) -> float:
        return answer_measures(outcome(question=asked(answers=(answer,)), citations=quotes))["containment"]

    assert (contained("640 metres"), contained("1936")) == (1.0, 0.0)


def test_what_a_model_wrote_is_judged_by_its_text():
    found = outcome(question=asked(answers=("640 metres",)), text="It has 640 metres. [1]", model="m")

    assert answer_measures(found)["containment"] == 1.0


def test_an_abstention_and_a_failed_question_hold_nothing():
    refused = outcome(question=asked(answers=("x",)), status="abstained", text="x", citations=(quote("x"),))
    failed = outcome(question=asked(answers=("x",)), status="", error="ServiceUnavailableError: no answer")

    nothing = {"containment": 0.0, "token_f1": 0.0, "exact_match": 0.0}
    assert answer_measures(refused) == answer_measures(failed) == nothing


def test_a_long_reference_is_not_looked_for_word_for_word():
    reference = "The company paid four dollars a share in the first quarter and five dollars in the second one."

    assert "containment" not in answer_measures(outcome(question=asked(answers=(reference,)), text="It paid. [1]"))


def test_token_f1_by_hand():
    # said: grass runway long; wanted: long grass runway strip. Three of three, three of four: 2 * 3 / 7.
    assert token_f1("The grass runway, long", "a long grass runway strip") == pytest.approx(6 / 7)


def test_exact_match_ignores_case_articles_punctuation_and_citations():
    found = outcome(question=asked(answers=("Saxon Garden",)), text="The Saxon garden. [1][2]", model="m")

    assert answer_measures(found)["exact_match"] == 1.0


def test_unanswerable_questions_have_no_words_to_compare():
    assert answer_measures(outcome(question=asked(answerable=False))) == {}


def test_a_long_answer_that_the_gold_text_has_word_for_word_is_looked_for():
    long = "one main landing gear was separated and one was folded under the fuselage of it"
    found = outcome(
        question=asked(answers=(long,)), gold=(gold(0, 100, answers=(span(0, 80),)),), citations=(quote(f"So {long}."),)
    )

    assert answer_measures(found)["containment"] == 1.0
