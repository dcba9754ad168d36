"""What comes out of an answer is text, whatever a document or a model puts in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from docqa.domain.inert import inert

# As the strictest of readers would have them: schemes, hosts, protocol-relative and file addresses.
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|\bwww\.|\b(?:mailto|javascript|data|vbscript):\S|\w@\w+\.\w", re.IGNORECASE)
PIECES = [
    "<img src=x onerror=alert(1)>", "<script>", "</p>", "&lt;b&gt;", "&amp;lt;i&amp;gt;", "&#104;ttps://evil.test/a",
    "[label](https://evil.test/p?q=1)", "![i](//evil.test/i.png)", "[text][ref]", "[ref]: https://evil.test", "~~", "`",
    "**", "__", "|", "#", "# ", "- ", "> ", "1. ", "\n", " ", "\t", "http", "https", ":", "/", "//", "\\", "www", ".",
    ".test", "evil", "evil.com", "evil.com/x", "a@b.com", "javascript:alert(1)", "data:text/html,x", "mailto:a@b.c",
    "\u200b", "\u2066", "\u00ad", "\U000e0041", "\u202e", "\x1b[31m", "640 metres", "Amelia", "<", ">", "[", "]", "(",
    ")", "!", "&", ";", "&#", "lt", "amp",
]  # fmt: skip
TEXTS = st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text(max_size=60))


@settings(deadline=None, max_examples=500)
@given(TEXTS)
def test_nothing_that_a_program_acts_upon_is_left(text: str) -> None:
    """Promises 48, 50: no markup, no address, no link, no hidden character, whatever the pieces are put together to."""
    shown = inert(text)

    assert not set("<>[]`|\n\u200b\u2066\u00ad\u202e\x1b") & set(shown)
    assert not ADDRESS.search(shown)
    assert not any(0xE0000 <= ord(character) < 0xE1000 for character in shown)


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_shown_as_markdown_it_is_a_paragraph_of_text(text: str) -> None:
    """Promise 50: neither links, images, HTML, tables, code nor headings come of it."""
    tokens = MarkdownIt("commonmark", {"linkify": False}).parse(f"The answer: {inert(text)} [1]")
    kinds = {token.type for token in tokens} | {
        child.type for token in tokens for child in token.children or [] if child.type
    }

    assert kinds <= {"paragraph_open", "inline", "paragraph_close", "text", "em_open", "em_close", "text_special"}


@settings(deadline=None)
@given(TEXTS)
def test_what_is_inert_stays_so(text: str) -> None:
    """Promise 50: stored, sent on and shown again it says the same."""
    assert inert(inert(text)) == inert(text)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Runway 07/25 is 640 metres long.", "Runway 07/25 is 640 metres long."),
        ("AT&T paid $1,234.50 (net) in Q3: 5 % more.", "AT&T paid $1,234.50 (net) in Q3: 5 % more."),
        ("See [the handbook](https://evil.test/h) for it.", "See the handbook for it."),
        ("See [the handbook][1] for it.", "See the handbook for it."),
        ("See https://evil.test/h?q=secret.", "See (address left out)"),
        ("See ht**tp://evil.test/x now", "See (address left out) now"),
        ("See www**.evil.test** now", "See (address left out) now"),
        ("Join at freegame.com/play now", "Join at (address left out) now"),
        ("Amazon.com, Inc. earned more.", "Amazon(.)com, Inc. earned more."),
        ("Write to assist@gmail.com.", "Write to assist@gmail(.)com."),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "\u2039script\u203aalert(1)\u2039/script\u203a"),
        ("| a | b |", "\u00a6 a \u00a6 b \u00a6"),
        ("## Fees", "Fees"),
        ("~~# Fees", "Fees"),
        ("[# Fees](https://evil.test)", "Fees"),
        ("The U.S. economy grew at 2.5 per cent, i.e. more.", "The U.S. economy grew at 2.5 per cent, i.e. more."),
        ("Version 1.2.3 of e.g. node.js", "Version 1.2.3 of e.g. node.js"),
    ],
)
def test_what_people_read_stays(written: str, shown: str) -> None:
    assert inert(written) == shown
