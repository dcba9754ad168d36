"""What reaches the terminal: messages on stderr, results on stdout, and nothing that a document could make it do."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# Where there is no terminal to measure, tables still need a width.
WIDTH_WITHOUT_TERMINAL = 120

_UNWANTED = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters: cursor movement, colours, titles, clipboard
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # invisible characters and those that reorder text
    "\ud800-\udfff"  # lone surrogates, which no terminal can print
    "]"
)


def plain(text: object) -> str:
    """The text without anything that a terminal would obey or hide; tabs and line ends stay."""
    return _UNWANTED.sub("", str(text).replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: object) -> str:
    """`plain`, with every run of white space as one blank."""
    return " ".join(plain(text).split())


def shortened(text: object, characters: int) -> str:
    """`one_line`, cut at a word so that it has at most so many characters."""
    line = one_line(text)
    return line if len(line) <= characters else line[: characters - 1].rsplit(" ", 1)[0] + "…"


def literal(text: object, style: str = "") -> Text:
    """Text for a table cell: never read as markup."""
    from rich.text import Text

    return Text(plain(text), style=style)


def results() -> Console:
    """The console on stdout."""
    return _console(sys.stdout)


def messages() -> Console:
    """The console on stderr: progress, remarks, errors."""
    return _console(sys.stderr)


def _console(stream: Any) -> Console:
    from rich.console import Console

    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDTH_WITHOUT_TERMINAL
    return console


def print_json(value: Any) -> None:
    """One JSON value on stdout. Characters beyond ASCII are escaped, so that no terminal obeys any of them."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=True) + "\n")


def print_json_error(sentence: str, exit_code: int) -> None:
    """Why a command failed, as a JSON object: the last line on stderr."""
    error = {"error": one_line(sentence), "exit_code": int(exit_code)}
    sys.stderr.write(json.dumps(error, ensure_ascii=True) + "\n")


def remark(sentence: str) -> None:
    """One sentence on stderr."""
    sys.stderr.write(one_line(sentence) + "\n")
