"""What every registry of external jobs does, the real one and the one in memory."""

from __future__ import annotations

import pytest

from docqa.ports.jobs import JobRegistry

LATER = 2_000_000_000.0


class JobRegistryContract:
    """Derive from it and provide the fixture `jobs`: an empty registry."""

    def test_the_first_to_join_creates_the_job(self, jobs: JobRegistry) -> None:
        job = jobs.join("j", "token", "d:1", LATER)

        assert (job.status, job.round, job.external_id, job.waiters) == ("STARTING", 1, "", {"token"})
        assert jobs.get("j") == job
        assert jobs.get("other") is None

    def test_several_wait_and_joining_twice_is_joining_once(self, jobs: JobRegistry) -> None:
        for token in ("one", "two", "one"):
            job = jobs.join("j", token, "d:1", LATER)

        assert job.waiters == {"one", "two"}

    def test_the_first_to_want_a_job_pays_for_it_and_a_new_round_has_a_payer_of_its_own(
        self, jobs: JobRegistry
    ) -> None:
        """Promise 23: what two documents share is charged once."""
        jobs.join("j", "one", "first:1", LATER)
        assert jobs.join("j", "two", "second:1", LATER).payer == "first:1"

        jobs.give_up("j", 1, "its result is gone")

        assert jobs.join("j", "three", "second:1", LATER).payer == "second:1"

    def test_a_repeated_start_is_the_same_client_token(self, jobs: JobRegistry) -> None:
        """Promise 23: a start retried with the same token pays for one job."""
        assert jobs.join("j", "one", "d:1", LATER).token == jobs.join("j", "two", "d:1", LATER).token

    def test_a_started_job_runs_under_the_services_id(self, jobs: JobRegistry) -> None:
        jobs.join("j", "token", "d:1", LATER)

        started = jobs.set_started("j", 1, "external")
        again = jobs.set_started("j", 1, "another")

        assert started == again
        assert started is not None
        assert (started.status, started.external_id) == ("RUNNING", "external")

    @pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED"])
    def test_a_job_ends_once(self, jobs: JobRegistry, status: str) -> None:
        """Promise 22: the first notification decides; repeats and late starts change nothing."""
        jobs.join("j", "token", "d:1", LATER)

        ended = jobs.finish("j", 1, "external", status, "why")
        late = [jobs.finish("j", 1, "external", "SUCCEEDED", ""), jobs.set_started("j", 1, "external")]

        assert ended is not None
        assert (ended.status, ended.external_id, ended.waiters) == (status, "external", {"token"})
        assert ended.message == ("why" if status == "FAILED" else "")
        assert late == [ended, ended]

    def test_who_joins_a_finished_job_learns_that_it_is_finished(self, jobs: JobRegistry) -> None:
        jobs.join("j", "early", "d:1", LATER)
        jobs.finish("j", 1, "external", "SUCCEEDED", "")

        job = jobs.join("j", "late", "d:1", LATER)

        assert (job.status, job.external_id) == ("SUCCEEDED", "external")
        assert job.waiters == {"early"}, "thousands of equal files may come later"

    def test_a_failed_job_begins_a_new_round_that_the_old_one_cannot_touch(self, jobs: JobRegistry) -> None:
        first = jobs.join("j", "old", "d:1", LATER)
        jobs.finish("j", 1, "external", "FAILED", "why")

        job = jobs.join("j", "new", "d:1", LATER)

        assert (job.status, job.round, job.external_id, job.message) == ("STARTING", 2, "", "")
        assert job.waiters == {"new"}
        assert job.token != first.token
        assert jobs.finish("j", 1, "external", "SUCCEEDED", "") is None
        assert jobs.set_started("j", 1, "external") is None
        assert jobs.get("j") == job

    def test_what_was_given_up_starts_anew_with_the_next_to_join(self, jobs: JobRegistry) -> None:
        jobs.join("j", "old", "d:1", LATER)
        jobs.finish("j", 1, "external", "SUCCEEDED", "")

        jobs.give_up("j", 1, "its result is gone")
        jobs.give_up("unknown", 1, "nothing happens")

        assert jobs.join("j", "new", "d:1", LATER).round == 2
        jobs.give_up("j", 1, "an old round")
        job = jobs.get("j")
        assert job is not None
        assert job.status == "STARTING"

    def test_nobody_ends_a_job_that_is_not_on_record(self, jobs: JobRegistry) -> None:
        assert jobs.finish("unknown", 1, "external", "SUCCEEDED", "") is None
        assert jobs.get("unknown") is None
