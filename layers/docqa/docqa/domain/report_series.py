"""Reports that come again and again: which titles differ in their period alone, which is the newest, which are meant.

All reports of a series say the same things, so words cannot tell which one a question means. `The latest 10-Q` means
the newest; `how has it changed over time` means all of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest

from docqa.models.chunk import ScoredChunk

# Passages by which it is told what series a question is about: as many as are answered from.
_LEADING = 8

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = "|".join(_MONTHS)
_DAY = re.compile(rf"\b({_MONTH}) (\d{{1,2}}), ?((?:19|20)\d\d)\b", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})\.? ({_MONTH}) ((?:19|20)\d\d)\b", re.IGNORECASE)
_ISO_DAY = re.compile(r"\b((?:19|20)\d\d)-(\d\d)(?:-(\d\d))?\b")
_QUARTER = re.compile(r"\b(?:((?:19|20)\d\d)[ -]?Q([1-4])|Q([1-4])[ -]?((?:19|20)\d\d))\b", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
# What tells a period, and nothing else: 10-K and 10-Q, or the X200 and the X300, are no reports of one series.
_OF_A_PERIOD = re.compile(
    "|".join(one.pattern for one in (_DAY, _DAY_FIRST, _ISO_DAY, _QUARTER))
    + rf"|\bQ[1-4]\b|{_YEAR.pattern}|\b(?:{_MONTH})\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")

_LATEST = re.compile(r"\b(latest|most recent|newest)\b", re.IGNORECASE)
_NAMED_PERIOD = re.compile(
    r"\b(?:19|20)\d\d\b|\bQ[1-4]\b|\b[1-4]Q\b|\bFY ?[\u2019']?\d\d|\b(?:first|second|third|fourth|1st|2nd|3rd|4th)[ -]"
    r"(?:fiscal[ -])?quarter\b",
    re.IGNORECASE,
)
_PERIODS = r"(?:years|quarters|periods|reports|filings|months|10-?[KQ]s)"
_OVER_TIME = re.compile(
    rf"\bover time\b|\bover the (?:\w+ )?(?:{_PERIODS}|period)\b"
    rf"|\b(?:across|between) (?:the |these |all |those )?(?:\w+ )?{_PERIODS}\b"
    rf"|\b(?:previous|prior|past|last few|these|those|all|reported|reporting) {_PERIODS}\b"
    r"|\b(?:each|every) (?:reported |reporting |fiscal )?(?:year|quarter|period|report|filing|month)\b"
    r"|\btrends?\b|\bfluctuat\w+|\byear[ -](?:over|on|to)[ -]year\b|\bquarter[ -](?:over|on|to)[ -]quarter\b"
    r"|\bhistorical(?:ly)?\b",
    re.IGNORECASE,
)

Day = tuple[int, int, int]


def asks_for_the_newest(question: str) -> bool:
    """Whether the question means the newest of what comes again and again, and names no period itself."""
    return bool(_LATEST.search(question)) and not _NAMED_PERIOD.search(question)


def asks_over_time(question: str) -> bool:
    """Whether the question is about several periods without naming them."""
    return bool(_OVER_TIME.search(question)) and not _NAMED_PERIOD.search(question)


@lru_cache(2_000)
def series_of(title: str) -> tuple[str, ...]:
    """What titles of a series have in common: their words but for dates; empty: it names no period."""
    if period_end(title) is None:
        return ()
    return tuple(sorted({word.lower() for word in _WORD.findall(_OF_A_PERIOD.sub(" ", title))}))


@lru_cache(2_000)
def period_end(title: str) -> Day | None:
    """Year, month and day that a title names, for telling which is the newer; None: it names none."""
    if found := _DAY.search(title):
        return int(found[3]), 1 + _MONTHS.index(found[1].lower()), int(found[2])
    if found := _DAY_FIRST.search(title):
        return int(found[3]), 1 + _MONTHS.index(found[2].lower()), int(found[1])
    if found := _ISO_DAY.search(title):
        return int(found[1]), int(found[2]), int(found[3] or 0)
    if found := _QUARTER.search(title):
        return int(found[1] or found[4]), 3 * int(found[2] or found[3]), 0
    years = [int(year) for year in _YEAR.findall(title)]
    return (max(years), 0, 0) if years else None


def newest_of_series(titles: Iterable[str]) -> dict[str, bool]:
    """By title, for titles of a series of at least two periods: whether it is the newest one."""
    by_series: dict[tuple[str, ...], dict[str, Day]] = defaultdict(dict)
    for title in titles:
        day = period_end(title)
        if day is not None and series_of(title):
            by_series[series_of(title)][title] = day
    return {
        title: day == max(days.values())
        for days in by_series.values()
        if len(set(days.values())) > 1
        for title, day in days.items()
    }


def spread_over_series(question: str, ranked: Sequence[ScoredChunk]) -> list[ScoredChunk]:
    """The passages in the order in which they are answered from: of each report in turn, where all of them are meant.

    Args:
        question: As asked.
        ranked: Best first.
    """
    if not asks_over_time(question):
        return list(ranked)
    told: dict[tuple[str, ...], float] = defaultdict(float)
    for one in ranked[:_LEADING]:
        told[series_of(one.title)] += one.score
    # What is in no series has a say too: a question about leave "each year" means no minutes.
    leading = max(told, key=told.__getitem__, default=())
    reports: dict[tuple[str, int], list[ScoredChunk]] = defaultdict(list)
    for one in ranked:
        if leading and series_of(one.title) == leading:
            reports[one.document_id, one.generation].append(one)
    if len(reports) < 2:  # noqa: PLR2004 - one report is no series
        return list(ranked)
    in_turn = [one for turn in zip_longest(*reports.values()) for one in turn if one is not None]
    taken = {one.key for one in in_turn}
    return [*in_turn, *(one for one in ranked if one.key not in taken)]
