from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.confidence import evidence_features
from docqa.domain.evidence import find_evidence
from docqa.domain.question_terms import QuestionTerms
from docqa.domain.spelling import differing_letters, respelled
from docqa.models.chunk import Chunk, ScoredChunk

FOUND = [frozenset({"arpanet", "operat", "runway", "guarante"}), frozenset({"runway", "runaway", "tower", "2021"})]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("arpnet", "arpanet"),
        ("runwya", "runway"),
        ("runwaay", "runway"),  # as near as `runaway`, which stands in fewer passages
        ("gaurente", "guarante"),
        ("tower", None),  # stands there
        ("towre", "tower"),
        ("bower", None),  # another first letter
        ("towr", None),  # too short
        ("2022", None),  # a number is no word
        ("submarin", None),
    ],
)
def test_a_word_that_stands_nowhere_is_what_is_nearest_to_it(asked: str, meant: str | None) -> None:
    assert respelled([asked], FOUND) == ({asked: meant} if meant else {})


def test_a_question_full_of_words_that_stand_nowhere_is_about_something_else() -> None:
    others = [f"unheardof{letter}" for letter in "abcdefgh"]

    assert respelled(["arpnet", *others[:7]], FOUND) == {"arpnet": "arpanet"}
    assert respelled(["arpnet", *others], FOUND) == {}


def test_a_word_is_not_taken_for_another_one_of_the_question() -> None:
    """Who asks about Slovakia and Slovenia means both."""
    assert respelled(["slovakia", "slovenia"], [frozenset({"slovenia", "border"})]) == {}


def test_what_is_too_long_for_a_word_is_not_compared() -> None:
    """Somebody may make up words and a document for them that take seconds to compare."""
    long = "a" * 31

    assert respelled([long + "b"], [frozenset({long + "c"})]) == {}


def test_a_guessed_word_is_as_unknown_to_the_confidence_as_it_was_asked() -> None:
    """Another person of nearly the same name may be meant."""
    text = "Hanson flew the glider Kestrel to Marlow Bridge."
    passage = ScoredChunk(Chunk(0, 1, 0, len(text), text), "d", 1, "Log", 1.0, 0.5, 1.0)

    def features(question: str) -> dict[str, float]:
        asked = QuestionTerms(question, [passage])
        return evidence_features(asked, [passage], find_evidence(asked, [passage]))

    right, guessed = features("Where did Hanson fly the Kestrel?"), features("Where did Hansen fly the Kestrel?")

    assert guessed["unknown"] > right["unknown"]
    assert guessed["names_unknown"] > right["names_unknown"] == 0
    assert guessed["best_sentence_coverage"] == pytest.approx(right["best_sentence_coverage"])


def test_without_passages_nothing_is_changed() -> None:
    assert respelled(["arpnet"], []) == {}


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [("word", "word", 0), ("word", "wrod", 1), ("word", "wood", 1), ("word", "words", 1), ("word", "rwods", 3)],
)
def test_letters_that_differ_are_counted_swapped_ones_once(one: str, other: str, letters: int) -> None:
    assert differing_letters(one, other, 5) == letters


@given(st.text("abc", max_size=6), st.text("abc", max_size=6), st.integers(0, 6))
def test_it_is_the_same_both_ways_and_bounded(one: str, other: str, most: int) -> None:
    letters = differing_letters(one, other, most)

    assert letters == differing_letters(other, one, most)
    assert (letters == 0) == (one == other)
    assert letters <= most + 1


def test_a_misspelt_question_covers_what_it_means_names_included() -> None:
    text = "ARPANET became operational in 1969."
    found = [ScoredChunk(Chunk(0, 1, 0, len(text), text), "a", 1, "Networks", 1.0, 0.5, 1.0)]

    misspelt, right = (QuestionTerms(f"When did {name} become operational?", found) for name in ("ARPNET", "ARPANET"))

    assert (misspelt.weights, misspelt.names) == (right.weights, right.names)
