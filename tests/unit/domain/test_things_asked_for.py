"""What a question asks for, in so many words, and the sentences and entries of forms that name it."""

from __future__ import annotations

import pytest

from docqa.domain.evidence import best_quotes, find_evidence
from docqa.domain.question_terms import QuestionTerms
from docqa.domain.terms import terms
from docqa.models.chunk import Chunk, ScoredChunk

CAUSE = "What was the probable cause of the Sorrell SNJ-7 accident in Belen, New Mexico?"
OWNER = "Who is the registered owner of the Piper PA-18 with the registration N1181Y?"
REPORT = """Location: Belen, NM Accident Number: DEN08CA034
Aircraft: Godwin, David P Sorrell SNJ-7 Aircraft Damage: Substantial
Analysis
Shortly after touchdown on the runway, he lost directional control and the airplane ground looped.
Probable Cause and Findings
The National Transportation Safety Board determines the probable cause(s) of this accident to be:
the pilot's loss of directional control during landing resulting in a ground loop."""
FORM = """Aircraft Make:  Piper  Registration:  N1181Y
Model/Series:  PA-18-135  Aircraft Category:  Airplane
Registered Owner:
Mark G. Meehleis
Operating Certificate(s) Held:
"""
OTHERS = "The Cessna 172 was registered in Alaska. Its probable range was unknown. Nobody owned a Piper in New Mexico."


def passage(text: str, ordinal: int = 0) -> ScoredChunk:
    return ScoredChunk(Chunk(ordinal, 1, 0, len(text), text), "d", 1, "accident report", score=1.0)


def quotes(question: str, text: str) -> list[str]:
    found = passage(text)
    asked = QuestionTerms(question, [found, *(passage(OTHERS, n) for n in range(1, 20))])
    return [" ".join(one.text.split()) for one in best_quotes(find_evidence(asked, [found]))]


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        (CAUSE, "probable cause"),
        (OWNER, "registered owner"),
        ("Which was the first year in which it flew?", "first year"),
        ("What is the location of the accident?", "location"),
        ("What are the conditions under which it may be sold, let or given away by its owner for a song?", ""),
        ("When was the runway of Kestrel Hill built?", ""),
        ("What is the name of the club?", ""),
        ("What is the?", ""),
    ],
)
def test_a_question_may_say_what_it_asks_for(question: str, thing: str) -> None:
    assert QuestionTerms(question, []).thing == tuple(terms(thing))


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("Registered Owner: Mark G. Meehleis", True),
        ("Aircraft Make: Piper Registered Owner: Mark G. Meehleis", True),
        ("The registered owners were two brothers.", True),
        ("Registered Owner:", True),
        ("The owner registered it.", False),
        ("Registration: N1181Y Owner/Operator Information", False),
    ],
)
def test_the_thing_is_named_in_its_words(sentence: str, named: bool) -> None:
    assert QuestionTerms(OWNER, []).is_named(sentence, terms(sentence)) is named


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("Location: Belen, NM", True),
        ("Date & Time: 11/27/2007 Location: Belen, NM", True),
        ("Location:", False),
        ("The location was surveyed.", False),
        ("Location of the wreckage: a field", False),
    ],
)
def test_a_single_word_is_named_by_an_entry_that_has_a_value(sentence: str, named: bool) -> None:
    asked = QuestionTerms("What was the location of the accident?", [])
    assert asked.is_named(sentence, terms(sentence)) is named


def test_what_is_asked_for_is_quoted_before_lines_that_only_name_what_it_is_of() -> None:
    """Promise 40: the evidence of a form, not its head."""
    best = quotes(CAUSE, REPORT)[0]
    assert best.endswith("loss of directional control during landing resulting in a ground loop.")
    assert "Registered Owner: Mark G. Meehleis" in quotes(OWNER, FORM)
