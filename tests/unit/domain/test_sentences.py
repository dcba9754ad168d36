from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.sentences import LONGEST_SENTENCE, sentence_spans


def split(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Hart met J. K. Rowe at 5.30 p.m. on Main St. in Bath.", None),
        ("It cost $3.50 in the U.S. Treasury, i.e. little.", None),
        ("See Fig. 3 and No. 7.", None),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
        ("The report was\nwrapped here. It goes on.", ["The report was\nwrapped here.", "It goes on."]),
        ("# Title\nText below it.", ["# Title", "Text below it."]),
        ("Needed:\n- a map\n- a torch\n\nGo.", ["Needed:", "- a map", "- a torch", "Go."]),
        ("Sales rose.\nNet sales 81,797 82,959\nCost 45,384 47,074", None),
        ("| a | b |\n| 1 | 2 |", ["| a | b |", "| 1 | 2 |"]),
        ("\u5929\u6c14\u597d\u3002\u6211\u8d70\u4e86\u3002", ["\u5929\u6c14\u597d\u3002", "\u6211\u8d70\u4e86\u3002"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, sentences: list[str] | None) -> None:
    rows = ["Sales rose.", "Net sales 81,797 82,959", "Cost 45,384 47,074"]
    expected = sentences if sentences is not None else rows if text.startswith("Sales") else [text]

    assert split(text) == expected


@given(st.text(alphabet=st.sampled_from("aB1.!? \n|#-\"'(),;\u2019\u3002"), max_size=400))
def test_spans_are_ordered_verbatim_and_leave_nothing_but_space_out(text: str) -> None:
    """Promise 40: a quote is a verbatim span."""
    spans = sentence_spans(text)

    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(text[s.start : s.end] == text[s.start : s.end].strip() != "" for s in spans)
    outside = "".join(
        text[a:b] for a, b in zip([0, *(s.end for s in spans)], [*(s.start for s in spans), len(text)], strict=True)
    )
    assert not outside.strip()


@given(st.text(max_size=2000))
def test_no_sentence_is_too_long_to_quote(text: str) -> None:
    assert all(span.end - span.start <= LONGEST_SENTENCE for span in sentence_spans(text))
