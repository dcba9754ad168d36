"""Numbers and dates as a spreadsheet shows them, from its number formats (ECMA-376 part 1, 18.8.30 and 18.8.31).

Colours, padding and fill characters are not shown; fractions and scientific notation come out as plain numbers.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

_GENERAL = "general"
# Excel shows eleven significant digits in a wide cell without a format.
_GENERAL_DIGITS = 11
_PLAIN_BELOW = 10**_GENERAL_DIGITS
_LITERALS = r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]'
_LITERAL = re.compile(_LITERALS)
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]*,*)?|\.[#0?]+,*")
_TOKEN = re.compile(f"(?P<literal>{_LITERALS})|(?P<digits>{_DIGITS.pattern})|.")
_CONDITION = re.compile(r"\s*\[[<>=]")
_ZERO = 2
# Shown in the order of the reader's own country.
_OWN_ORDER = "mm-dd-yy"
_THOUSANDS = re.compile(r"[#0?],[#0?]")
_NOON = 12
_DATE_PARTS = re.compile(r"am/pm|a/p|y+|m+|d+|h+|s+(?:\.0+)?", re.IGNORECASE)
_MONTH_NAME, _WEEKDAY_SHORT, _LONG = 3, 3, 4

Shown = str | int | float | bool | Decimal | datetime | date | time | timedelta


def shown(value: Shown, number_format: str) -> str:
    """A cell's value as it is shown."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int) and number_format == "General" and abs(value) < _PLAIN_BELOW:
        return str(value)
    if isinstance(value, int | float | Decimal):
        return _shown_number(value, number_format)
    return _shown_duration(value) if isinstance(value, timedelta) else _shown_date(value, number_format)


def _shown_number(value: float | Decimal, number_format: str) -> str:
    number = Decimal(str(value))
    if not number.is_finite():
        return str(value)
    sections = _sections(number_format)
    section = _section(sections, number)
    bare = _LITERAL.sub("", section)
    digits = _DIGITS.search(bare)
    if bare.strip().lower() in ("", _GENERAL, "@") or "E" in bare or "/" in bare:
        return _general(number)
    if number < 0 and section is not sections[0]:
        # The section itself says how it shows the sign.
        number = -number
    number *= Decimal(100) ** bare.count("%")
    if digits:
        # Commas behind the last digit divide by a thousand each.
        number /= Decimal(1000) ** (len(digits[0]) - len(digits[0].rstrip(",")))
    return _filled_in(section, number)


def _filled_in(section: str, number: Decimal) -> str:
    """The section with the number in the place of its first digit signs, and the sign before all."""
    parts: list[str] = []
    digits = ""
    for token in _TOKEN.finditer(section):
        if token["digits"]:
            parts.append("" if digits else _fixed(abs(number), token["digits"].rstrip(",")))
            digits = digits or token["digits"]
        else:
            parts.append(_said(token) if token["literal"] else token[0])
    negative = number < 0 and any(one in "123456789" for one in "".join(parts))
    return ("-" if negative else "") + "".join(parts).strip()


def _fixed(number: Decimal, digits: str) -> str:
    whole, _, decimals = digits.partition(".")
    places, least = len(decimals), decimals.count("0")
    try:
        rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return _general(number)
    text = f"{rounded:,f}" if _THOUSANDS.search(whole) else f"{rounded:f}"
    if places > least and "." in text:
        head, _, tail = text.partition(".")
        tail = tail[:least] + tail[least:].rstrip("0")
        text = f"{head}.{tail}" if tail else head
    head, dot, tail = text.partition(".")
    if not rounded and "0" not in digits:
        return ""
    return f"{head.rjust(whole.count('0'), '0')}{dot}{tail}"


def _general(number: Decimal) -> str:
    """As many digits as a wide cell shows."""
    exponent = number.adjusted()
    if number and abs(number) < 1:
        exponent = 0
    places = max(_GENERAL_DIGITS - 1 - exponent, 0)
    try:
        text = f"{number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):f}"
    except InvalidOperation:
        return str(number)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _section(sections: list[str], number: Decimal) -> str:
    """The part of a format that is for numbers of this sign: positive; negative; zero; text."""
    if any(_CONDITION.match(section) for section in sections) or len(sections) == 1:
        return sections[0]
    if number < 0:
        return sections[1]
    return sections[_ZERO] if number == 0 and len(sections) > _ZERO and sections[_ZERO] else sections[0]


@lru_cache(maxsize=256)
def _sections(number_format: str) -> list[str]:
    sections, quoted, start = list[str](), False, 0
    for place, character in enumerate(number_format):
        if character == '"':
            quoted = not quoted
        elif character == ";" and not quoted:
            sections.append(number_format[start:place])
            start = place + 1
    return [*sections, number_format[start:]]


def _said(literal: re.Match[str]) -> str:
    """What a literal shows: quoted text, the character behind a backslash, the sign of a currency."""
    return literal["quoted"] or literal["escaped"] or literal["currency"] or ""


def _shown_date(value: datetime | date | time, number_format: str) -> str:
    """Day and time by name and order of the format; ISO 8601 where the format tells neither."""
    section = _LITERAL.sub(lambda found: _said(found) if len(_said(found)) == 1 else "", _sections(number_format)[0])
    parts = _DATE_PARTS.findall(section)
    if not parts or section.strip().lower() in (_GENERAL, _OWN_ORDER):
        return _iso(value)
    half_day = any("/" in part for part in parts)
    out, position, before = "", 0, ""
    for found in _DATE_PARTS.finditer(section):
        part = found[0].lower()
        out += section[position : found.start()]
        minutes = part[0] == "m" and (before[:1] == "h" or _next(section, found.end())[:1] == "s")
        out += _date_part(value, part, half_day=half_day, minutes=minutes)
        position, before = found.end(), part
    return (out + section[position:]).replace("@", "").replace(";", "").strip()


def _iso(value: datetime | date | time) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat()


def _next(section: str, position: int) -> str:
    found = _DATE_PARTS.search(section, position)
    return found[0].lower() if found else ""


def _date_part(value: datetime | date | time, part: str, *, half_day: bool, minutes: bool) -> str:
    kind, width = part[0], min(len(part.split(".", maxsplit=1)[0]), 2)
    clock = _clock(value)
    if "/" in part:
        return "AM" if clock.hour < _NOON else "PM"
    hour = (clock.hour - 1) % _NOON + 1 if half_day else clock.hour
    figures = {"h": hour, "s": clock.second, "m": clock.minute}
    if kind in "hs" or minutes:
        return f"{figures[kind]:0{width}d}"
    return "" if isinstance(value, time) else _day_part(value, kind, len(part))


def _day_part(value: date, kind: str, length: int) -> str:
    if kind == "y":
        return f"{value.year:04d}" if length >= _MONTH_NAME else f"{value.year % 100:02d}"
    if kind == "m" and length >= _MONTH_NAME:
        return value.strftime("%B" if length >= _LONG else "%b")
    if kind == "d" and length >= _WEEKDAY_SHORT:
        return value.strftime("%A" if length >= _LONG else "%a")
    return f"{value.month if kind == 'm' else value.day:0{length}d}"


def _clock(value: datetime | date | time) -> time:
    if isinstance(value, time):
        return value
    return value.time() if isinstance(value, datetime) else time()


def _shown_duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
