"""Quotes are ordered by what they mean too; that decides nothing, and nobody pays or waits for it in vain."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel

from docqa.domain.confidence import evidence_features
from docqa.domain.cosines import cosine
from docqa.domain.evidence import (
    CONTENDER_MARGIN,
    MOST_CONTENDERS,
    Evidence,
    best_quotes,
    contenders,
    ordered_by_meaning,
)
from docqa.domain.pricing import tokens_usd
from docqa.domain.sentences import Span
from docqa.errors import CircuitOpenError, ConfigurationError, ServiceUnavailableError, ThrottledError
from docqa.models.answer import AnswerStatus
from docqa.models.chunk import Chunk, ScoredChunk
from docqa.models.question import Question
from docqa.models.spending import Charge, SpendingKind
from docqa.services.answering import Answering
from docqa.services.batches.kept_grounds import KeptGrounds
from docqa.services.outcomes import Answered, Grounds
from docqa.services.time_limits import GENERATION_SECONDS, ORDERING_SECONDS
from tests.fakes.answering import MeteredWordEmbeddings
from tests.fakes.ledger import InMemoryLedger
from tests.fakes.research import answers, in_turn, uses
from tests.unit.answering.library import ANA, RUNWAY, SECONDS, Library, says
from tests.unit.research.bench import Bench
from tests.unit.spending.books import costs

MODEL = "cohere.embed-english-v3"
QUESTION = "How long is the grass runway?"
# What contends for the first place with about as many of the question's words, and what does not.
BY_WORDS = "A long grass runway of 2 hectares is mown by hand."
OTHERS = ("The grass runway is 640 metres long.", "The grass runway was opened as a long one in 1936 by Amelia Hart.")
BESIDE = "Landing lights were added later."
TEXT = " ".join((OTHERS[0], OTHERS[1], BY_WORDS, BESIDE))
NEAR = OTHERS[0]
VERIFIED = "The grass runway is 640 metres long [1]."
UNVERIFIED = "The runway is 900 metres long [1]."


class SentenceModel(MeteredWordEmbeddings):
    """Has each sentence as near to every question as it is told; one token a character, of passages too.

    Attributes:
        near: Cosines by sentence; all others have 0.
        calls: The sentences of each call.
        fault: Raised for sentences, as long as it is set.
    """

    def __init__(self, texts_a_call: int = 96) -> None:
        super().__init__(MODEL, 64, texts_a_call)
        self.near: Mapping[str, float] = {}
        self.calls: list[list[str]] = []
        self.fault: Exception | None = None

    def embed_query(self, text: str) -> list[float]:
        self.embedded_tokens += len(text)
        return self._at(1.0)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.calls.append(texts)
        if self.fault is not None:
            raise self.fault
        self.embedded_tokens += sum(map(len, texts))
        # Twice as long as the question's: only the angle counts.
        return [[2 * value for value in self._at(self.near.get(text, 0.0))] for text in texts]

    def _at(self, cosine_to_questions: float) -> list[float]:
        return [cosine_to_questions, math.sqrt(1 - cosine_to_questions**2), *[0.0] * (self.dimensions - 2)]


@dataclass
class Desk:
    """A library asked with a model that embeds sentences."""

    text: str = TEXT
    model: SentenceModel = field(default_factory=SentenceModel)
    ledger: InMemoryLedger = field(default_factory=InMemoryLedger)
    refusals: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.library = Library(embeddings=self.model)
        configuration = self.library.registry.configuration
        assert configuration is not None
        self.library.registry.configuration = replace(configuration, embedding_model=MODEL)
        self.library.add("handbook", self.text)
        self.model.calls.clear()

    @property
    def deadline(self) -> float:
        return self.library.clock.now() + SECONDS

    def service(self, chat: BaseChatModel | None = None, default_usd: float | None = None) -> Answering:
        service = self.library.answering(chat, costs(self.ledger, self.library.clock, default_usd))
        service._order = replace(service._order, refused=self.refusals.append)
        return service

    def grounds(self, question: str = QUESTION, chat: BaseChatModel | None = None) -> Grounds:
        return self.service(chat).find_grounds(Question(question=question), ANA, "answer-1", self.deadline)

    def ask(self, question: str = QUESTION, chat: BaseChatModel | None = None) -> Answered:
        return self.service(chat).answer(Question(question=question), ANA, "answer-1", self.deadline)

    def by_words(self) -> Grounds:
        """What is found with a model that takes one text a call."""
        self.model.texts_a_call, kept = 1, self.model.texts_a_call
        try:
            return self.grounds()
        finally:
            self.model.texts_a_call = kept
            self.ledger.charges.clear()


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("meant", [BY_WORDS, *OTHERS])
def test_the_sentence_that_means_what_is_asked_for_is_quoted_first(desk: Desk, meant: str) -> None:
    desk.model.near = {meant: 0.9}

    answer = desk.ask().answer

    assert answer.citations[0].quote == meant
    assert [sorted(call) for call in desk.model.calls] == [sorted([BY_WORDS, *OTHERS])], "one call for all that contend"


def test_what_stands_alone_by_its_words_is_not_asked_about() -> None:
    desk = Desk(RUNWAY)
    desk.model.near = {"The aerodrome has one runway.": 0.9}

    answer = desk.ask().answer

    assert answer.citations[0].quote == "Runway 07/25 is grass and 640 metres long."
    assert desk.model.calls == []
    assert answer.usage.embedded_tokens == len(QUESTION)


def test_without_a_difference_in_meaning_the_order_is_that_of_the_words(desk: Desk) -> None:
    by_words = desk.by_words()

    grounds = desk.grounds()

    assert [(one.text, one.score) for one in grounds.evidence] == [(one.text, one.score) for one in by_words.evidence]
    assert grounds.evidence[0].text == BY_WORDS


def test_the_decision_is_made_without_it(desk: Desk) -> None:
    by_words = desk.by_words()
    desk.model.near = {NEAR: 0.9}

    grounds = desk.grounds()

    assert grounds.evidence[0].text == NEAR
    assert (grounds.confidence, grounds.features) == (by_words.confidence, by_words.features)
    assert grounds.passages == by_words.passages


def test_what_is_refused_pays_for_no_sentence(desk: Desk) -> None:
    """Promise 40: below the threshold nothing more is paid."""
    question = "Which emperor crossed the Beresina in winter?"

    answer = desk.ask(question).answer

    assert answer.status is AnswerStatus.ABSTAINED
    assert desk.model.calls == []
    assert answer.usage.embedded_tokens == len(question)


@pytest.mark.parametrize("texts_a_call", [1, 2])
def test_a_model_that_would_need_several_calls_is_not_asked(desk: Desk, texts_a_call: int) -> None:
    desk.model.near = {NEAR: 0.9}
    desk.model.texts_a_call = texts_a_call

    answer = desk.ask().answer

    assert answer.citations[0].quote == BY_WORDS
    assert desk.model.calls == []
    assert answer.usage.embedded_tokens == len(QUESTION)


@pytest.mark.parametrize(
    "fault",
    [ThrottledError("slow down"), ServiceUnavailableError("down"), CircuitOpenError("alone"), ConfigurationError("no")],
)
def test_a_model_that_is_away_fails_no_question(desk: Desk, fault: Exception) -> None:
    """Promise 39: the order of the words stands, and only a refusal is told, which an operator can mend."""
    by_words = desk.by_words()
    desk.model.near = {NEAR: 0.9}
    desk.model.fault = fault

    grounds = desk.grounds()

    assert len(desk.model.calls) == 1
    assert grounds.evidence == by_words.evidence
    assert grounds.usage.embedded_tokens == len(QUESTION)
    assert desk.refusals == ([fault] if isinstance(fault, ConfigurationError) else [])


@pytest.mark.parametrize(("seconds_to_spare", "calls"), [(2.0, 1), (0.0, 0)])
def test_a_question_that_is_short_of_time_goes_without(
    desk: Desk, seconds_to_spare: float, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 39: nothing is begun that may end too late."""
    desk.model.near = {NEAR: 0.9}
    take_time(desk, SECONDS - ORDERING_SECONDS - seconds_to_spare, monkeypatch)

    answer = desk.ask().answer

    assert len(desk.model.calls) == calls
    assert answer.citations[0].quote == (NEAR if calls else BY_WORDS)


def test_the_time_that_a_chat_model_needs_is_left_to_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.library.complete_only = True
    take_time(desk, SECONDS - ORDERING_SECONDS - GENERATION_SECONDS, monkeypatch)

    assert desk.grounds(chat=says(VERIFIED)).answerable
    assert desk.model.calls == []


def take_time(desk: Desk, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """So long takes the decision to answer."""

    def slowly(*arguments: Any) -> dict[str, float]:
        desk.library.clock.time += seconds
        return evidence_features(*arguments)

    monkeypatch.setattr("docqa.services.answering.evidence_features", slowly)


def test_what_it_costs_is_in_the_ledger_and_in_the_answer(desk: Desk) -> None:
    """Promise 55: everything that is paid by use is in the ledger."""
    tokens = len(QUESTION) + sum(map(len, [BY_WORDS, *OTHERS]))

    answer = desk.ask().answer

    assert answer.usage.embedded_tokens == tokens
    assert answer.usage.usd == pytest.approx(tokens_usd(MODEL, tokens))
    assert sum(charge.units["embedded_tokens"] for _, charge in desk.ledger.charges) == tokens
    assert desk.ledger.spent("acme", desk.library.clock.now()) == pytest.approx(answer.usage.usd)
    assert "order" in answer.timings_ms


def test_a_tenant_over_its_budget_is_quoted_in_the_order_of_the_words(desk: Desk) -> None:
    """Promise 55: over its budget a tenant begins nothing that costs more than a quote."""
    desk.model.near = {NEAR: 0.9}
    desk.ledger.add("acme", "earlier", Charge({SpendingKind.CHAT: 1.5}), desk.library.clock.now())

    for chat in (None, says(VERIFIED)):
        answer = desk.service(chat, default_usd=1.0).answer(Question(question=QUESTION), ANA, "a", desk.deadline).answer

        assert answer.citations[0].quote == BY_WORDS
    assert desk.model.calls == []


class TestWithAChatModel:
    def test_an_answer_that_replaces_the_quotes_pays_for_no_order(self, desk: Desk) -> None:
        answer = desk.ask(chat=says(VERIFIED)).answer

        assert answer.model == "scripted"
        assert desk.model.calls == []

    @pytest.mark.parametrize(
        "said",
        [UNVERIFIED, ServiceUnavailableError("down"), ConfigurationError("no access")],
        ids=["unverified", "down", "refused"],
    )
    def test_quotes_in_its_place_are_ordered_then(self, desk: Desk, said: str | Exception) -> None:
        desk.model.near = {NEAR: 0.9}

        answer = desk.ask(chat=says(said)).answer

        assert answer.model is None
        assert answer.citations[0].quote == NEAR
        assert len(desk.model.calls) == 1
        read = 100 if said == UNVERIFIED else 0
        assert (answer.usage.input_tokens, answer.usage.embedded_tokens) == (
            read,
            len(QUESTION) + sum(map(len, desk.model.calls[0])),
        )

    @pytest.mark.parametrize("said", ["NO ANSWER", UNVERIFIED, ServiceUnavailableError("down")])
    def test_quotes_that_an_answer_is_held_against_are_ordered_before_it_is_written(
        self, desk: Desk, said: str | Exception
    ) -> None:
        """They decide whether it replaces them, and are ordered once, whatever becomes of it."""
        desk.library.complete_only = True
        desk.model.near = {NEAR: 0.9}
        asked: list[list[str]] = []
        chat = says(said)
        script, chat.script = chat.script, lambda prompt: asked.append(list(desk.model.calls)) or script(prompt)

        answer = desk.ask(chat=chat).answer

        assert answer.citations[0].quote == NEAR
        assert len(asked[0]) == 1
        assert len(desk.model.calls) == 1

    def test_a_model_that_failed_before_it_was_written_is_not_asked_again(self, desk: Desk) -> None:
        desk.library.complete_only = True
        desk.model.fault = ThrottledError("slow down")

        answer = desk.ask(chat=says(UNVERIFIED)).answer

        assert answer.citations[0].quote == BY_WORDS
        assert len(desk.model.calls) == 1

    def test_a_batch_concludes_from_the_order_that_was_kept(self, desk: Desk) -> None:
        desk.library.complete_only = True
        desk.model.near = {NEAR: 0.9}
        chat = says("NO ANSWER")
        kept = KeptGrounds.model_validate_json(KeptGrounds.of(desk.grounds(chat=chat)).model_dump_json())

        restored = kept.restored(desk.library.clock, desk.deadline, "acme")
        answer = desk.service(chat).conclude(restored, desk.deadline).answer

        assert answer.citations[0].quote == NEAR
        assert answer.usage.embedded_tokens == len(QUESTION) + sum(map(len, [BY_WORDS, *OTHERS]))
        assert len(desk.model.calls) == 1


def test_the_searches_of_a_research_leave_sentences_alone() -> None:
    model = SentenceModel()
    library = Library(embeddings=model, calibration=Bench().library.calibration)
    assert library.registry.configuration is not None
    library.registry.configuration = replace(library.registry.configuration, embedding_model=MODEL)
    library.complete_only = True
    bench = Bench(library)
    library.add("seasons", "The revenue of the club was high in spring. The revenue of the club was low in autumn.")
    model.calls.clear()
    searches = [uses("search", query=query) for query in ("revenue of the club", "the club and its revenue")]

    bench.ask("What was the revenue of the club?", in_turn(*searches, answers("High.")), ANA, says("-"))

    assert len(model.calls) == 1, "the question's own, for the ordinary answer"


def test_the_trace_says_how_near_each_sentence_is(desk: Desk) -> None:
    desk.model.near = {NEAR: 0.6}

    trace = desk.ask().trace
    by_words = desk.by_words()

    assert trace is not None
    assert {one.text: one.cosine for one in trace.sentences} == {
        BY_WORDS: 0.0,
        NEAR: 0.6,
        OTHERS[1]: 0.0,
        BESIDE: None,
    }
    assert {one.cosine for one in by_words.evidence} == {None}


class TestOrder:
    def evidence(self, *scores: float, document: str = "d") -> list[Evidence]:
        passage = ScoredChunk(Chunk(0, 1, 0, 0, ""), document, 1, "", None, None)
        return [Evidence(passage, Span(n, n + 1), f"sentence {n}", 0.5, score) for n, score in enumerate(scores)]

    def test_what_is_nearest_keeps_its_score_and_the_others_lose_what_they_are_farther_away(self) -> None:
        ordered = ordered_by_meaning(self.evidence(1.0, 0.9), {0: 0.5, 1: 0.8})

        assert [one.text for one in ordered] == ["sentence 1", "sentence 0"]
        assert [one.score for one in ordered] == pytest.approx([0.9, 0.7])
        assert [one.cosine for one in ordered] == [0.8, 0.5]

    def test_sentences_after_the_contenders_stay_behind_them_as_they_are(self) -> None:
        evidence = self.evidence(*(1 - 0.05 * n for n in range(10)))

        ordered = ordered_by_meaning(evidence, {0: 0.9, 1: 0.0, 2: 0.0})

        assert ordered[3:] == evidence[3:]
        assert all(one.cosine is not None for one in ordered[:3])

    def test_a_weak_sentence_hides_no_strong_one_behind_it(self) -> None:
        one, (_, other) = self.evidence(1.0, 0.8), self.evidence(0.9, 0.9, document="other")

        ordered = ordered_by_meaning([one[0], one[1], other], {0: 0.9, 1: 0.2})

        assert [quote.passage.document_id for quote in best_quotes(ordered)] == ["d", "other"]

    def test_contenders_score_about_as_well_as_the_best_and_are_few(self) -> None:
        evidence = self.evidence(1.0, 1.0 - CONTENDER_MARGIN, 0.99 - CONTENDER_MARGIN)

        assert contenders(evidence) == [0, 1]
        assert contenders(self.evidence(*[1.0] * 20)) == list(range(MOST_CONTENDERS))
        assert contenders([]) == contenders(self.evidence(1.0)) == []

    def test_which_document_is_quoted_first_is_not_for_sentences_to_say(self) -> None:
        """Reports of a series say the same; ranking knows which is meant."""
        one, other = self.evidence(1.0, 0.95, 0.9), self.evidence(0.98, document="other")
        evidence = [one[0], other[0], one[1], one[2]]

        places = contenders(evidence)
        ordered = ordered_by_meaning(evidence, {0: 0.5, 2: 0.6, 3: 0.9})

        assert places == [0, 2, 3]
        assert [e.passage.document_id for e in ordered] == ["d", "other", "d", "d"]
        assert [e.text for e in ordered] == ["sentence 2", "sentence 0", "sentence 1", "sentence 0"]

    def test_a_sentence_far_from_what_is_asked_is_no_longer_quoted_beside_the_best(self) -> None:
        evidence = self.evidence(1.0, 0.8, 0.7)

        assert len(best_quotes(evidence)) == 3
        assert [one.text for one in best_quotes(ordered_by_meaning(evidence, {0: 0.8, 1: 0.2, 2: 0.8}))] == [
            "sentence 0",
            "sentence 2",
        ]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1, 0], [3, 0], 1.0),
        ([1, 0], [0, 2], 0.0),
        ([1, 1], [-2, -2], -1.0),
        ([3, 4], [4, 3], 0.96),
        ([0, 0], [1, 0], 0.0),
    ],
)
def test_the_cosine_is_that_of_the_angle_whatever_the_lengths(
    one: list[float], other: list[float], expected: float
) -> None:
    assert cosine(one, other) == pytest.approx(expected)
