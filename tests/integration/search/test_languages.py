"""Documents in other languages than English, asked of a real OpenSearch: their words are found in other forms."""

from __future__ import annotations

import pytest
from opensearchpy import OpenSearch

from docqa.adapters.opensearch_index import OpenSearchChunkIndex
from docqa.adapters.opensearch_search import OpenSearchChunkSearch, lexical_request
from docqa.adapters.opensearch_setup import LANGUAGE_ANALYZERS, OpenSearchIndexSetup
from docqa.domain.languages import COMMON_WORDS
from docqa.models.access import Principal
from docqa.models.chunk import Chunk, IndexedChunk
from docqa.ports.search import SearchQuery

ANA = Principal("acme", "ana")
DIMENSIONS = 2
# Of each language one that answers its question in another form of the word, and one that does not.
TEXTS = {
    "de answers": "Die Mieter müssen ihre Wohnungen im Winter beheizen, und der Hausmeister prüft das jeden Monat.",
    "de other": "Der Hausmeister ist an jedem Werktag von acht bis zehn Uhr in seinem Büro zu erreichen.",
    "fr answers": "Les locataires doivent entretenir les chaudières, et le gardien vérifie les compteurs tous les ans.",
    "fr other": "Le gardien est dans son bureau tous les jours, de huit heures à dix heures, sauf le dimanche.",
    "es answers": "Los inquilinos deben pagar las reparaciones pequeñas, y el dueño se ocupa de las más grandes.",
    "es other": "El portero está en su oficina todos los días, de las ocho a las diez, menos los domingos.",
    "it answers": "Gli inquilini devono pulire le scale, e il portiere controlla i contatori una volta per ogni anno.",
    "it other": "Il portiere è nel suo ufficio tutti i giorni, dalle otto alle dieci, ma non la domenica.",
    "pt answers": "Os inquilinos devem limpar as escadas, e o porteiro verifica os contadores uma vez por ano.",
    "pt other": "O porteiro está no seu gabinete todos os dias, das oito às dez, mas não aos domingos.",
    "nl answers": "De huurders moeten hun woningen in de winter verwarmen, en de huismeester kijkt dat elke maand na.",
    "nl other": "De huismeester is op elke werkdag van acht tot tien uur in zijn kantoor te vinden.",
    "en answers": "Tenants must heat their flats in winter, and the caretaker checks this every month.",
    "en other": "The caretaker is in his office on every working day from eight to ten.",
}
QUESTIONS = {
    "de": "Wer muss die Wohnung heizen und was wird beheizt?",
    "fr": "Qui est responsable de la chaudière et du compteur ?",
    "es": "¿Quién paga la reparación pequeña de un inquilino?",
    "it": "Chi pulisce la scala e il contatore?",
    "pt": "Quem é que limpa a escada e o contador?",
    "nl": "Wie moet de woning van een huurder verwarmen?",
    "en": "Which tenant heats a flat?",
}


@pytest.fixture(scope="module")
def index(client: OpenSearch) -> str:
    setup = OpenSearchIndexSetup(client)
    name = setup.name(DIMENSIONS, "languages")
    setup.create(name, DIMENSIONS)
    fill(client, name)
    return name


def fill(client: OpenSearch, name: str) -> None:
    index = OpenSearchChunkIndex(client, name, lambda _: None, lambda: 0.0)
    index.write([_chunk(document, text) for document, text in TEXTS.items()])
    index.refresh()


def _chunk(document: str, text: str) -> IndexedChunk:
    chunk = Chunk(0, 1, 0, len(text), text)
    return IndexedChunk(chunk, document, 1, "acme", "House rules", frozenset({"tenant"}), 1, (1.0, 0.0))


def by_words(client: OpenSearch, index: str, question: str) -> list[str]:
    """Documents that the question's words find, best first."""
    found = OpenSearchChunkSearch(client).search(SearchQuery(question, [1.0, 0.0], ANA, index=index), 20)
    with_words = [one for one in found if one.lexical is not None]
    return [one.document_id for one in sorted(with_words, key=lambda one: -(one.lexical or 0.0))]


def test_every_language_that_is_told_has_an_analyzer_and_each_is_in_this_opensearch(client: OpenSearch) -> None:
    assert set(LANGUAGE_ANALYZERS) == set(COMMON_WORDS)
    for analyzer in LANGUAGE_ANALYZERS.values():
        assert client.indices.analyze(body={"analyzer": analyzer, "text": "Haus"})["tokens"]


@pytest.mark.parametrize("language", QUESTIONS)
def test_a_word_is_found_in_another_form_of_its_language(client: OpenSearch, index: str, language: str) -> None:
    assert by_words(client, index, QUESTIONS[language])[0] == f"{language} answers"


def test_the_language_finds_what_english_stems_do_not(client: OpenSearch, index: str) -> None:
    """Singular and plural of one noun: `Wohnung`, `Wohnungen`; the question's other words stand nowhere."""
    question = "Wann ist eine Wohnung frei?"
    body = lexical_request(SearchQuery(question, [], ANA, index=index), {"match_all": {}}, 20)
    fields = body["query"]["bool"]["must"][0]["dis_max"]["queries"][0]["multi_match"]["fields"]
    in_english = {"query": {"match": {"text": "Wohnung"}}}
    in_german = {"query": {"match": {"words.de": "Wohnung"}}}

    assert "words.de" in fields
    assert _hits(client, index, in_english) == []
    assert _hits(client, index, in_german) == ["de answers"]


def test_english_is_asked_and_kept_as_ever(client: OpenSearch, index: str) -> None:
    body = lexical_request(SearchQuery(QUESTIONS["en"], [], ANA, index=index), {"match_all": {}}, 20)
    fields = body["query"]["bool"]["must"][0]["dis_max"]["queries"][0]["multi_match"]["fields"]

    assert fields == ["text", "headings^0.5", "header^0.5"]
    assert set(_hits(client, index, {"query": {"exists": {"field": "words.de"}}})) == {"de answers", "de other"}
    assert not _hits(client, index, {"query": {"match": {"words.de": "caretaker"}}})


def test_the_text_is_kept_once(client: OpenSearch, index: str) -> None:
    hits = client.search(index=index, body={"query": {"match_all": {}}, "size": 20})["hits"]["hits"]

    assert len(hits) == len(TEXTS)
    assert not [hit for hit in hits if "words" in hit["_source"]]


def test_an_index_of_an_earlier_mapping_is_asked_and_takes_the_new_field(client: OpenSearch, index: str) -> None:
    """Promise 15: documents stay askable while a new mapping takes over."""
    earlier = client.indices.get_mapping(index=index)[index]["mappings"]
    del earlier["properties"]["words"]
    analysis = client.indices.get_settings(index=index)[index]["settings"]["index"]["analysis"]
    name = "docqa-chunks-v3-2-earlier"
    client.indices.create(
        index=name, body={"settings": {"index": {"knn": True, "analysis": analysis}}, "mappings": earlier}
    )

    assert by_words(client, name, QUESTIONS["de"]) == []
    assert OpenSearchIndexSetup(client).extend(name, DIMENSIONS)
    fill(client, name)

    assert by_words(client, name, QUESTIONS["de"])[0] == "de answers"


def _hits(client: OpenSearch, index: str, body: dict[str, object]) -> list[str]:
    hits = client.search(index=index, body={"size": 20, **body})["hits"]["hits"]
    return [hit["_source"]["document_id"] for hit in hits]
