"""Whether letters make a language: a font without a usable Unicode table gives letters that do not.

No word list, so that no language is left out: the languages that are written with Latin letters use the same few of
them most of the time, and plain letters more often than accented ones. Text whose letters are exchanged
(`Wkh dlufudiw`) is far from that, and so is text whose bytes were read in a wrong alphabet (`Ïðèâåò`). Texts in other
alphabets are not judged: their garbage shows in characters without meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log2
from unicodedata import normalize

# How often each letter comes in a thousand, mean of 22 languages (Afrikaans, Catalan, Czech, Danish, Dutch, English,
# Esperanto, Finnish, French, German, Irish, Italian, Latvian, Norwegian, Polish, Portuguese, Slovak, Spanish, Swedish,
# Turkish, Vietnamese, counted in the messages of the editor Vim), accents taken off.
_PER_THOUSAND = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        (93, 15, 27, 36, 134, 19, 23, 20, 84, 6, 25, 45, 30, 81, 67, 24, 1, 65, 52, 64, 37, 21, 7, 3, 11, 10),
        strict=True,
    )
)
_LOG_SHARE = {letter: log2(count / 1000) for letter, count in _PER_THOUSAND.items()}

# Fewer letters say nothing sure.
ENOUGH_LETTERS = 200
# Bits a letter. Stretches of 300 letters of each of the languages, measured against the mean of the others, lie above
# -4.7 (Polish: -4.9, as one of them -4.6), pages of real files above -4.5, and 97 % of exchanged alphabets below -4.75.
IMPLAUSIBLE = -4.75
# A quarter of Vietnamese is accented, of every other language less.
MOST_ACCENTED = 0.5


def is_implausible(characters: Mapping[str, int]) -> bool:
    """Whether the Latin letters of a text can be no language's, given how often each character comes in it."""
    letters, accented, judged, bits = 0, 0, 0, 0.0
    for character, count in characters.items():
        plain = normalize("NFD", character)[0].lower()
        if plain in _LOG_SHARE:
            judged += count
            bits += count * _LOG_SHARE[plain]
        elif not _is_latin(character):
            continue
        letters += count
        accented += 0 if character.isascii() else count
    if letters < ENOUGH_LETTERS:
        return False
    return accented > MOST_ACCENTED * letters or bits < IMPLAUSIBLE * judged


def _is_latin(character: str) -> bool:
    """Of those without a plain letter below them: \u00f0, \u00fe, \u00f8, \u00df, \u0111."""
    return "\u00c0" <= character <= "\u024f" and character.isalpha()
