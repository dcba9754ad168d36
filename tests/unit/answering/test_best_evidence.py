"""How much a chat model is believed beside the evidence (the parameter ChatAnswers), and what is evidence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.completeness import says_all_of
from docqa.domain.evidence import best_quotes, find_evidence
from docqa.domain.question_terms import QuestionTerms
from docqa.domain.terms import terms
from docqa.domain.verification import Claim
from docqa.models.answer import AnswerStatus
from docqa.models.chunk import Chunk, ScoredChunk
from docqa.services.outcomes import QUOTED_DECLINED, QUOTED_INCOMPLETE, QUOTED_UNVERIFIED
from tests.unit.answering.library import Library, says

FEES = "A landing costs 12 euros for aeroplanes. Microlights land for 6 euros. The café closes at 16:00."
QUESTION = "What does a landing cost for microlights?"
PLAUSIBLE_AND_WRONG = "A landing costs 12 euros for microlights. [1]"


@pytest.mark.parametrize(("complete_only", "model"), [(False, "scripted"), (True, None)])
def test_an_answer_that_leaves_out_what_the_quotes_say_does_not_replace_them(
    complete_only: bool, model: str | None
) -> None:
    library = Library(complete_only=complete_only)
    library.add("fees", FEES)

    answer = library.ask(QUESTION, chat=says(PLAUSIBLE_AND_WRONG)).answer

    assert answer.model == model
    assert ("Microlights land for 6 euros." in [citation.quote for citation in answer.citations]) == (model is None)
    assert answer.reason == (QUOTED_INCOMPLETE if complete_only else None)


def test_an_answer_that_says_all_of_the_quotes_replaces_them() -> None:
    library = Library(complete_only=True)
    library.add("fees", "A landing of microlights costs 6 euros.")

    answer = library.ask(QUESTION, chat=says("For microlights, a landing costs 6 euros [1].")).answer

    assert (answer.model, answer.reason) == ("scripted", None)


def test_a_sentence_that_only_speaks_of_the_passage_is_no_answer() -> None:
    library = Library()
    library.add("fees", FEES)

    answer = library.ask(QUESTION, chat=says("The passage is about what a landing costs for microlights [1].")).answer

    assert (answer.model, answer.reason) == (None, QUOTED_UNVERIFIED)


def test_a_small_model_that_declines_does_not_take_the_quotes_away() -> None:
    library = Library(complete_only=True)
    library.add("fees", FEES)

    answer = library.ask(QUESTION, chat=says("NO ANSWER")).answer

    assert (answer.status, answer.model, answer.reason) == (AnswerStatus.ANSWERED, None, QUOTED_DECLINED)


@given(
    quotes=st.lists(st.text("abc 12.", min_size=1, max_size=20), min_size=1, max_size=3),
    said=st.lists(st.text("abc 12.", max_size=20), max_size=3),
)
def test_what_counts_as_complete_holds_every_number_and_word_of_the_quotes(quotes: list[str], said: list[str]) -> None:
    claims = [Claim(text, ()) for text in said]

    if says_all_of(quotes, claims, ""):
        assert set(terms(" ".join(quotes))) <= set(terms(" ".join(said)))
    assert says_all_of(quotes, [*claims, Claim(" ".join(quotes), ())], "")


def passage(text: str, *headings: str, score: float = 1.0, ordinal: int = 0) -> ScoredChunk:
    return ScoredChunk(Chunk(ordinal, 1, 0, len(text), text, headings), "d", 1, "Kestrel Hill Handbook", score=score)


def quotes(question: str, *passages: ScoredChunk) -> list[str]:
    return [one.text for one in best_quotes(find_evidence(QuestionTerms(question, passages), passages))]


def test_a_heading_is_not_quoted_where_something_is_said() -> None:
    text = "# Kestrel Hill Handbook\n\nDamage is reported to Ingrid Halloran."

    found = quotes("To whom is damage reported in the Kestrel Hill handbook?", passage(text))

    assert found == ["Damage is reported to Ingrid Halloran."]


def test_naming_the_document_again_is_no_evidence() -> None:
    text = "Kestrel Hill is not a real club. Damage is reported to Ingrid Halloran."

    found = quotes("To whom is damage reported at Kestrel Hill?", passage(text))

    assert found[0] == "Damage is reported to Ingrid Halloran."
