"""What every registry of inference jobs does, the real one and the one in memory."""

from __future__ import annotations

from dataclasses import replace

from docqa.models.inference import InferenceJob, JobGroup, JobKind, JobStatus, Route, StartedJob
from docqa.ports.inference_jobs import InferenceRegistry

BATCH = JobGroup(JobKind.VECTORS, Route.BATCH, "acme", "chunks-1")
MOST = 100


class InferenceRegistryContract:
    """Derive from it and provide the fixture `inference`: an empty registry."""

    def test_the_first_to_join_opens_the_job_and_others_share_it(self, inference: InferenceRegistry) -> None:
        first = inference.join(BATCH, "a-1-1", 40, MOST, now=10.0)
        job = inference.join(BATCH, "b-1-1", 30, MOST, now=20.0)

        assert first.job_id == job.job_id
        assert (job.status, job.opened_at, job.records) == (JobStatus.OPEN, 10.0, 70)
        assert job.members == {"a-1-1", "b-1-1"}
        assert job.group == BATCH
        assert inference.get(job.job_id) == job
        assert inference.live() == {job.job_id}

    def test_joining_twice_is_joining_once_even_when_the_job_was_closed_meanwhile(
        self, inference: InferenceRegistry
    ) -> None:
        """Promise 41: a step that is killed after it joined joins again."""
        job = inference.join(BATCH, "a-1-1", 40, MOST, now=10.0)
        assert inference.join(BATCH, "a-1-1", 40, MOST, now=11.0) == job
        inference.close(job.job_id)

        again = inference.join(BATCH, "a-1-1", 40, MOST, now=12.0)

        assert again.job_id == job.job_id
        assert again.records == 40

    def test_a_closed_job_and_a_full_one_take_nobody(self, inference: InferenceRegistry) -> None:
        full = inference.join(BATCH, "a-1-1", MOST, MOST, now=10.0)
        second = inference.join(BATCH, "b-1-1", 1, MOST, now=11.0)
        inference.close(second.job_id)
        third = inference.join(BATCH, "c-1-1", 1, MOST, now=12.0)

        assert len({full.job_id, second.job_id, third.job_id}) == 3
        assert third.members == {"c-1-1"}
        assert inference.live() == {full.job_id, second.job_id, third.job_id}

    def test_a_job_never_has_more_records_than_the_service_takes(self, inference: InferenceRegistry) -> None:
        """Promise 32: one member too many would have the whole job refused, and everybody embedded in real time."""
        first = inference.join(BATCH, "a-1-1", MOST - 10, MOST, now=10.0)
        no_room = inference.join(BATCH, "b-1-1", 11, MOST, now=11.0)
        just_fits = inference.join(BATCH, "c-1-1", MOST - 11, MOST, now=12.0)

        assert first.job_id != no_room.job_id == just_fits.job_id
        assert (first.records, just_fits.records) == (MOST - 10, MOST)

    def test_tenants_subjects_and_those_who_go_alone_do_not_share(self, inference: InferenceRegistry) -> None:
        groups = [
            BATCH,
            replace(BATCH, tenant="other"),
            replace(BATCH, subject="chunks-2"),
            replace(BATCH, route=Route.ASYNCHRONOUS, alone="a-1-1"),
            replace(BATCH, route=Route.ASYNCHRONOUS, alone="b-1-1"),
        ]

        assert len({inference.join(group, "a-1-1", 1, MOST, now=1.0).job_id for group in groups}) == len(groups)

    def test_of_two_that_work_on_a_job_one_waits_until_the_other_is_done_or_dead(
        self, inference: InferenceRegistry
    ) -> None:
        job = inference.join(BATCH, "a-1-1", 1, MOST, now=1.0)

        assert inference.hold(job.job_id, now=10.0, until=100.0)
        assert not inference.hold(job.job_id, now=50.0, until=150.0)
        assert inference.hold(job.job_id, now=101.0, until=200.0)
        inference.let_go(job.job_id)
        assert inference.hold(job.job_id, now=102.0, until=200.0)
        assert not inference.hold("unknown", now=1.0, until=2.0)

    def test_parts_are_heard_of_once_each(self, inference: InferenceRegistry) -> None:
        """Promise 32: a duplicate notification changes nothing."""
        job = self._running(inference, frozenset({"p1", "p2"}))
        assert job.outstanding == {"p1", "p2"}

        inference.part_ended(job.job_id, "p1")
        again = inference.part_ended(job.job_id, "p1")
        last = inference.part_ended(job.job_id, "p2")

        assert again is not None
        assert last is not None
        assert again.outstanding == {"p2"}
        assert last.outstanding == frozenset()
        assert inference.part_ended("unknown", "p1") is None

    def test_a_started_job_keeps_what_the_service_was_given_whoever_starts_it_again(
        self, inference: InferenceRegistry
    ) -> None:
        job = self._running(inference, frozenset())

        inference.set_started(job.job_id, StartedJob("other", frozenset(), 1), now=40.0)

        found = inference.get(job.job_id)
        assert found is not None
        assert (found.status, found.started, found.started_at) == (JobStatus.RUNNING, job.started, 30.0)

    def test_an_ended_job_is_no_longer_live_and_says_how_it_ended(self, inference: InferenceRegistry) -> None:
        job = self._running(inference, frozenset({"p1"}))

        inference.end(job.job_id, "it expired", now=50.0)

        found = inference.get(job.job_id)
        assert found is not None
        assert (found.status, found.message, found.outstanding) == (JobStatus.ENDED, "it expired", frozenset())
        assert inference.live() == frozenset()

    def _running(self, inference: InferenceRegistry, parts: frozenset[str]) -> InferenceJob:
        job = inference.join(BATCH, "a-1-1", 1, MOST, now=1.0)
        inference.close(job.job_id)
        inference.set_started(job.job_id, StartedJob("external", parts, 5), now=30.0)
        found = inference.get(job.job_id)
        assert found is not None
        assert (found.status, found.started) == (JobStatus.RUNNING, StartedJob("external", parts, 5))
        return found
