"""Hidden text on its way into a page."""

from hypothesis import given
from hypothesis import strategies as st

from docqa.domain.hidden_marks import hide, invisible_spans, settle, without_marks
from docqa.domain.page_text import clean, keep

TEXTS = st.text(st.sampled_from("ab \n\t.\u200b\ufdd0\ufdd1"), max_size=12).map(without_marks)


@given(st.lists(st.tuples(TEXTS, st.booleans()), max_size=6))
def test_marks_go_and_spans_stay(pieces: list[tuple[str, bool]]) -> None:
    """Promise 48: what was hidden is known in the final text, and nothing else is changed by it."""
    marked = "".join(hide(text) if hidden else text for text, hidden in pieces)

    text, spans = settle(marked, keep)

    assert text.split() == "".join(text for text, _ in pieces).split()
    assert "\ufdd0" not in text
    assert "\ufdd1" not in text
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert list(spans) == sorted(spans)
    covered = "".join(text[start:end] for start, end in spans)
    for piece, hidden in pieces:
        if hidden:
            assert all(word in covered for word in piece.split())


def test_the_text_is_cleaned_and_the_spans_fit_it() -> None:
    text, spans = settle(f"Seen  \r\n\r\n\r\n\r\n{hide(' gone ')}\r\n{hide('too')} seen", clean)

    assert (text, [text[start:end] for start, end in spans]) == ("Seen\n\n gone\ntoo seen", ["gone\ntoo"])


def test_nested_marks_are_one() -> None:
    text, spans = settle("a " + hide("b " + hide("c") + " d") + " e")

    assert (text, [text[start:end] for start, end in spans]) == ("a b c d e", ["b c d"])


def test_joiners_that_a_script_needs_are_no_trap() -> None:
    for spelled in ("\u0645\u06cc\u200c\u062e\u0648", "👩\u200d👩\u200d👧", "ไทย\u200bไทย", "葛\U000e0100"):
        assert invisible_spans(spelled) == ()
    for trap in (
        "pay\u200bpal",
        "a\u2060b",
        "x\U000e0041\U000e0042",
        "\u200b\u200c\u200d\u200b",
        "v\ufe00\ufe01\ufe02",
    ):
        assert len(invisible_spans(trap)) == 1
