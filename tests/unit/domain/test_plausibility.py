"""Letters of a language are told from letters of nothing."""

# ruff: noqa: RUF001 - texts in other alphabets

from __future__ import annotations

import random
import string
from collections import Counter

import pytest

from docqa.domain.plausibility import ENOUGH_LETTERS, is_implausible

# The first article of the Universal Declaration of Human Rights, as the United Nations publish it.
ARTICLES = {
    "English": "All human beings are born free and equal in dignity and rights. They are endowed with reason and "
    "conscience and should act towards one another in a spirit of brotherhood.",
    "German": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen "
    "begabt und sollen einander im Geist der Brüderlichkeit begegnen.",
    "French": "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et "
    "de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
    "Spanish": "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón "
    "y conciencia, deben comportarse fraternalmente los unos con los otros.",
    "Polish": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni "
    "rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa.",
    "Czech": "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím a "
    "mají spolu jednat v duchu bratrství.",
    "Turkish": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve "
    "birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler.",
    "Finnish": "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu "
    "järki ja omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden hengessä.",
    "Hungarian": "Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Az emberek, ésszel és "
    "lelkiismerettel bírván, egymással szemben testvéri szellemben kell hogy viseltessenek.",
    "Vietnamese": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con người đều được "
    "tạo hóa ban cho lý trí và lương tâm và cần phải đối xử với nhau trong tình bằng hữu.",
    "Swahili": "Watu wote wamezaliwa huru, hadhi na haki zao ni sawa. Wote wamejaliwa akili na dhamiri, hivyo yapasa "
    "watendeane kindugu.",
    "Indonesian": "Semua orang dilahirkan merdeka dan mempunyai martabat dan hak-hak yang sama. Mereka dikaruniai akal "
    "dan hati nurani dan hendaknya bergaul satu sama lain dalam semangat persaudaraan.",
    "Russian": "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью "
    "и должны поступать в отношении друг друга в духе братства.",
    "Greek": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "Japanese": "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
}
LATIN = [name for name in ARTICLES if name not in ("Russian", "Greek", "Japanese")]


def judged(text: str) -> bool:
    """The verdict on a page that has the text several times."""
    return is_implausible(Counter(text * 3))


@pytest.mark.parametrize("language", ARTICLES)
def test_languages_are_believed(language: str) -> None:
    assert not judged(ARTICLES[language])
    assert not judged(ARTICLES[language].upper())


@pytest.mark.parametrize("language", LATIN)
def test_exchanged_letters_are_not_believed(language: str) -> None:
    """Of forty alphabets in which each letter stands for another, most are noticed; accented ones stay as they are."""
    shuffler = random.Random(language)
    noticed = 0
    for _ in range(40):
        other = shuffler.sample(string.ascii_lowercase, 26)
        exchanged = ARTICLES[language].lower().translate(str.maketrans(string.ascii_lowercase, "".join(other)))
        noticed += judged(exchanged)

    assert noticed >= 28


def test_bytes_read_in_a_wrong_alphabet_are_not_believed() -> None:
    assert judged(ARTICLES["Russian"].encode("cp1251").decode("cp1252"))
    assert judged(ARTICLES["Greek"].encode("cp1253").decode("cp1252", "ignore"))


def test_few_letters_say_nothing() -> None:
    assert not is_implausible(Counter("zxq" * (ENOUGH_LETTERS // 3)))
