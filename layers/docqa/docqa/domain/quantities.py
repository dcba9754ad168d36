"""The numbers of a text, with what changes their meaning: sign, percent, currency and scale.

Two texts give the same amounts alike however they write them: `1,250` and `1250`, `(5.2)%` and `-5.2 percent`,
`$5 million` and `USD 5,000,000`, `forty-two` and `42`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from decimal import Decimal, InvalidOperation

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"  # noqa: SIM905
    " seventeen eighteen nineteen".split()
)
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))  # noqa: SIM905
_WORDS = {word: value for value, word in enumerate(_UNITS)} | _TENS | {"dozen": 12}
_SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
# Letters that scale an amount of money; anywhere else they are metres, or a name.
_MONEY_SCALES = {"k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9}
_CURRENCIES = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "\u20ac": "EUR", "eur": "EUR",
    "euro": "EUR", "euros": "EUR", "\u00a3": "GBP", "gbp": "GBP", "\u00a5": "JPY", "jpy": "JPY", "yen": "JPY",
    "chf": "CHF", "francs": "CHF",
}  # fmt: skip
_SEPARATORS = ",'\u2019\u00a0\u202f\u2009"

_MINUS = "-\u2212\u2013"
_AMOUNT = re.compile(
    rf"""
    (?P<open>\()?
    (?P<sign>(?<![\w)\]%.,])[{_MINUS}]|\b(?:minus|negative)\s)?
    (?:(?P<before>\b(?:USD|EUR|GBP|JPY|CHF)\s?|(?:(?:\bUS)?\$|[\u20ac\u00a3\u00a5])\s?)(?P<inner>[{_MINUS}])?)?
    (?P<number>\d{{1,3}}(?:[{_SEPARATORS}]\d{{3}})+(?:\.\d+)?(?!\d)|\d+,\d+(?![\d,])|\d+(?:\.\d+)*)
    (?P<money_scale>(?:bn|mn|m|k)\b)?
    (?P<close>\))?
    (?:\s(?P<scale>hundred|thousand|million|billion|trillion)\b)?
    (?:\s?(?P<percent>%|per\s?cent\b)|[\s-]?(?P<after>dollars?|euros?|francs|yen|USD|EUR|GBP|JPY|CHF|[$\u20ac\u00a3\u00a5])(?!\w))?
    (?P<late_close>\))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_IN_WORDS = re.compile(
    rf"""
    (?P<sign>\b(?:minus|negative)\s)?
    \b(?:(?P<tens>{"|".join(_TENS)})(?:[-\s](?P<unit>{"|".join(_UNITS[1:10])}))?
    |(?P<word>{"|".join([*_UNITS, "dozen"])}))?
    (?P<scale>(?:(?:^|\b|\s)(?:{"|".join(_SCALES)}))*)\b
    (?:\s(?P<percent>per\s?cent)\b|[\s-](?P<after>dollars?|euros?|francs|yen)\b)?
    """,
    re.VERBOSE | re.IGNORECASE,
)


def quantities(text: str) -> frozenset[str]:
    """Every number of the text, in digits or words, as `value` and what it counts: `-5.2%`, `5000000USD`, `1936`."""
    found: set[str] = set()
    rest = []
    at = 0
    for match in _AMOUNT.finditer(text):
        found.add(_in_digits(match, row="|" in text))
        rest.append(text[at : match.start()])
        at = match.end()
    # A word right behind an amount in digits ("5 million") belongs to it.
    rest.append(text[at:])
    for part in rest:
        found.update(_in_words(part))
    return frozenset(found)


def amounts_in(text: str) -> list[tuple[Decimal, Decimal]]:
    """Every number in digits: as it is written, and with its sign and scale."""
    found = []
    for match in _AMOUNT.finditer(text):
        written, meant = _value(match["number"]), _meant(match, row="|" in text)
        if written is not None and meant is not None:
            found.append((written, meant))
    return found


def without_amounts(text: str, amounts: AbstractSet[str]) -> str:
    """The text without those of its numbers in digits that are among `amounts`, with what they count."""
    row = "|" in text
    left = _AMOUNT.sub(lambda match: " " if _in_digits(match, row=row) in amounts else match.group(), text)
    return " ".join(left.split())


def without_quantities(text: str) -> str:
    """The text without its numbers and what they count."""
    return _IN_WORDS.sub("", _AMOUNT.sub(" ", text))


def _in_digits(match: re.Match[str], *, row: bool) -> str:
    value = _meant(match, row=row)
    if value is None:  # a version, a section number: no amount, but a fact all the same
        return match["number"]
    return _canonical(value, "%" if match["percent"] else _currency(match))


def _currency(match: re.Match[str]) -> str:
    before, after = (match["before"] or "").strip().lower(), (match["after"] or "").lower()
    return _CURRENCIES.get(before) or _CURRENCIES.get(after, "")


def _meant(match: re.Match[str], *, row: bool) -> Decimal | None:
    """The number with its sign and scale; None: it is no number."""
    written, currency = match["number"], _currency(match)
    value = _value(written)
    if value is None:
        return None
    if match["scale"]:
        value *= _SCALES[match["scale"].lower()]
    if match["money_scale"] and currency:
        value *= _MONEY_SCALES[match["money_scale"].lower()]
    closed = match["open"] and (match["close"] or match["late_close"])
    # A bare (1936) in a sentence is a remark; bookkeepers' losses have more to them, or stand in a table.
    loss = closed and (row or currency or match["percent"] or not written.isdecimal())
    return -value if match["sign"] or match["inner"] or loss else value


def _in_words(text: str) -> Iterator[str]:
    for match in _IN_WORDS.finditer(text):
        scales = (match["scale"] or "").lower().split()
        word, tens = (match["word"] or "").lower(), (match["tens"] or "").lower()
        if not (word or tens or scales):
            continue
        value = Decimal(_WORDS[word or tens] if word or tens else 1) + _WORDS.get((match["unit"] or "").lower(), 0)
        for scale in scales:
            value *= _SCALES[scale]
        currency = _CURRENCIES.get((match["after"] or "").lower(), "")
        yield _canonical(-value if match["sign"] else value, "%" if match["percent"] else currency)


def _value(written: str) -> Decimal | None:
    groups = re.split(f"[{_SEPARATORS}]", written)
    thousands = len(groups) > 1 and all(len(group.split(".")[0]) == 3 for group in groups[1:])  # noqa: PLR2004
    try:
        return Decimal("".join(groups) if thousands else written.replace(",", "."))
    except InvalidOperation:
        return None


def _canonical(value: Decimal, unit: str) -> str:
    # `normalize` alone would write 1E+2, and keep the sign of nothing.
    return f"{format((value or Decimal(0)).normalize(), 'f')}{unit}"
