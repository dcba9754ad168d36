"""LangChain's interfaces over jobs, as a program of somebody else's uses them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from langchain_core.embeddings import Embeddings
from langchain_core.messages import HumanMessage, SystemMessage

from docqa.adapters.bedrock_batch import BatchQuotas
from docqa.adapters.content_handlers.bedrock_embedding_bodies import TitanV2
from docqa.adapters.content_handlers.converse import Converse
from docqa.adapters.job_chat import JobChat
from docqa.adapters.job_embeddings import JobEmbeddings
from docqa.adapters.job_results import fault_of_vector, no_fault
from docqa.adapters.waiting_jobs import POLL_SECONDS, WaitingJobs
from docqa.errors import ConfigurationError, ServiceUnavailableError
from tests.fakes import model_bodies
from tests.fakes.bucket import VersionedBucket
from tests.fakes.job_bench import Bench, asynchronous, bedrock, passage


def titan(quotas: BatchQuotas | None = None) -> Bench:
    handler, fault_of = TitanV2(model_bodies.DIMENSIONS), fault_of_vector(model_bodies.DIMENSIONS)
    return bedrock(VersionedBucket("work"), handler, model_bodies.titan, fault_of, quotas=quotas)


def waiting(bench: Bench, while_waiting: Callable[[], None]) -> WaitingJobs[Any, Any]:
    """Jobs that are named t1, t2 and so on."""
    names = count(1)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        assert len(slept) < 10_000
        while_waiting()

    return WaitingJobs(bench.jobs, "offline/", lambda: f"t{next(names)}", sleep)


def work(bench: Bench, **faults: Any) -> Callable[[], None]:
    """Every job that was taken is worked on; the first one with the faults."""

    def run() -> None:
        for number, arn in enumerate(bench.service.created):
            bench.service.run(arn, **(faults if number == 0 else {}))

    return run


def test_embeddings_are_those_of_the_real_time_model_in_order() -> None:
    """Promise 31: 120 passages by one batch job have exactly the vectors of the model itself."""
    bench = titan()
    embeddings = JobEmbeddings(waiting(bench, work(bench)), model_bodies.MODEL)
    words = [passage(number) for number in range(120)]

    vectors = embeddings.embed_documents(words)

    assert isinstance(embeddings, Embeddings)
    assert vectors == [model_bodies.MODEL.embed_query(text) for text in words]
    assert embeddings.embed_query("why") == model_bodies.MODEL.embed_query("why")
    assert embeddings.embedded_tokens == 120 * 11
    assert len(bench.service.created) == 1


def test_what_did_not_come_back_is_asked_for_once_more() -> None:
    """Promise 33: 100 passages of which 30 were not got to: the second job has those 30 and no other."""
    bench = titan()
    missing = {str(number) for number in range(50, 80)}
    run = work(bench, leave=missing, status="PartiallyCompleted")

    answers = waiting(bench, run).answers([passage(number) for number in range(100)])

    assert all(answer.value is not None for answer in answers)
    second = bench.bucket.read("offline/t2/input/t2/00000.jsonl")
    assert second.count(b"recordId") == 30


def test_a_passage_that_is_refused_twice_is_named() -> None:
    bench = titan()
    embeddings = JobEmbeddings(waiting(bench, work(bench)), model_bodies.MODEL)

    with pytest.raises(ServiceUnavailableError, match="passage 1 was not embedded: 400 Input validation"):
        embeddings.embed_documents(["one", "POISON", "three"])

    assert len(bench.service.created) == 2


def test_too_few_for_another_job_are_not_asked_for_again() -> None:
    bench = titan(BatchQuotas(least_records=100))
    run = work(bench, leave={"7"})

    answers = waiting(bench, run).answers([passage(number) for number in range(100)])

    assert [number for number, answer in enumerate(answers) if answer.value is None] == [7]
    assert answers[7].error == "did not come back"
    assert len(bench.service.created) == 1


def test_more_than_a_job_takes_are_shared_out_evenly() -> None:
    """150 where a job takes 100 to 149 would leave one of 1: two of 75 are right where it takes 50 to 100."""
    bench = titan(BatchQuotas(least_records=50, most_records=100))

    answers = waiting(bench, work(bench)).answers([passage(number) for number in range(150)])

    assert all(answer.value is not None for answer in answers)
    assert [body.count(b"recordId") for body in bench.inputs().values()] == [75, 75]


def test_a_job_that_fails_twice_says_why() -> None:
    bench = titan()

    def run() -> None:
        for arn in bench.service.created:
            bench.service.end(arn, "Failed", "the role may not read the bucket")

    (answer,) = waiting(bench, run).answers(["one"])

    assert (answer.value, answer.error) == (None, "did not come back: the role may not read the bucket")


def test_a_job_that_takes_too_long_is_stopped() -> None:
    bench = titan()

    (answer,) = waiting(bench, lambda: None).answers(["one"])

    assert answer.error == "did not come back: not done in the longest time of the route"
    assert {status for status, _ in bench.service._status.values()} == {"Stopped"}
    assert bench.jobs.limits.longest_seconds / POLL_SECONDS == 4_320


def test_no_passages_are_no_job() -> None:
    bench = titan()

    assert waiting(bench, work(bench)).answers([]) == []
    assert bench.service.created == {}


def chat(bench: Bench) -> JobChat:
    return JobChat(prompts=waiting(bench, work(bench)), max_tokens=50)


def converse() -> Bench:
    return bedrock(VersionedBucket("work"), Converse(), model_bodies.converse, no_fault, "Converse")


def test_a_batch_of_prompts_is_one_job_and_its_messages_are_in_order() -> None:
    bench = converse()

    said = chat(bench).batch([[SystemMessage("Be brief."), HumanMessage(f"question {n}")] for n in range(200)])

    assert [message.text for message in said] == [f"You said: question {n}" for n in range(200)]
    assert said[0].usage_metadata == {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}
    assert len(bench.service.created) == 1


def test_a_poison_prompt_of_a_batch_is_an_exception_in_its_place_if_one_asks_for_that() -> None:
    bench = converse()

    said: list[Any] = chat(bench).batch(["one", "POISON", "three"], return_exceptions=True)

    assert [said[0].text, said[2].text] == ["You said: one", "You said: three"]
    assert isinstance(said[1], ServiceUnavailableError)
    with pytest.raises(ServiceUnavailableError, match="poison"):
        chat(converse()).batch(["POISON"])


def test_one_prompt_is_a_job_of_one() -> None:
    bench = converse()

    assert chat(bench).invoke("one").text == "You said: one"
    assert len(bench.service.created) == 1


def test_what_a_job_cannot_do_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="stop"):
        chat(converse()).invoke("one", stop=["."])
    with pytest.raises(ConfigurationError, match="tools"):
        chat(converse()).batch(["one"], tools=[{}])


def test_temperature_is_handed_over() -> None:
    bench = converse()

    chat(bench).bind(temperature=0.5).batch(["one"])

    (body,) = bench.inputs().values()
    assert b'"temperature":0.5' in body


def test_an_asynchronous_endpoint_is_waited_for_alike() -> None:
    bench = asynchronous(VersionedBucket("work"), TitanV2(64), model_bodies.titan, fault_of_vector(64))

    answers = waiting(bench, bench.service.run).answers(["one", "two"])

    assert [list(answer.value) for answer in answers] == [
        model_bodies.MODEL.embed_query(text) for text in ("one", "two")
    ]
