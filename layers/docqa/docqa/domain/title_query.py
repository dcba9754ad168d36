"""What a question says about the document it means: names, years, quarters and forms, as titles spell them."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What a title has in common with a question says which document is meant, and more so where the question names a
# period or a form: reports of many companies and years say the same things.
TITLE_BOOST = 2.0
TITLE_BOOST_OF_REPORTS = 4.0

_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_QUARTER_IN_WORDS = re.compile(rf"\b({'|'.join(_ORDINALS)})[ -](?:fiscal[ -])?quarter\b", re.IGNORECASE)
_SHORT_YEAR = re.compile(r"\bFY ?[\u2019']?(\d{2})\b", re.IGNORECASE)
_NAMES_A_REPORT = re.compile(
    r"\b(FY ?[\u2019']?(\d{2}){1,2}|[1-4]?Q[1-4]?[ -]?(\d{2}){0,2}|10-?[KQ]|20-?F|8-?K|fiscal|quarter(ly)?"
    r"|annual report|year ended)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TitleQuery:
    """What titles are searched for.

    Attributes:
        text: The question, and other spellings of the periods in it.
        boost: Weight of a title's score beside the text's.
    """

    text: str
    boost: float


def title_query(question: str) -> TitleQuery:
    """`third quarter of FY23` is also looked for as `Q3` and `2023`."""
    spellings = [f"Q{_ORDINALS[found[1].lower()]}" for found in _QUARTER_IN_WORDS.finditer(question)]
    spellings += [f"20{found[1]}" for found in _SHORT_YEAR.finditer(question)]
    boost = TITLE_BOOST_OF_REPORTS if means_a_report(question) else TITLE_BOOST
    return TitleQuery(" ".join((question, *spellings)), boost)


def means_a_report(question: str) -> bool:
    """Whether the question names a period or a form."""
    return bool(_NAMES_A_REPORT.search(question))
