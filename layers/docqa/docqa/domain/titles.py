"""What a document is called: in lists, in citations, and in front of each embedded chunk."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from docqa.domain.report_covers import cover_title

# Longer "titles" are abstracts or whole paragraphs that a program put there.
TITLE_MAX_CHARACTERS = 200
_LINE_MAX_CHARACTERS = 120
_OPENING_LINES = 6

# What programs write as a title when nobody gave one.
_NO_TITLE = re.compile(
    r"^(untitled.*|title|the title|document\s*\d*|model|slide \d+|presentation\d*|scan.*|adobe photoshop pdf"
    r"|microsoft (word|excel|powerpoint).*|powerpoint.*"
    r"|.*\.(docx?|pdf|xlsx?|pptx?|indd|qxd|tex|dvi|rtf|txt|html?))$",
    re.IGNORECASE,
)
_PAGE_NUMBER = re.compile(r"^(page\s+)?\d+(\s+(of|/)\s+\d+)?$|^table of contents$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
# `Accession ID: 17` or `Date: 1 May` is an entry of a form, and `= History =` a heading of wiki text.
_ENTRY = re.compile(r"[^\W\d_][^.:!?]{0,40}:(\s|$)|=+\s.*\s=+$")
_SEPARATORS = re.compile(r"[_\s]+|(?<=\w)-(?=\w)")
_LETTERS_SHARE = 0.5


def choose_title(stated: str, opening: str, key: str) -> str:
    """The document's title: as stated, from its cover, as its file name reads, or its first line that looks like one.

    The cover of a periodic report names company, form and period; the file name stands behind them. A file name of
    several words was chosen by a person for exactly this purpose; the first line of a report often is the letterhead
    that all reports share, so the file name, which tells them apart, stands behind it.

    Args:
        stated: From the file's metadata or its first heading; may be empty or nonsense.
        opening: The first lines of the text.
        key: Object key; its last part is the file name.
    """
    stated = _one_line(stated)
    if _looks_stated(stated):
        return stated
    name = file_title(key)
    if cover := cover_title(opening):
        return f"{cover} ({name})"
    if len(_WORD.findall(name)) > 1 or (_WORD.search(name) and any(part.isdigit() for part in name.split())):
        return name
    line = next((line for line in _lines(opening) if _looks_like_title(line)), "")
    return f"{line} ({name})" if line else name


def file_title(key: str) -> str:
    """A file's name as a person would write it: no folder, no suffix, spaces instead of underscores and hyphens."""
    name = PurePosixPath(key).name
    stem = re.sub(r"\.[A-Za-z0-9]{1,8}$", "", name)
    return _one_line(_SEPARATORS.sub(" ", stem)) or _one_line(name) or key


def _looks_stated(title: str) -> bool:
    letters = sum(character.isalpha() for character in title)
    return bool(
        letters >= _LETTERS_SHARE * len(title.replace(" ", ""))
        and _WORD.search(title)
        and len(title) <= TITLE_MAX_CHARACTERS
        and not _NO_TITLE.match(title)
    )


def _looks_like_title(line: str) -> bool:
    letters = sum(character.isalpha() for character in line)
    return bool(
        len(_WORD.findall(line)) > 1
        and len(line) <= _LINE_MAX_CHARACTERS
        and letters >= _LETTERS_SHARE * len(line)
        and not line.endswith((".", ",", ";"))
        and not _PAGE_NUMBER.match(line)
        and not _ENTRY.match(line)
    )


def _lines(opening: str) -> list[str]:
    return [line for line in map(_one_line, opening.splitlines()) if line][:_OPENING_LINES]


def _one_line(text: str) -> str:
    return " ".join("".join(one for one in text if one.isprintable() or one.isspace()).split())
