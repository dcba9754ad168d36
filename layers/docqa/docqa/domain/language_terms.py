"""The terms of a text by the rules of its language: its common words left out, its endings taken off.

Light stemming, as search engines do it for these languages: it only has to fold question and passage alike. The index
stems by OpenSearch's own analyzers; here the sentences of what it found are compared with the question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from docqa.domain.languages import COMMON_WORDS
from docqa.domain.terms import fold, spelled, terms

_SHORTEST_STEM = 3
# Longest first: the first that fits is replaced. Plurals and cases, then gender.
_ENDINGS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "de": (("innen", ""), ("ern", ""), ("em", ""), ("en", ""), ("er", ""), ("es", ""), ("e", ""), ("n", "")),
    "fr": (("eaux", "eau"), ("aux", "al"), ("ees", ""), ("es", ""), ("ee", ""), ("s", ""), ("x", ""), ("e", "")),
    "es": (("ces", "z"), ("es", ""), ("as", ""), ("os", ""), ("s", ""), ("a", ""), ("o", ""), ("e", "")),
    "it": (("chi", "c"), ("che", "c"), ("ghi", "g"), ("ghe", "g"), ("a", ""), ("e", ""), ("i", ""), ("o", "")),
    "pt": (("oes", "a"), ("aes", "a"), ("ao", "a"), ("ais", "al"), ("eis", "el"), ("ns", "m"), ("es", ""), ("as", ""),
           ("os", ""), ("s", ""), ("a", ""), ("o", ""), ("e", "")),
    "nl": (("heden", "heid"), ("en", ""), ("es", ""), ("s", ""), ("e", "")),
}  # fmt: skip
# German genitives and plurals in -s, as the UniNE stemmer takes them: `Haus` keeps its own.
_GERMAN_S = re.compile(r"(?<=[bdfghklmnrt])s$")
# `l'article`, `dell'azienda`: the article goes, the noun stays. Before the fold, which keeps what English has in front.
_ELISION = re.compile(r"^[^\W\d_]{1,7}[\u2019'](?=[^\W\d_]{2})")


def terms_in(language: str, text: str) -> list[str]:
    """The content words and numbers of a text, stemmed, in order.

    Args:
        language: As `language_of` names it; empty: by the rules for English.
        text: To be taken apart.
    """
    if not language:
        return terms(text)
    return [term for word in spelled(text) if (term := _term(language, word))]


@lru_cache(50_000)
def _term(language: str, word: str) -> str:
    folded = fold(_ELISION.sub("", word))
    if folded in COMMON_WORDS[language]:
        return ""
    return folded if folded[0].isdigit() or not folded.isascii() else _stem(language, folded)


def _stem(language: str, word: str) -> str:
    if language == "de" and len(word) > _SHORTEST_STEM + 1:
        word = _GERMAN_S.sub("", word)
    for ending, instead in _ENDINGS[language]:
        if word.endswith(ending) and len(word) - len(ending) + len(instead) >= _SHORTEST_STEM:
            word = word.removesuffix(ending) + instead
            break
    # Dutch doubles consonants before an ending: `bommen`, `bom`.
    doubled = language == "nl" and len(word) > _SHORTEST_STEM and word[-1] == word[-2]
    return word[:-1] if doubled else word
