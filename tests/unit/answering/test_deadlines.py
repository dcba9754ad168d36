"""Nothing of a question happens after its deadline, whoever is slow."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from docqa.bootstrap import answering as wiring
from docqa.bootstrap import clients, model_calls
from docqa.errors import ServiceUnavailableError, ThrottledError
from docqa.models.api import PendingAnswer
from docqa.services import outcomes, time_limits
from tests.fakes.answering import ScriptedChat
from tests.unit.answering.desk import QUESTION, Desk
from tests.unit.answering.library import ANA, RUNWAY, SECONDS, Library, says

USES = {name: use for name, use in vars(model_calls).items() if isinstance(use, model_calls.ModelUse)}


@pytest.fixture
def library() -> Library:
    library = Library()
    library.add("handbook", RUNWAY)
    return library


def test_a_call_takes_no_longer_than_it_is_given() -> None:
    """Promise 39: the clients of questions give up, retry included, within the seconds that are kept for a call."""
    assert clients.QUESTION.longest <= time_limits.CALL_SECONDS
    assert model_calls.QUESTION_EMBEDDING.longest <= time_limits.EMBEDDING_SECONDS
    assert model_calls.QUOTE_ORDERING.longest <= time_limits.ORDERING_SECONDS
    assert model_calls.RERANKING.longest <= time_limits.RERANKING_SECONDS
    # Connecting and reading have the timeout each; a timeout is not tried again.
    assert 2 * wiring.SEARCH_TIMEOUT_SECONDS <= time_limits.CALL_SECONDS
    # A call to the chat model that was given up is not repeated by its client.
    assert model_calls.CHAT.longest < SECONDS


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_the_clients_of_models_repeat_no_call_by_themselves(use: model_calls.ModelUse) -> None:
    """Promise 30: every attempt is docqa's own, so that it is counted, and comes at its own time."""
    assert use.patience.attempts == 1


@pytest.mark.parametrize("slow", ["embed", "search", "registry"])
@pytest.mark.parametrize("seconds", [3.0, 9.0, 16.0])
def test_whatever_is_slow_the_response_leaves_before_the_deadline(slow: str, seconds: float) -> None:
    """Promise 39: a question that runs out of time is handed over, and nothing is begun that could end too late."""
    desk = Desk()
    clock, deadline, began = desk.library.clock, desk.deadline, []

    def delay(stage: str) -> None:
        began.append((stage, deadline - clock.time))
        clock.time += seconds if stage == slow else 0.01

    slow_down(desk, delay)
    found = desk.questions.ask(QUESTION, ANA, deadline)

    needed = {"embed": time_limits.EMBEDDING_SECONDS, "search": 10.0, "registry": 10.0}
    assert all(left >= needed[stage] for stage, left in began)
    assert clock.time <= deadline
    if isinstance(found, PendingAnswer):
        assert desk.handover.sent == [{"answer_id": found.answer_id}]


def test_a_check_that_takes_several_calls_of_the_registry_ends_before_the_deadline() -> None:
    """Promise 39: passages of a hundred and fifty documents are looked up in two calls, each of which may be slow."""
    desk = Desk()
    for number in range(150):
        desk.library.add(f"report {number}", f"The grass runway of site {number} is long.")
    clock, began = desk.library.clock, list[str]()
    deadline = clock.now() + 18.0

    def delay(stage: str) -> None:
        began.append(stage)
        clock.time += 9.0 if stage == "registry" else 0.01

    slow_down(desk, delay)
    found = desk.questions.ask(QUESTION, ANA, deadline)

    assert began.count("registry") == 1
    assert clock.time <= deadline
    assert isinstance(found, PendingAnswer), "the second call is left to the worker"


def test_documents_that_keep_changing_do_not_keep_a_question_beyond_its_deadline(library: Library) -> None:
    """Promise 39: further rounds of a search need time, too."""

    versions = iter(range(2, 100))

    def replace_again() -> None:
        library.clock.time += 6
        library.change(library.add("handbook", RUNWAY, generation=next(versions)), live_generation=1000)

    library.search.before_search = replace_again
    began = library.clock.time

    with pytest.raises(ServiceUnavailableError):
        library.ask("How long is the grass runway?")

    assert library.clock.time - began <= SECONDS
    assert len(library.search.asked) < 4


def slow_down(desk: Desk, delay: Callable[[str], None]) -> None:
    embed, get_many = desk.library.embeddings.embed_query, desk.library.registry.get_many

    def slow_embed(text: str) -> list[float]:
        delay("embed")
        return embed(text)

    def slow_get_many(ids: object, before_call: Callable[[], None]) -> object:
        def call() -> None:
            before_call()
            delay("registry")

        return get_many(ids, call)  # type: ignore[arg-type]

    desk.library.embeddings.embed_query = slow_embed  # type: ignore[method-assign]
    desk.library.registry.get_many = slow_get_many  # type: ignore[assignment,method-assign]
    desk.library.search.before_search = lambda: delay("search")


class TestGeneration:
    def test_a_model_that_refuses_once_is_asked_again(self, library: Library) -> None:
        waiting = iter([ThrottledError("slow down"), "The runway is 640 metres long [1]."])
        chat = ScriptedChat(script=lambda _: next(waiting))

        assert library.ask("How long is the grass runway?", chat=chat).answer.model == "scripted"

    def test_a_model_that_goes_on_refusing_is_asked_twice(self, library: Library) -> None:
        """Promise 39: then the evidence is quoted."""
        chat = says(ThrottledError("slow down"))

        assert library.ask("How long is the grass runway?", chat=chat).answer.reason == outcomes.QUOTED_MODEL_DOWN
        assert len(chat.prompts) == 2

    def test_there_is_no_second_try_without_time_for_it(self, library: Library) -> None:
        """Promise 39: nothing is paid for that nobody waits for."""

        def slowly(_: str) -> Exception:
            library.clock.time += 22
            return ServiceUnavailableError("down")

        chat = ScriptedChat(script=slowly)

        assert library.ask("How long is the grass runway?", chat=chat).answer.reason == outcomes.QUOTED_MODEL_DOWN
        assert len(chat.prompts) == 1

    def test_nothing_unverified_is_tried_again_at_the_last_moment(self, library: Library) -> None:
        library.add("tower", "The runway lights are switched on from the tower.")

        def slowly(_: str) -> str:
            library.clock.time += 23
            return "The runway is 999 metres long [1]."

        chat = ScriptedChat(script=slowly)

        assert library.ask("How long is the grass runway?", chat=chat).answer.reason == outcomes.QUOTED_UNVERIFIED
        assert len(chat.prompts) == 1

    def test_beside_an_abandoned_call_no_other_is_made(self, library: Library) -> None:
        """Promise 39: at most one call is in flight that nobody waits for."""
        never = threading.Event()

        def hang(_: str) -> str:
            never.wait(30)
            return "The runway is 640 metres long [1]."

        chat = ScriptedChat(script=hang)
        service = library.answering(chat)
        answers = []
        for _ in range(3):
            grounds = service.find_grounds(QUESTION, ANA, "answer-1", library.clock.now() + SECONDS)
            answers.append(service.conclude(grounds, library.clock.now() + time_limits.RECORDING_SECONDS + 0.05))
        calls = len(chat.prompts)
        never.set()

        assert {answered.answer.reason for answered in answers} == {outcomes.QUOTED_MODEL_DOWN}
        assert calls == 1
