"""Which language a text is in, told by its commonest words; no model, and no answer where they do not tell.

Only languages that are stemmed by rules of their own have a name here. Everything else, English among it, is read with
the rules for English, as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from docqa.domain.terms import words

# Common words without accents, as `words` folds them: articles, pronouns, prepositions, forms of "be" and "have", and
# what questions begin with. They carry no meaning of their own.
_ENGLISH = """
    a about after all also an and any are as at be been but by can could did do does for from had has have he her
    his how i if in into is it its may more most no not of on one only or other our she should so some such than
    that the their them then there these they this to under up was we were what when where which while who why
    will with would you
"""
COMMON_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(listed.split())
    for language, listed in {
        "de": """
            aber als am an auch auf aus bei beim bis da das dass dem den der des die dies diese diesem diesen
            dieser dieses du durch ein eine einem einen einer eines er es fur gegen hat hatte hatten ich ihr
            ihre im in ist ja kann kein keine konnen mehr mit muss nach nicht noch nur ob oder ohne sehr seit
            sich sie sind so soll uber um und uns unter vom von vor wann war waren warum was welche welchem
            welchen welcher welches wenn wer werden wie wieviel wir wird wo wurde wurden zu zum zur zwischen
        """,
        "fr": """
            a au aux avait avec c ce ces cet cette chez combien comme comment d dans de depuis des doit donc
            dont du elle elles en entre est et etaient etait etre fait il ils j je l la le les leur leurs mais n
            ne nous on ont ou par pas pendant peut plus pour pourquoi qu quand que quel quelle quelles quels qui
            quoi s sa sans se sera ses si son sont sous sur tous tout toute toutes tres un une vers vous y
        """,
        "es": """
            a al como con cual cuales cuando cuanta cuantas cuanto cuantos de debe del desde donde el ella ellos
            en entre era eran es esa ese eso esta estan estas este esto estos fue fueron ha habia han hasta hay
            la las le les lo los mas muy no o para pero por porque puede que quien se sera si sin sobre son su
            sus tambien toda todas todo todos un una unas unos y ya
        """,
        "it": """
            a ad ai al alla alle anche aveva che chi come con cosa d da dai dal dalla de degli dei del della
            delle dello deve di dove e ed era erano fra gli ha hanno i il in l la le lo loro ma molto nei nel
            nella nelle non o ogni per perche piu puo qual quale quali quando quanta quante quanti quanto questa
            queste questi questo sara se si sono stata stato su sua sul sulla suo suoi tra tutte tutti tutto un
            una uno
        """,
        "pt": """
            a ao aos as ate com como da das de desde deve do dos e em entre era eram essa esse esta estas este
            foi foram ha havia isso lhe mais mas muito na nao nas no nos o onde os ou para pela pelo pode por
            porque quais qual quando quanta quantas quanto quantos que quem sao se sem ser sera seu seus sobre
            sua suas tambem tem toda todas todo todos um uma
        """,
        "nl": """
            aan al als bij dan dat de deze die dit door een en er geen had hebben heeft het hij hoe hoeveel hun
            ik in is je kan maar meer met moet na naar niet nog of om onder ook op over sinds te tegen ten ter
            tot tussen u uit van voor waar waarom wanneer waren was wat we welke werd wie wij worden wordt ze
            zich zij zijn zonder zou
        """,
    }.items()
}
_LISTS: Mapping[str, frozenset[str]] = {"": frozenset(_ENGLISH.split()), **COMMON_WORDS}
# What a word says: little, where many languages have it.
_WEIGHTS = {
    word: 1.0 / sum(word in listed for listed in _LISTS.values()) for listed in _LISTS.values() for word in listed
}
# A language has at least so much of a text's words, and this many times what the next one has: tables and lists of
# names are in none. One word alone, however often (`et al.`, `von`), is no language.
_LEAST_SHARE = 0.12
_LEAD = 1.3
_LEAST_WORDS = 2
# Beyond this, more words make it no clearer.
_MOST_WORDS = 400


@lru_cache(2_000)
def language_of(text: str) -> str:
    """`de`, `fr`, `es`, `it`, `pt` or `nl`; empty: English, another language, or nothing that tells."""
    said = words(text)[:_MOST_WORDS]
    shares = {
        language: sum(_WEIGHTS[word] for word in said if word in listed) / max(len(said), 1)
        for language, listed in _LISTS.items()
    }
    best, next_best = sorted(shares, key=shares.__getitem__, reverse=True)[:2]
    clear = shares[best] >= max(_LEAST_SHARE, _LEAD * shares[next_best])
    return best if clear and len((_LISTS[best] - _LISTS[""]).intersection(said)) >= _LEAST_WORDS else ""
