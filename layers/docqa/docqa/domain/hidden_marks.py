"""Text that a reader of the page cannot see: kept, because it is in the file, and told apart, because it may be a trap.

While a page is put together, hidden text stands between two marks that no document can hold (Unicode noncharacters);
`settle` turns them into spans of the final text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from docqa.domain.page_text import clean

_START, _END = "\ufdd0", "\ufdd1"
_MARKS = re.compile(f"[{_START}{_END}]")
_START_BEFORE_SPACE = re.compile(f"({_START}+)(\\s+)")
_END_AFTER_SPACE = re.compile(f"(\\s+)({_END}+)")
# Characters of no width: spaces and joiners, tags, fillers, variation selectors in a row; and the two that make a line
# read backwards. A single joiner is spelling in Persian, Hindi and emoji, and a place to break a line in Thai and
# Khmer; within a word of Latin letters it is neither.
_NO_WIDTH = re.compile(
    "[\u2060-\u2064\u180e\U000e0000-\U000e007f]+"
    "|[\u034f\u115f\u1160\u17b4\u17b5\u202d\u202e\u206a-\u206f\u3164\uffa0]+"
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}"
    "|(?<=[A-Za-z0-9])[\u200b-\u200d]+(?=[A-Za-z0-9])|[\u200b-\u200d]{2,}"
)

# Any of them: most texts have none, and this is ten times quicker to find out.
_PERHAPS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u202d\u202e\u2060-\u2064\u206a-\u206f\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0000-\U000e01ef]"
)

Span = tuple[int, int]


def without_marks(text: str) -> str:
    """The text as a document states it: whatever looks like one of our marks goes."""
    return _MARKS.sub("", text)


def hide(text: str) -> str:
    """The text as hidden; white space alone is never hidden."""
    return f"{_START}{text}{_END}" if text.strip() else text


def settle(text: str, tidy: Callable[[str], str] = clean) -> tuple[str, tuple[Span, ...]]:
    """The final text of a page, and the spans of it that cannot be seen.

    Args:
        text: With marks, as `hide` set them.
        tidy: How the text is cleaned; it must neither move nor drop the marks.
    """
    if not _MARKS.search(text):
        final = tidy(text)
        return final, invisible_spans(final)
    text = _END_AFTER_SPACE.sub(r"\2\1", _START_BEFORE_SPACE.sub(r"\2\1", text))
    parts: list[str] = []
    spans: list[Span] = []
    length = depth = 0
    for piece in re.split(f"([{_START}{_END}])", tidy(text)):
        if piece == _START:
            depth += 1
        elif piece == _END:
            depth = max(depth - 1, 0)
        elif piece:
            if depth:
                spans.append((length, length + len(piece)))
            parts.append(piece)
            length += len(piece)
    final = "".join(parts)
    return final, _joined([*spans, *invisible_spans(final)], final)


def invisible_spans(text: str) -> tuple[Span, ...]:
    """Where characters without width stand; words can be written with them that nobody sees."""
    if not _PERHAPS.search(text):
        return ()
    return tuple(found.span() for found in _NO_WIDTH.finditer(text))


def _joined(spans: Iterable[Span], text: str) -> tuple[Span, ...]:
    """In order; spans with nothing but white space between them are one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and not text[found[-1][1] : start].strip():
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)
