"""Markdown."""

from __future__ import annotations

import re
from typing import IO

from docqa.adapters.formats.pieces import Contents, WholeFormat
from docqa.adapters.formats.text_decoding import TEXT_MAX_BYTES, read_text
from docqa.adapters.formats.text_parts import parts
from docqa.domain.headings import first_heading
from docqa.domain.hidden_marks import without_marks
from docqa.domain.page_text import clean

# Strangers write these files: no expression may start over from every character of a long run (no `[` in a label, and
# runs of blanks beside each other only with a line end between them).
_FENCE = re.compile(r"^(```|~~~)", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# `![alt](address)` and `[text](address)`: what a reader sees is the text. Addresses would only pollute the search,
# and an answer must not carry addresses out of a document.
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
# `[text][name]`, and the line that says where `name` leads and what a pointer resting on it is shown: nobody who reads
# the page sees that line. A footnote, `[^1]: text`, is seen.
_REFERENCE = re.compile(r"!?\[([^\[\]\n]+)\]\[[^\[\]\n]*\]")
_DEFINITION = re.compile(
    r"^ {0,3}\[(?!\^)[^\]\n]+\]:[ \t]*(?:\n[ \t]*)?\S+"
    r"(?:(?:[ \t]+|[ \t]*\n[ \t]*)(?:\"(?:[^\"\\]|\\.){0,4000}\"|'(?:[^'\\]|\\.){0,4000}'|\([^()]{0,4000}\)))?[ \t]*$",
    re.MULTILINE,
)


class MarkdownFormat(WholeFormat):
    """A Markdown file is one page, unless it is very long; its heading marks stay."""

    def parse(self, file: IO[bytes]) -> Contents:
        """First heading and text."""
        text = _without_comments(clean(without_marks(read_text(file, TEXT_MAX_BYTES))))
        # Every second part lies inside a code fence and stays as it is.
        fenced = _FENCE.split(text)
        for index in range(0, len(fenced), 4):
            linked = _REFERENCE.sub(r"\1", _LINK.sub(r"\1", fenced[index]))
            fenced[index] = _DEFINITION.sub("", linked)
        text = "".join(fenced)
        return Contents(parts(text), first_heading(text))


def _without_comments(text: str) -> str:
    # Behind the last end no comment ends: looking for one from each "<!--" there would take the square of the length.
    head, end, tail = text.rpartition("-->")
    return _COMMENT.sub("", head + end) + tail
