"""Calls to models while a share of them is throttled: the real adapters, their client replaced, on a clock of ours."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from statistics import mean

import pytest

from docqa.adapters.bedrock_chat import BedrockChat
from docqa.adapters.bedrock_embeddings import TitanEmbeddings
from docqa.adapters.guarded_chat import GuardedChat
from docqa.bootstrap.model_calls import CHAT, DOCUMENT_EMBEDDING, QUESTION_EMBEDDING, ModelUse
from docqa.errors import CircuitOpenError, RetryableError, ServiceUnavailableError, ThrottledError
from docqa.models.search_index import IndexConfiguration
from docqa.models.work import ChunkWork
from docqa.services import outcomes
from docqa.services.circuit_breaker import CircuitBreaker
from docqa.services.generation import Generator
from docqa.services.model_calls import ModelCalls
from tests.fakes.ledger import InMemoryLedger
from tests.fakes.throttled_bedrock import CALL_SECONDS, OwnTime, ThrottledBedrock, most_within
from tests.unit.answering.desk import QUESTION
from tests.unit.answering.library import ANA, RUNWAY, Library
from tests.unit.ingestion.pipeline import Pipeline
from tests.unit.spending.books import metering

TITAN = "amazon.titan-embed-text-v2:0"
PROCESSES, TEXTS = 12, 192
LEAST = PROCESSES * TEXTS


def calls(use: ModelUse, time: OwnTime, seed: int = 1) -> ModelCalls:
    """As bootstrap makes them, but for the clock and the chance."""
    breaker = CircuitBreaker("model", time, use.failures)
    return ModelCalls("model", use.rules, breaker, time, time.sleep, random.Random(seed).random)


def texts_of(process: int) -> list[str]:
    return [f"passage {number} of process {process}, which says something" for number in range(TEXTS)]


def embed_side_by_side(share: float, use: ModelUse = DOCUMENT_EMBEDDING) -> tuple[list[ThrottledBedrock], int]:
    """Every process embeds a span of its own, beginning at the same moment; what the service saw, and all calls."""
    services = []
    for process in range(PROCESSES):
        time = OwnTime()
        services.append(service := ThrottledBedrock(time, share))
        embeddings = TitanEmbeddings(service, TITAN, 2, calls(use, time, process))
        vectors = embeddings.embed_documents(texts_of(process))
        assert vectors == [[float(len(text)), 1.0] for text in texts_of(process)]
    return services, sum(len(service.calls) for service in services)


def test_with_thirty_percent_throttled_everything_is_embedded_with_few_more_calls() -> None:
    """Promise 30: all work finishes within 1.5 times the least number of calls, and nothing is asked twice."""
    services, made = embed_side_by_side(0.3)

    assert LEAST < made <= 1.5 * LEAST
    assert made / LEAST == pytest.approx(1 / 0.7, abs=0.05), "what was refused was asked again, and nothing else"
    assert {count for service in services for count in service.answered.values()} == {1}


def test_refused_calls_come_back_spread_out() -> None:
    """Promise 30: twelve processes whose first calls are refused together do not come back together."""
    refused_at_once = []
    for process in range(PROCESSES):
        time = OwnTime()
        service = ThrottledBedrock(time, 1.0, until=1_000_000.1, together=8)
        TitanEmbeddings(service, TITAN, 2, calls(DOCUMENT_EMBEDDING, time, process)).embed_documents(texts_of(process))
        refused_at_once += service.retried_at
    retries = sorted(refused_at_once)

    # Eight threads of each were refused at the same instant; their pauses are drawn from half a second.
    assert len(retries) == PROCESSES * 8
    assert retries[0] >= 1_000_000 + CALL_SECONDS
    assert retries[-1] - retries[0] > 0.4
    tenths = Counter(int((at - 1_000_000 - CALL_SECONDS) / 0.1) for at in retries)
    assert set(tenths) == {0, 1, 2, 3, 4}
    assert most_within(retries, 0.05) < 0.25 * len(retries)


def test_each_refusal_doubles_what_the_next_pause_is_drawn_from() -> None:
    """Promise 30: a service that goes on refusing is asked less and less often."""
    pauses: dict[int, list[float]] = {}
    for process in range(200):
        time = OwnTime()
        service = ThrottledBedrock(time, 1.0)
        embeddings = TitanEmbeddings(service, TITAN, 2, calls(DOCUMENT_EMBEDDING, time, process))
        with pytest.raises(ThrottledError):
            embeddings.embed_documents(["a text"])
        (instants,) = service.attempts.values()
        for attempt, (one, other) in enumerate(pairwise(instants), start=1):
            pauses.setdefault(attempt, []).append(other - one - CALL_SECONDS)

    rule = DOCUMENT_EMBEDDING.rules.throttled
    assert len(pauses) == rule.attempts - 1
    for attempt, drawn in pauses.items():
        bound = min(rule.first * 2 ** (attempt - 1), rule.longest)
        assert 0 <= min(drawn) < 0.1 * bound
        assert 0.9 * bound < max(drawn) <= bound
        assert mean(drawn) == pytest.approx(bound / 2, rel=0.15)


def test_a_document_that_is_throttled_hard_pays_for_no_passage_twice() -> None:
    """Promises 17, 30: what was embedded before the model refused to go on is kept, and charged once."""
    ledger = InMemoryLedger()
    pipeline = Pipeline(chunk_characters=200)
    time = OwnTime(pipeline.clock.time)
    service = ThrottledBedrock(time, 0.75)
    embeddings = TitanEmbeddings(service, TITAN, 2, calls(DOCUMENT_EMBEDDING, time))
    pipeline.registry.configuration = IndexConfiguration("index", TITAN, 2)
    pipeline.models = {(TITAN, 2): embeddings}  # type: ignore[dict-item]
    pipeline.use_meter(metering(ledger, pipeline.clock))
    pages = "\n\n".join(f"Paragraph {n} says that the aircraft number {n} left runway {n}. " * 3 for n in range(300))
    reference = pipeline.drop("acme/long.txt", pages.encode())
    pipeline.through_pages(reference)
    chunking = pipeline.chunk.run(reference)
    refusals = 0
    for span in chunking.spans:
        while True:
            try:
                pipeline.embed.run(ChunkWork(reference=reference, span=span))
                break
            except RetryableError:
                refusals += 1
                pipeline.clock.time += 60
                assert refusals < 60, "the state machine would have given up"

    assert refusals > 0, "it was hard enough to be worth a test"
    assert len(service.answered) == chunking.chunks
    assert set(service.answered.values()) == {1}
    tokens = sum(len(text) // 4 for text in service.answered)
    (day,) = ledger.account("acme", "1970-01-01").days
    assert day.units["embedded_tokens"] == tokens
    usage = pipeline.generation(reference).usage
    assert (usage["embedded_tokens"], usage["embedded_texts"]) == (tokens, chunking.chunks)
    assert usage["usd"] == pytest.approx(day.total)


def test_with_thirty_percent_throttled_every_question_ends_with_an_answer() -> None:
    """Promise 30: at most 1.5 calls a question; who is refused twice gets the quoted evidence."""
    library = Library()
    library.add("handbook", RUNWAY)
    time = OwnTime(library.clock.time)
    service = ThrottledBedrock(time, 0.3)
    chat = BedrockChat(client=service, model="amazon.nova-lite-v1:0", max_tokens=500)
    guarded = GuardedChat(inner=chat, calls=calls(CHAT, time), max_tokens=500)
    pauses: list[float] = []
    chance = random.Random(3).random
    generator = Generator(guarded, "nova", library.clock, pauses.append, chance=chance)
    answering = library.answering(guarded)
    answering._generator = lambda: generator

    reasons: Counter[str | None] = Counter()
    questions = 600
    for number in range(questions):
        deadline = library.clock.now() + 27
        grounds = answering.find_grounds(QUESTION, ANA, f"a-{number}", deadline)
        reasons[answering.conclude(grounds, deadline).answer.reason] += 1

    assert set(reasons) == {None, outcomes.QUOTED_MODEL_DOWN}
    assert reasons[None] / questions == pytest.approx(1 - 0.3**2, abs=0.04)
    assert len(service.calls) <= 1.5 * questions
    assert len(pauses) == pytest.approx(0.3 * questions, rel=0.2)
    assert min(pauses) < 0.2
    assert max(pauses) > 1.8
    assert mean(pauses) == pytest.approx(1.0, abs=0.15)


def test_a_question_is_embedded_at_the_second_attempt_or_left_to_the_worker() -> None:
    """Promise 30: within the seconds that a question has."""
    time = OwnTime()
    service = ThrottledBedrock(time, 0.3)
    embeddings = TitanEmbeddings(service, TITAN, 2, calls(QUESTION_EMBEDDING, time))
    refused = 0
    for number in range(500):
        before = time.now()
        try:
            embeddings.embed_query(f"What is number {number}?")
        except ThrottledError:
            refused += 1
        assert time.now() - before <= 2 * CALL_SECONDS + 1.0

    assert refused / 500 == pytest.approx(0.3**2, abs=0.04)
    assert len(service.calls) <= 1.5 * 500


def test_throttles_never_open_the_circuit_and_an_outage_does() -> None:
    """Promises 30, 39: who says "too often" is there; who does not answer is left alone after some calls."""
    time = OwnTime()
    throttled = ThrottledBedrock(time, 1.0)
    embeddings = TitanEmbeddings(throttled, TITAN, 2, calls(QUESTION_EMBEDDING, time))
    for _ in range(20):
        with pytest.raises(ThrottledError):
            embeddings.embed_query("Why?")
    assert len(throttled.calls) == 40

    down = ThrottledBedrock(time, 1.0, refusal=("ServiceUnavailableException", 503))
    embeddings = TitanEmbeddings(down, TITAN, 2, calls(DOCUMENT_EMBEDDING, time))
    with pytest.raises(ServiceUnavailableError):
        embeddings.embed_documents(texts_of(1))
    with pytest.raises(CircuitOpenError):
        embeddings.embed_documents(texts_of(1))
    assert DOCUMENT_EMBEDDING.failures <= len(down.calls) <= DOCUMENT_EMBEDDING.failures + 8


@pytest.mark.parametrize("share", [0.0, 0.05])
def test_without_much_throttling_there_are_hardly_more_calls_than_texts(share: float) -> None:
    """Promise 30: the price of patience is paid only where it is needed."""
    _, made = embed_side_by_side(share)

    assert made <= (1 + 2 * share) * LEAST
