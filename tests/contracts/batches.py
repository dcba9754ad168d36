"""What every registry of batches does, the real one and the one in memory."""

from __future__ import annotations

from docqa.models.batch import Batch, BatchCounts, BatchStatus, DroppedFile
from docqa.models.document import Failure
from docqa.models.inference import Route, RouteChoice
from docqa.models.part_places import HeldPlace, PartPlaces, WaitingTenant
from docqa.ports.batches import BatchRegistry, PartPlaceStore

ID = "0123456789abcdef0123456789abcdef"
NEW = Batch(ID, "acme", "ana", frozenset({"staff"}), BatchStatus.RECEIVED, 100.0, 3_600.0, body_hash="hash")
DROPPED = DroppedFile("acme/desk/ä 1.jsonl", "v1")


def found(batches: BatchRegistry) -> Batch:
    batch = batches.get(ID)
    assert batch is not None
    return batch


class BatchRegistryContract:
    """Inherit, and provide the fixture `batches`."""

    def test_a_batch_is_created_once_and_read_as_it_was_written(self, batches: BatchRegistry) -> None:
        assert batches.create(NEW) is None
        assert batches.create(Batch(ID, "other", "eve", frozenset(), BatchStatus.UPLOADING, 1.0, 1.0)) == NEW
        assert found(batches) == NEW
        assert batches.get("f" * 32) is None

    def test_everything_of_a_batch_from_the_inbox_is_kept(self, batches: BatchRegistry) -> None:
        dropped = Batch(
            ID,
            "acme",
            "inbox:acme/desk/",
            frozenset(),
            BatchStatus.RECEIVED,
            100.5,
            60.0,
            dropped=DROPPED,
            results_to="acme/desk/results/a.jsonl/",
            threshold=0.9,
        )
        batches.create(dropped)
        assert found(batches) == dropped

    def test_a_tenant_has_so_many_under_way_and_no_more(self, batches: BatchRegistry) -> None:
        """Promise 37: what is refused was not begun."""
        assert batches.places("acme") == frozenset()
        assert [batches.take_place("acme", one, 2) for one in ("a", "b", "c")] == [True, True, False]
        assert batches.take_place("acme", "a", 2), "again is once"
        assert batches.take_place("other", "c", 2)

        batches.free_place("acme", "a")
        batches.free_place("acme", "a")
        batches.free_place("nobody", "a")

        assert batches.take_place("acme", "c", 2)
        assert batches.places("acme") == {"b", "c"}

    def test_attempts_follow_each_other_and_one_that_is_done_has_none(self, batches: BatchRegistry) -> None:
        assert batches.begin(ID, None, 1.0, 2.0) is None
        batches.create(NEW)
        first = batches.begin(ID, DROPPED, 110.0, 500.0)
        assert first is not None
        assert (first.status, first.attempt, first.started_at, first.ends_by) == (BatchStatus.RUNNING, 1, 110.0, 500.0)
        assert first.dropped == DROPPED
        assert first.execution == f"{ID}-1"
        assert batches.begin(ID, None, 111.0, 501.0) is None

        assert batches.end(ID, 1, BatchStatus.FAILED, 120.0, None, Failure("BatchError", "It is empty."))
        assert found(batches).failure == Failure("BatchError", "It is empty.")
        second = batches.begin(ID, None, 130.0, 600.0)
        assert second is not None
        assert (second.attempt, second.failure, second.ended_at, second.dropped) == (2, None, 0.0, DROPPED)

        for status in (BatchStatus.FAILED, BatchStatus.DONE):
            assert not batches.end(ID, 1, status, 135.0, None, Failure("Late", "Of the attempt before."))
        assert found(batches) == second

        assert batches.end(ID, 2, BatchStatus.DONE, 140.0, BatchCounts(1, 2, 3, 0.5), None)
        assert not batches.end(ID, 2, BatchStatus.FAILED, 150.0, None, Failure("Late", "Too late."))
        assert batches.begin(ID, None, 160.0, 700.0) is None
        done = found(batches)
        assert (done.status, done.ended_at, done.counts) == (BatchStatus.DONE, 140.0, BatchCounts(1, 2, 3, 0.5))
        assert done.failure is None

    def test_progress_is_counted_once_whoever_tells_of_it_again(self, batches: BatchRegistry) -> None:
        """Promise 41: a step that is run again counts nothing twice."""
        batches.create(NEW)
        batches.set_split(ID, 120, 3)
        for _ in range(2):
            batches.note_searched(ID, 0, 50, 30)
            batches.note_searched(ID, 1, 50, 20)
        for position, counts in ((10, BatchCounts(8, 1, 1, 0.25)), (10, BatchCounts(8, 1, 1, 0.25))):
            batches.advance(ID, 0, position, counts, generated=True)
        batches.advance(ID, 0, 5, BatchCounts(5), generated=False)
        batches.advance(ID, 2, 7, BatchCounts(7, usd=0.5), generated=False)

        batch = found(batches)
        assert (batch.questions, batch.parts, batch.searched, batch.prompts) == (120, 3, 100, 50)
        assert (batch.counts, batch.counts.through) == (BatchCounts(15, 1, 1, 0.75), 17)
        assert [batches.position(ID, part) for part in range(3)] == [10, 0, 7]

    def test_the_route_is_decided_once(self, batches: BatchRegistry) -> None:
        batches.create(NEW)
        first = batches.set_route(ID, RouteChoice(Route.BATCH, "many"), 200.0, at_once=False)
        again = batches.set_route(ID, RouteChoice(Route.REALTIME, "few"), 300.0, at_once=True)
        assert (first.route, first.route_reason, first.answering_since) == ("batch", "many", 0.0)
        assert (again.route, again.route_reason, again.answering_since) == ("batch", "many", 0.0)

    def test_the_route_of_one_that_failed_is_decided_again_where_it_led_to_nothing(
        self, batches: BatchRegistry
    ) -> None:
        batches.forget_route(ID)
        batches.create(NEW)
        batches.begin(ID, None, 1.0, 500.0)
        assert batches.set_route(ID, RouteChoice(Route.BATCH, "many"), 10.0, at_once=False).decisions == 1
        batches.forget_route(ID)
        assert found(batches).route == "batch", "it is running"

        batches.end(ID, 1, BatchStatus.FAILED, 20.0, None, Failure("ExecutionAborted", "Stopped."))
        batches.forget_route(ID)
        assert (found(batches).route, found(batches).route_reason) == ("", "")
        batches.begin(ID, None, 30.0, 600.0)
        again = batches.set_route(ID, RouteChoice(Route.REALTIME, "few"), 40.0, at_once=True)
        assert (again.route, again.decisions) == ("realtime", 2)

        batches.advance(ID, 0, 1, BatchCounts(abstained=1), generated=False)
        batches.end(ID, 2, BatchStatus.FAILED, 50.0, None, Failure("ExecutionAborted", "Stopped."))
        batches.forget_route(ID)
        assert found(batches).route == "realtime"

    def test_answering_begins_at_once_in_real_time(self, batches: BatchRegistry) -> None:
        batches.create(NEW)
        assert batches.set_route(ID, RouteChoice(Route.REALTIME, "few"), 300.0, at_once=True).answering_since == 300.0

    def test_whoever_waits_is_woken_whichever_comes_first(self, batches: BatchRegistry) -> None:
        """Promise 32: replies that came before anybody waited are not waited for."""
        batches.create(NEW)
        assert batches.await_replies(ID, "token-1")
        assert batches.await_replies(ID, "token-2"), "the task was tried again"
        woken = batches.replies_are_there(ID, 400.0)
        assert woken is not None
        assert (woken.task_token, woken.replied, woken.answering_since) == ("token-2", True, 400.0)
        assert not batches.await_replies(ID, "token-3")
        assert batches.replies_are_there("f" * 32, 1.0) is None

    def test_a_model_is_away_since_it_was_first_missed_until_it_answers(self, batches: BatchRegistry) -> None:
        batches.create(NEW)
        assert [batches.model_is_away(ID, now) for now in (10.0, 20.0)] == [10.0, 10.0]
        batches.advance(ID, 0, 1, BatchCounts(1), generated=False)
        assert batches.model_is_away(ID, 30.0) == 10.0
        batches.advance(ID, 0, 2, BatchCounts(1), generated=True)
        assert batches.model_is_away(ID, 40.0) == 40.0

    def test_another_attempt_has_all_patience_with_the_model_again(self, batches: BatchRegistry) -> None:
        batches.create(NEW)
        batches.begin(ID, None, 1.0, 500.0)
        batches.model_is_away(ID, 10.0)
        assert batches.end(ID, 1, BatchStatus.FAILED, 20.0, None, Failure("ServiceUnavailableError", "Away."))
        batches.begin(ID, None, 90.0, 600.0)
        assert batches.model_is_away(ID, 100.0) == 100.0

    def test_whose_end_was_told_is_noted_by_attempt(self, batches: BatchRegistry) -> None:
        batches.create(NEW)
        batches.begin(ID, None, 1.0, 500.0)
        batches.end(ID, 1, BatchStatus.FAILED, 20.0, None, Failure("ServiceUnavailableError", "Away."))
        assert found(batches).told == 0
        batches.note_told(ID, 1)
        assert found(batches).told == 1

        batches.begin(ID, None, 90.0, 600.0)
        batches.note_told(ID, 1)
        assert (found(batches).attempt, found(batches).told) == (2, 1), "the second attempt's end is still to be told"


class PartPlaceStoreContract:
    """Subclass it and give it a fixture `store` without anything in it."""

    def test_nobody_holds_a_place_at_first(self, store: PartPlaceStore) -> None:
        assert store.read() == (PartPlaces(), 0)

    def test_what_was_written_is_read(self, store: PartPlaceStore) -> None:
        places = PartPlaces({"b#1": HeldPlace("acme", 1_000.5)}, {"zeta": WaitingTenant(12.125, 60.25)})
        assert store.write(places, 0)
        assert store.read() == (places, 1)
        assert store.write(PartPlaces(), 1)
        assert store.read() == (PartPlaces(), 2)

    def test_of_two_that_follow_one_version_one_is_written(self, store: PartPlaceStore) -> None:
        first = PartPlaces({"b#1": HeldPlace("acme", 1_000.0)})
        assert store.write(first, 0)
        assert not store.write(PartPlaces({"b#2": HeldPlace("zeta", 1_000.0)}), 0)
        assert store.read() == (first, 1)
