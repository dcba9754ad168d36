"""Short, list and table answers, reasoning kept out, the question's language, and several samples that vote."""

from __future__ import annotations

import pytest

from docqa.errors import ServiceUnavailableError
from docqa.models.question import Question
from docqa.services.outcomes import MODEL_DECLINED
from tests.unit.answering.library import ANA, PLAIN, RUNWAY, SECONDS, Library, answers_in_turn, says

QUESTION = "How long is the grass runway?"
SHORT = "The runway is 640 metres long [1]."
HEADER = "| Aircraft | Landing fee |\n| --- | --- |\n"
TABLE = f"{HEADER}| Balloons | 20 |\n| Kites | 3 |"


@pytest.fixture
def library() -> Library:
    library = Library()
    library.add("handbook", RUNWAY)
    return library


def test_a_list_keeps_its_lines_and_each_item_its_citation(library: Library) -> None:
    said = "- Runway 07/25 is 640 metres long [1]\n- It was opened in 1936 [1]\n- It has a swimming pool [1]"

    answer = library.ask("How long is the grass runway and when was it opened?", chat=says(said)).answer

    assert answer.text == "- Runway 07/25 is 640 metres long [1]\n- It was opened in 1936 [2]"


def test_a_sentence_before_a_list_stands_on_its_own_line(library: Library) -> None:
    said = f"{SHORT}\n\n1. It was opened in 1936 [1]\n2. Landing lights were added later [1]"

    answer = library.ask(QUESTION, chat=says(said)).answer

    assert answer.text.split("\n") == [
        "The runway is 640 metres long. [1]",
        "- It was opened in 1936 [2]",
        "- Landing lights were added later [3]",
    ]


def test_a_table_becomes_a_list_with_the_names_of_its_columns() -> None:
    """Promise 50: no markup comes out, not even a table's."""
    library = Library()
    library.add("fees", f"Fees of the aerodrome.\n\n{TABLE}")
    said = f"{HEADER}| Balloons | 20 [1] |\n| Kites | 4 [1] |"

    answer = library.ask("What is the landing fee for balloons and for kites?", chat=says(said)).answer

    assert answer.text == "- Aircraft: Balloons; Landing fee: 20 [1]"
    assert answer.citations[0].quote == "| Balloons | 20 |"


def test_a_quoted_row_is_shown_cell_by_cell_and_cited_as_it_stands() -> None:
    """Promise 40: the quote stays verbatim."""
    library = Library()
    library.add("fees", f"Fees of the aerodrome.\n\n{TABLE}")

    answer = library.ask("What is the landing fee for balloons?").answer

    assert answer.text.startswith("Aircraft: Balloons; Landing fee: 20 [1]")
    assert answer.citations[0].quote == "| Balloons | 20 |"


def test_reasoning_is_neither_verified_nor_shown(library: Library) -> None:
    said = f"<think>Landing lights were added later [1]. It was opened in 1936 [1].</think>{SHORT}"

    answer = library.ask(QUESTION, chat=says(said)).answer

    assert answer.text == "The runway is 640 metres long. [1]"


def test_a_model_that_reasons_before_it_declines_is_understood(library: Library) -> None:
    answer = library.ask(QUESTION, chat=says("<think>Nothing about it.</think>NO ANSWER")).answer

    assert answer.reason == MODEL_DECLINED


def test_the_language_is_the_questions_own_unless_another_is_asked_for(library: Library) -> None:
    chat = says(SHORT)
    library.ask(QUESTION, chat=chat)
    service, deadline = library.answering(chat), library.clock.now() + SECONDS
    grounds = service.find_grounds(Question(question=QUESTION, language="fr"), ANA, "answer-2", deadline)
    service.conclude(grounds, deadline)

    assert "Answer in the language of the question." in chat.prompts[0]
    assert "Answer in the language fr" in chat.prompts[1]


def test_an_answer_in_another_language_than_english_is_verified_too() -> None:
    library = Library(calibration=PLAIN.with_threshold(0.0))
    library.add("handbuch", "Die Graspiste ist 640 Meter lang. Sie wurde 1936 von Amelia Hart er\u00f6ffnet.")

    answer = library.ask("Wie lang ist die Graspiste?", chat=says("Die Graspiste ist 640 Meter lang [1].")).answer

    assert (answer.model, answer.text) == ("scripted", "Die Graspiste ist 640 Meter lang. [1]")


class TestSamples:
    """Several answers to one prompt (the parameter ChatSamples)."""

    @pytest.fixture
    def library(self) -> Library:
        library = Library(samples=3)
        library.add("handbook", RUNWAY)
        return library

    def test_the_answer_that_others_bear_out_is_given(self, library: Library) -> None:
        chat = answers_in_turn(
            "Landing lights were added later [1].", SHORT, "The grass runway is 640 metres long [1]."
        )

        answer = library.ask(QUESTION, chat=chat).answer

        assert answer.text == "The runway is 640 metres long. [1]"
        assert (answer.usage.input_tokens, answer.usage.output_tokens) == (300, 30)

    def test_the_text_of_each_is_kept(self, library: Library) -> None:
        trace = library.ask(QUESTION, chat=answers_in_turn("NO ANSWER", SHORT, SHORT)).trace

        assert trace is not None
        assert [one.text for one in trace.written] == ["NO ANSWER", SHORT, SHORT]

    def test_one_that_declines_is_outvoted(self, library: Library) -> None:
        answer = library.ask(QUESTION, chat=answers_in_turn("NO ANSWER", SHORT, SHORT)).answer

        assert answer.text == "The runway is 640 metres long. [1]"

    def test_if_most_decline_the_answer_is_that(self, library: Library) -> None:
        assert (
            library.ask(QUESTION, chat=answers_in_turn("NO ANSWER", SHORT, "NO ANSWER")).answer.reason == MODEL_DECLINED
        )

    def test_what_failed_later_does_not_take_the_first_answer_away(self, library: Library) -> None:
        """Promise 39: a model that goes down in the middle leaves what it has said."""
        said = iter([SHORT, ServiceUnavailableError("down")])
        chat = says(SHORT)
        chat.script = lambda _: next(said)

        assert library.ask(QUESTION, chat=chat).answer.text == "The runway is 640 metres long. [1]"

    def test_no_sample_is_drawn_without_time_for_it(self, library: Library) -> None:
        chat = says(SHORT)

        def slowly(_: str) -> str:
            library.clock.time += 12
            return SHORT

        chat.script = slowly

        answer = library.ask(QUESTION, chat=chat).answer

        assert answer.text == "The runway is 640 metres long. [1]"
        assert len(chat.prompts) == 2
