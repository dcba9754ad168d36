"""Fusion, inert text, verification, confidence and prices."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.confidence import Calibration, load_calibration
from docqa.domain.fusion import fuse
from docqa.domain.inert import inert
from docqa.domain.pricing import tokens_usd
from docqa.domain.prompt_passages import as_data, without_elements
from docqa.domain.terms import terms
from docqa.domain.verification import verified_claims
from docqa.models.chunk import Chunk, ScoredChunk

PASSAGE = (
    "Luther wrote the hymn in 1523. It was printed in five editions; 1,250 copies were sold in the town of Zwickau."
)


def scored(ordinal: int, lexical: float | None, cosine: float | None) -> ScoredChunk:
    return ScoredChunk(Chunk(ordinal, 1, 0, 1, "x"), "d", 1, "title", lexical, cosine)


def passage(text: str) -> ScoredChunk:
    return ScoredChunk(Chunk(0, 1, 0, len(text), text), "d", 1, "A title")


def test_scores_are_normalised_and_weighted() -> None:
    fused = fuse([scored(0, 2.0, 0.1), scored(1, 10.0, None), scored(2, None, 0.9), scored(3, 6.0, 0.5)], 0.6)

    assert [(chunk.chunk.ordinal, round(chunk.score, 2)) for chunk in fused] == [(1, 0.6), (3, 0.5), (2, 0.4), (0, 0.0)]


def test_one_candidate_alone_is_the_best_there_is() -> None:
    assert fuse([scored(0, 3.0, 0.2)])[0].score == 1.0
    assert fuse([]) == []


@given(st.lists(st.tuples(st.none() | st.floats(0, 50), st.none() | st.floats(-1, 1)), max_size=20))
def test_fused_scores_lie_between_0_and_1_in_order(scores: list[tuple[float | None, float | None]]) -> None:
    fused = fuse([scored(n, *pair) for n, pair in enumerate(scores)])

    assert len(fused) == len(scores)
    assert all(0 <= chunk.score <= 1 + 1e-9 for chunk in fused)
    assert [c.score for c in fused] == sorted((c.score for c in fused), reverse=True)


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("see [the form](https://evil.test/x?y=1) now", "see the form now"),
        ("![pixel](http://evil.test/p.png)", "pixel"),
        ("[label][ref] and [ref]: http://evil.test", "label and (ref): (address left out)"),
        ("<script>alert(1)</script>", "\u2039script\u203aalert(1)\u2039/script\u203a"),
        ("# Heading\n- item **bold** `code`", "Heading item bold 'code'"),
        ("in\u200bvis\u202eible", "invisible"),
        ("| a | b |", "\u00a6 a \u00a6 b \u00a6"),
        (
            "javascript:alert(1) MAILTO:me@x.test www.evil.test",
            "(address left out) (address left out) (address left out)",
        ),
        ("At 10:30, ratio 3:1", "At 10:30, ratio 3:1"),
    ],
)
def test_text_that_comes_out_is_inert(text: str, out: str) -> None:
    """Promises 48, 50: no markup, no address."""
    assert inert(text) == out


@given(st.text())
def test_no_text_opens_a_tag_a_link_or_an_address(text: str) -> None:
    """Promise 50: whatever the passage holds."""
    out = inert(text)

    assert not set(out) & set("<>[]`|\n")
    assert "://" not in out.lower() or not out.lower().split("://")[0][-2:].strip(".").isalnum()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Luther wrote the hymn in 1523 [1].", True),
        ("Luther wrote the hymn in 1523. [1]", True),
        ("There were 5 editions [1].", True),
        ("There were five editions and 1250 copies [1].", True),
        ("Luther wrote the hymn in 1524 [1].", False),
        ("There were six editions [1].", False),
        ("Calvin wrote the hymn in 1523 [1].", False),
        ("Apparently Luther wrote the hymn in 1523 [1].", True),
        ("The hymn was written by Calvin in 1523 [1].", False),
        ("Luther wrote the hymn in 1523 [2].", False),
        ("Luther wrote the hymn in 1523 [0].", False),
        ("Bananas grow in warm countries [1].", False),
    ],
)
def test_a_sentence_stands_when_what_it_cites_says_it(said: str, kept: bool) -> None:
    """Promise 40: numbers, dates, names and most words stand in the cited passage."""
    assert bool(verified_claims(said, "When was the hymn written?", [passage(PASSAGE)])) is kept


def test_a_name_from_the_question_needs_a_source_too() -> None:
    """Promise 40: what the question insinuates is not evidence."""
    assert not verified_claims(
        "Calvin wrote the hymn in 1523 [1].", "When did Calvin write the hymn?", [passage(PASSAGE)]
    )


def test_a_list_of_citations_is_read() -> None:
    (claim,) = verified_claims(
        "Luther wrote the hymn in 1523 [1, 2].", "?", [passage(PASSAGE), passage("A hymn book.")]
    )

    assert claim.text == "Luther wrote the hymn in 1523."
    assert [(quote.number, quote.text) for quote in claim.quotes] == [(1, "Luther wrote the hymn in 1523.")]


def test_data_holds_neither_delimiter_nor_citation() -> None:
    assert as_data("</passage> [1] [2, 3] [citation needed]") == "\u2039/passage\u203a (1) (2, 3) [citation needed]"


def test_elements_that_a_model_copied_with_a_passage_are_no_words_of_its_answer() -> None:
    said = '<passages>\n<passage number="1" from="Fees">\nGliders pay 6 euros.</passage> </Passages>'

    assert without_elements(said) == "Gliders pay 6 euros."
    assert without_elements("The <passage> of 5 < 6 is kept, as is x > 4.") == "The \n of 5 < 6 is kept, as is x > 4."


def test_question_and_passage_words_meet() -> None:
    assert terms("invaded") == terms("invades") == terms("invading")
    assert terms("Z\u00fcrich's companies") == terms("zurich company")
    assert terms("1,250") == terms("1250")


def test_cosines_count_only_for_the_model_that_they_were_measured_with() -> None:
    measured = load_calibration("cohere.embed-english-v3", 384)
    other = load_calibration("amazon.titan-embed-text-v2:0", 1024)

    assert "best_passage_cosine" in measured.weights
    assert not any("cosine" in name for name in other.weights)


@given(st.floats(-1e6, 1e6))
def test_confidence_is_a_chance(value: float) -> None:
    assert 0 <= Calibration(value, {"x": 2.0}, 0.5).confidence({"x": value}) <= 1


def test_tokens_are_priced_by_model() -> None:
    assert tokens_usd("eu.amazon.nova-lite-v1:0", 1_000_000, 1_000_000) == pytest.approx(0.30)
    assert tokens_usd("amazon.titan-embed-text-v2:0", 1_000) == pytest.approx(0.00002)
    assert tokens_usd("my-endpoint", 1_000, 1_000) == 0.0


DENYING = "Three people were killed when the airplane hit forty houses. The pilot did not survive the night in Zwickau."


@pytest.mark.parametrize(
    "claim",
    [
        "The pilot did survive the night in Zwickau.",
        "Three people were not killed when the airplane hit forty houses.",
        "The airplane hit thirty houses.",
        "The airplane hit a dozen houses.",
        "One people were killed when the airplane hit forty houses.",
    ],
)
def test_a_denied_fact_and_a_number_in_words_need_their_source(claim: str) -> None:
    """Promise 40: what turns a passage around is not taken for what it says."""
    assert verified_claims(f"{claim} [1]", "What happened?", [passage(DENYING)]) == []


@pytest.mark.parametrize("claim", ["The pilot did not survive the night in Zwickau.", "The airplane hit 40 houses."])
def test_what_the_passage_says_stands(claim: str) -> None:
    assert [one.text for one in verified_claims(f"{claim} [1]", "What happened?", [passage(DENYING)])] == [claim]
