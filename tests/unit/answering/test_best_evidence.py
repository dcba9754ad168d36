"""How much a chat model is believed beside the evidence (the parameter ChatEvidenceShare), and what is evidence."""

import pytest

from docqa.domain.evidence import best_quotes, find_evidence
from docqa.domain.question_terms import QuestionTerms
from docqa.models.chunk import Chunk, ScoredChunk
from docqa.services.answering import Answering
from tests.unit.answering.library import Library, says

FEES = "A landing costs 12 euros for aeroplanes. Microlights land for 6 euros. The café closes at 16:00."
QUESTION = "What does a landing cost for microlights?"
PLAUSIBLE_AND_WRONG = "A landing costs 12 euros for microlights. [1]"


class StrictLibrary(Library):
    """Believes a model only where it rests on the best sentence."""

    def answering(self, chat: object = None) -> Answering:
        service = super().answering(chat)  # type: ignore[arg-type]
        service._evidence_share = 1.0
        return service


@pytest.mark.parametrize(("library", "model"), [(Library(), "scripted"), (StrictLibrary(), None)])
def test_a_share_of_one_lets_a_model_write_only_about_the_best_sentence(library: Library, model: str | None) -> None:
    library.add("fees", FEES)

    answer = library.ask(QUESTION, chat=says(PLAUSIBLE_AND_WRONG)).answer

    assert answer.model == model
    assert ("Microlights land for 6 euros." in [citation.quote for citation in answer.citations]) == (model is None)


def passage(text: str, *headings: str, score: float = 1.0, ordinal: int = 0) -> ScoredChunk:
    return ScoredChunk(Chunk(ordinal, 1, 0, len(text), text, headings), "d", 1, "Kestrel Hill Handbook", score=score)


def quotes(question: str, *passages: ScoredChunk) -> list[str]:
    return [one.text for one in best_quotes(find_evidence(QuestionTerms(question, passages), passages))]


def test_a_heading_is_not_quoted_where_something_is_said() -> None:
    text = "# Kestrel Hill Handbook\n\nDamage is reported to Ingrid Halloran."

    found = quotes("To whom is damage reported in the Kestrel Hill handbook?", passage(text))

    assert found == ["Damage is reported to Ingrid Halloran."]


def test_naming_the_document_again_is_no_evidence() -> None:
    text = "Kestrel Hill is not a real club. Damage is reported to Ingrid Halloran."

    found = quotes("To whom is damage reported at Kestrel Hill?", passage(text))

    assert found[0] == "Damage is reported to Ingrid Halloran."
