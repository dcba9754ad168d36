"""Text that stays text wherever it is shown: no markup, no address, no link."""

from __future__ import annotations

import html
import re

_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\s[^()]*)?\)|\[[^\[\]]*\])")
_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]{0,20}:\s*[/\\]{2}|(?<![\w.])\\\\(?=\w)"
    r"|\b(?:mailto|javascript|data|vbscript|tel|file):(?=\S)|\bwww\d{0,3}\.)\S*",
    re.IGNORECASE,
)
# Mail and chat programs make links of these without being asked to; a name in brackets of this kind they leave alone.
_DOMAINS = (
    "com|net|org|edu|gov|mil|int|info|biz|name|pro|io|ai|app|dev|xyz|site|online|shop|top|club|live|link|click|cloud|tech"
    "|store|test|example|invalid|localhost|co|me|tv|cc|us|uk|eu|de|fr|it|es|nl|be|ch|at|pl|ru|cn|jp|in|br|au|ca"
)
_MAIL = re.compile(r"@[\w-]+(?:\.[\w-]+)+")
_BARE = re.compile(rf"(?<![\w.@-])((?:[a-z0-9-]+\.)+)({_DOMAINS})\b(?!\.\w)([/?#:]\S*)?", re.IGNORECASE | re.ASCII)
# Control characters, characters of no width or that turn the direction of writing, tags, fillers and variation
# selectors that stand in no emoji.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_MARKS = str.maketrans({"<": "\u2039", ">": "\u203a", "[": "(", "]": ")", "`": "'", "|": "\u00a6"})
_EMPHASIS = re.compile(r"\*\*|__|~~")
_LEADING_MARK = re.compile(r"(?m)^(?:\s*(?:#{1,6}|[-*+]|>)\s+)+")
_SPACE = re.compile(r"\s+")
_LEFT_OUT = "(address left out)"


def inert(text: str) -> str:
    """One line of plain text: links become their label; addresses, hidden characters and the force of marks go.

    Addresses that begin with a scheme or www, or that have a path, are left out; the name of a site and a mail address
    alone are broken in two, which their reader sees and no program takes for a link: example(.)com.
    """
    plain = without_invisible(_resolved(text))
    # What is taken out may have hidden a mark behind it: `~~# Fees`, `[# Fees](address)`.
    while (unmarked := _without_marks(plain)) != plain:
        plain = unmarked
    plain = _ADDRESS.sub(_LEFT_OUT, plain)
    plain = _MAIL.sub(_dots_broken, _BARE.sub(_broken, plain))
    return _SPACE.sub(" ", plain.translate(_MARKS)).strip()


def without_invisible(text: str) -> str:
    """The text without characters that nobody sees: a message can be written in them."""
    return _INVISIBLE.sub("", text)


def _without_marks(text: str) -> str:
    return _IMAGE_OR_LINK.sub(r"\1", _EMPHASIS.sub("", _LEADING_MARK.sub("", text)))


def _resolved(text: str) -> str:
    """What entities stand for: `&lt;` would be markup again wherever the text is shown as HTML or Markdown."""
    while (resolved := html.unescape(text)) != text:
        text = resolved
    return text


def _broken(address: re.Match[str]) -> str:
    host, domain, path = address.groups()
    return _LEFT_OUT if path else f"{host}{domain}".replace(".", "(.)")


def _dots_broken(mail: re.Match[str]) -> str:
    return mail.group().replace(".", "(.)")
