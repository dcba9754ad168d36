from __future__ import annotations

import pytest

from docqa.domain.evidence import best_quotes, find_evidence
from docqa.domain.language_terms import terms_in
from docqa.domain.languages import language_of
from docqa.domain.question_terms import QuestionTerms
from docqa.domain.terms import terms
from docqa.models.chunk import Chunk, ScoredChunk


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wie hoch ist die Kaution?", "de"),
        ("Die Kündigungsfrist beträgt drei Monate zum Ende eines Quartals.", "de"),
        ("Quelle est la durée du contrat ?", "fr"),
        ("Qui a fondé l'entreprise ?", "fr"),
        ("¿Quién fundó la empresa?", "es"),
        ("Quanto costa il biglietto?", "it"),
        ("Qual é a duração do contrato?", "pt"),
        ("Hoe lang duurt het contract?", "nl"),
        ("How long is the runway?", ""),
        ("What does de facto mean in the law of the European Union?", ""),
        ("Who was Otto von Bismarck?", ""),
        ("Who is the president of Banco de Chile?", ""),
        ("President of Banco de Chile", ""),
        ("Price of Eau de Toilette", ""),
        ("Brochier et al. 2002; Daubin et al. 2002", ""),
        ("Runway 07/25, 640 m", ""),
        ("Какова длина взлётной полосы?", ""),
        ("", ""),
    ],
)
def test_common_words_tell_the_language_or_nothing_does(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "Wohnung", "Wohnungen"),
        ("de", "Haus", "Häuser"),
        ("de", "des Vertrags", "Vertrag"),
        ("fr", "l'aérodrome", "aérodromes"),
        ("fr", "journal", "les journaux"),
        ("es", "reparación", "las reparaciones"),
        ("es", "luz", "luces"),
        ("it", "dell'azienda", "aziende"),
        ("it", "contratto", "contratti"),
        ("pt", "informação", "informações"),
        ("pt", "jornal", "jornais"),
        ("nl", "woning", "de woningen"),
        ("nl", "bom", "bommen"),
    ],
)
def test_forms_of_a_word_meet(language: str, one: str, other: str) -> None:
    assert terms_in(language, one) == terms_in(language, other) != []


@pytest.mark.parametrize("text", ["Tenants' flats were heated in 2021.", "Is the R&D of AMAZON.COM 1,200 strong?"])
def test_english_is_read_as_ever(text: str) -> None:
    assert terms_in("", text) == terms(text)


def test_numbers_are_numbers_in_every_language() -> None:
    assert terms_in("de", "Die Miete ist 1200 Euro") == ["miet", "1200", "euro"]


def test_the_sentence_that_answers_is_found_in_other_forms_of_the_questions_words() -> None:
    text = (
        "Der Hausmeister ist an jedem Werktag im Büro. Die Wohnungen werden ab Oktober beheizt. "
        "Wer auszieht, gibt die Schlüssel zurück."
    )
    found = [ScoredChunk(Chunk(0, 1, 0, len(text), text), "a", 1, "Hausordnung", 1.0, 0.5, 1.0)]

    evidence = find_evidence(QuestionTerms("Ab wann wird die Wohnung beheizt?", found), found)

    assert best_quotes(evidence, 1)[0].text == "Die Wohnungen werden ab Oktober beheizt."
