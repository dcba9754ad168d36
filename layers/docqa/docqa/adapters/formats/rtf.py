"""Rich Text, by striprtf; what it leaves out (notes, headers, text boxes) is taken out for it beforehand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO

from striprtf.striprtf import rtf_to_text

from docqa.adapters.formats.pieces import Contents, WholeFormat
from docqa.adapters.formats.text_decoding import read_bytes
from docqa.adapters.formats.text_parts import parts
from docqa.domain.hidden_marks import hide, without_marks
from docqa.domain.tables import pipe_table
from docqa.errors import MalformedDocumentError

# Pictures are in the file as hexadecimal figures, two for each of their bytes.
RTF_MAX_BYTES = 50_000_000
_TOKEN = re.compile(r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'[0-9a-fA-F]{2}|\\[^a-zA-Z]|[{}]|[^\\{}]+", re.DOTALL)
# Groups that stand apart from the text that flows: what they hold follows the page.
_APART = {
    "footnote": "", "header": "", "headerl": "", "headerr": "", "headerf": "",
    "footer": "", "footerl": "", "footerr": "", "footerf": "", "shptxt": "", "annotation": "Comment: ",
}  # fmt: skip
_LEFT_OUT = frozenset({"pict", "object", "objdata", "themedata", "colorschememapping", "datastore", "fldinst"})
# The page's own marks on their way through striprtf, as noncharacters.
_PAGE, _CELL, _ROW, _ROW_BEGINS, _HIDDEN, _SHOWN = "\ufdd2", "\ufdd3", "\ufdd4", "\ufdd5", "\ufdd6", "\ufdd7"
_OURS = re.compile("[\ufdd2-\ufdd7]")
_MARKED = {"page": _PAGE, "cell": _CELL, "nestcell": _CELL, "row": _ROW, "nestrow": _ROW, "trowd": _ROW_BEGINS}
_HIDDEN_TEXT = re.compile(f"{_HIDDEN}([^{_HIDDEN}{_SHOWN}]*){_SHOWN}")
_MAX_DEPTH = 1_000
_HEADING_LEVELS = 6
_TITLE = re.compile(r"\{\\title ([^{}]*)\}")


class RtfFormat(WholeFormat):
    """Page breaks divide pages; without any there is one page, unless the text is very long."""

    def parse(self, file: IO[bytes]) -> Contents:
        """Pages, and behind the last one what stands apart: notes, headers, text boxes."""
        source = read_bytes(file, RTF_MAX_BYTES).decode("cp1252", "replace")
        title = _TITLE.search(source)
        pages = rtf_pages(source)
        return Contents([piece for page in pages for piece in parts(page)], _text(title[1], "") if title else "")


def rtf_pages(source: str) -> list[str]:
    """The pages of a Rich Text document.

    Args:
        source: The document, its bytes taken as Windows-1252.

    Raises:
        MalformedDocumentError: it is damaged.
    """
    sorted_out = _sort_out(source)
    pages = [_with_tables(page) for page in _text(sorted_out.flowing, "").split(_PAGE)]
    for name, group in dict.fromkeys(sorted_out.apart):
        if (text := _with_tables(_text(group, sorted_out.head))).strip():
            pages[-1] += f"\n\n{_APART[name]}{text.strip()}"
    return pages


@dataclass(slots=True)
class _Source:
    """A Rich Text document with its groups sorted.

    Attributes:
        head: What every part needs to be understood: code page and fonts.
        flowing: The text that flows, marked.
        apart: Name and source of each group that stands apart.
    """

    head: str
    flowing: str = ""
    apart: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    hidden: bool
    name: str = ""
    parts: list[str] = field(default_factory=list)


def _sort_out(source: str) -> _Source:
    """Take groups apart, drop pictures, and put marks where striprtf would lose what is meant."""
    fonts = re.search(r"\{\\fonttbl.*?\}\}", source, re.DOTALL)
    codepage = re.search(r"\\ansicpg\d+", source)
    result = _Source(f"{codepage[0] if codepage else ''}{fonts[0] if fonts else ''}")
    stack = [_Group(hidden=False)]
    position = 0
    while token := _TOKEN.match(source, position):
        # Raw bytes follow, braces among them.
        position = token.end() + (int(token[2] or 0) if token[1] == "bin" else 0)
        if token[0] == "{":
            if len(stack) > _MAX_DEPTH:
                raise MalformedDocumentError("The RTF file is nested too deeply. Save it as .docx and upload that.")
            stack.append(_Group(stack[-1].hidden))
        elif token[0] == "}":
            if len(stack) == 1:
                break
            _close(stack, result)
        else:
            _take(token, stack[-1])
    while len(stack) > 1:
        _close(stack, result)
    result.flowing = "".join(stack[0].parts)
    return result


def _take(token: re.Match[str], group: _Group) -> None:
    word = token[1]
    if word in _APART or word in _LEFT_OUT:
        group.name = word
    elif word in _MARKED:
        group.parts.append(_unicode(_MARKED[word]))
    elif word == "outlinelevel" and int(token[2] or 0) < _HEADING_LEVELS:
        group.parts.append("{\\uc0 " + "#" * (int(token[2] or 0) + 1) + " }")
    elif word == "v":
        hidden = token[2] != "0"
        if hidden != group.hidden:
            group.parts.append(_unicode(_HIDDEN if hidden else _SHOWN))
        group.hidden = hidden
    else:
        group.parts.append(token[0])


def _close(stack: list[_Group], result: _Source) -> None:
    group, above = stack.pop(), stack[-1]
    source = "".join(group.parts)
    if group.hidden != above.hidden:
        source += _unicode(_HIDDEN if above.hidden else _SHOWN)
    if group.name in _LEFT_OUT:
        return
    if group.name in _APART:
        result.apart.append((group.name, source))
    else:
        above.parts.append(f"{{{source}}}")


def _unicode(mark: str) -> str:
    """A character in Rich Text's own notation, with nothing behind it to be skipped."""
    return f"{{\\uc0\\u{ord(mark) - 0x10000} }}"


def _text(source: str, head: str) -> str:
    if not source.startswith("{\\rtf"):
        source = f"{{\\rtf1 {head}{source}}}"
    try:
        return without_marks(rtf_to_text(source, errors="replace"))  # type: ignore[no-untyped-call]
    except (ValueError, TypeError, LookupError, OverflowError) as error:
        raise MalformedDocumentError("The RTF file is damaged. Save it as .docx and upload that.") from error


def _with_tables(text: str) -> str:
    """Rows of cells as pipe tables, hidden text between the marks that every format uses."""
    text = _HIDDEN_TEXT.sub(lambda found: hide(found[1]), text)
    blocks: list[str] = []
    rows: list[list[str]] = []
    *with_rows, rest = text.split(_ROW)
    for piece in with_rows:
        before, row = _row(piece, follows=bool(rows))
        if before.strip():
            blocks += [pipe_table(rows), before]
            rows = []
        rows.append(row.replace(_ROW_BEGINS, "").split(_CELL)[:-1])
    return _OURS.sub("", "\n\n".join([*blocks, pipe_table(rows), rest]))


def _row(piece: str, *, follows: bool) -> tuple[str, str]:
    """What stands before a row, and the row. Not every row says where it begins.

    Args:
        piece: What stands before the end of a row.
        follows: There was a row before it.
    """
    before, begun, row = piece.partition(_ROW_BEGINS)
    if begun:
        return before, row
    if follows:
        return "", piece
    first_cell = piece.find(_CELL)
    begin = piece.rfind("\n", 0, first_cell) + 1
    return piece[:begin], piece[begin:]
