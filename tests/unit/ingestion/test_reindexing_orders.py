"""Whatever happens while the index is filled and switched over, nobody's question misses a document that answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from docqa.errors import RetryableError, StaleVersionError
from docqa.ids import execution_name
from docqa.models.access import group_reader
from docqa.models.document import Document, DocumentReference
from docqa.models.work import Chunking, ChunkWork
from docqa.services.retrieval import CONFIGURATION_SECONDS
from tests.unit.ingestion.pipeline import DIMENSIONS, MODEL
from tests.unit.ingestion.reindexing import NEXT_DIMENSIONS, NEXT_MODEL, Library

SCAN_SECONDS = 2.0
KEYS = st.sampled_from(["acme/a.md", "acme/b.md", "acme/c.md"])


class SlowToScan:
    """The registry, with a clock that goes on while documents are listed, one by one."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library.registry, name)

    def all_documents(self, limit: int, cursor: str | None = None) -> tuple[list[Document], str | None]:
        self._library.clock.time += SCAN_SECONDS
        return self._library.registry.all_documents(1, cursor)


class LibraryUnderChange(RuleBasedStateMachine):
    """Uploads, deletions, readers, deployments, a lost domain; every worker's steps in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.library = Library()
        self.library.keeper = replace(self.library.keeper, registry=SlowToScan(self.library))
        self.running: list[tuple[DocumentReference, Chunking]] = []
        self.steps: dict[str, int] = {}
        # What a function that answers questions has read of the configuration, and until when it believes it.
        self.believed, self.believed_until = self.library.configuration, 0.0
        self.lost_at: str | None = None

    # --- documents come and go

    @rule(key=KEYS, passages=st.integers(1, 4))
    def upload(self, key: str, passages: int) -> None:
        self.running.append(self.library.begin(key, passages))

    @rule(key=KEYS, passages=st.integers(1, 4))
    def upload_and_publish(self, key: str, passages: int) -> None:
        self.running.append(self.library.begin(key, passages))
        for _ in range(3):
            if self.running:
                self.work_on(len(self.running) - 1)

    @precondition(lambda self: self.running)
    @rule(which=st.integers(0, 9))
    def take_a_step(self, which: int) -> None:
        self.work_on(which % len(self.running))

    def work_on(self, number: int) -> None:
        """Embed, index, publish: one of them. What is busy is tried again later."""
        reference, chunking = self.running[number]
        name = execution_name(reference.document_id, reference.generation, reference.attempt)
        step = self.steps.get(name, 0)
        try:
            for span in chunking.spans:
                work = ChunkWork(reference=reference, span=span)
                if step == 0:
                    self.library.embed.run(work)
                elif step == 1:
                    self.library.indexing.run(work)
            if step == 2:
                self.library.publish(reference, chunking)
        except RetryableError:
            # Once an index was noted after they were embedded, its vectors are missing: the whole run begins anew.
            self.steps[name] = 0 if step == 1 else step
            return
        except StaleVersionError:
            self.end(number, name)
            return
        self.steps[name] = step + 1
        if step == 2:
            self.end(number, name)

    def end(self, number: int, name: str) -> None:
        reference, _ = self.running.pop(number)
        self.library.registry.release_slot(name)
        self.library.maintenance.send({"document_id": reference.document_id})

    @precondition(lambda self: self.library.live())
    @rule(which=st.integers(0, 9))
    def delete(self, which: int) -> None:
        document = self.library.live()[which % len(self.library.live())]
        self.library.registry.mark_deleted(document, self.library.clock.time)
        self.library.maintenance.send({"document_id": document.document_id})

    @precondition(lambda self: self.library.live())
    @rule(which=st.integers(0, 9), group=st.sampled_from(["hr", "legal"]))
    def share(self, which: int, group: str) -> None:
        document = self.library.live()[which % len(self.library.live())]
        readers = frozenset({group_reader(group)})
        self.library.registry.change_access(document, readers, {}, True, self.library.clock.time)
        self.library.maintenance.send({"document_id": document.document_id})

    # --- the operator

    @rule(coming=st.booleans())
    def deploy(self, coming: bool) -> None:
        present = (self.library.configuration.embedding_model, self.library.configuration.dimensions)
        other = (NEXT_MODEL, NEXT_DIMENSIONS) if present == (MODEL, DIMENSIONS) else (MODEL, DIMENSIONS)
        self.library.deployment.run(*present, *(other if coming else ()))

    @rule()
    def deploy_a_new_mapping(self) -> None:
        self.library.indexes.mapping += 1
        self.deploy(coming=False)

    @rule()
    def rebuild(self) -> None:
        self.library.keeper.run(1.0, rebuild=True)

    @precondition(lambda self: self.lost_at is None)
    @rule()
    def lose_the_domain(self) -> None:
        self.lost_at = self.library.configuration.index
        self.library.indexes.made.clear()

    # --- docqa's own workers

    @rule(seconds=st.sampled_from([1.0, 4.0, 120.0]))
    def time_passes(self, seconds: float) -> None:
        self.library.clock.time += seconds
        self.library.refresh()

    @rule(runs=st.integers(1, 4))
    def keep_the_index(self, runs: int) -> None:
        for _ in range(runs):
            self.library.keeper.run(45.0)
            self.library.clock.time += 30
            self.notice()

    @rule()
    def keep_the_index_as_far_as_the_next_document(self) -> None:
        self.library.keeper.run(SCAN_SECONDS)

    @rule()
    def keep_house(self) -> None:
        self.library.keep_house()

    @precondition(lambda self: len(self.library.maintenance.sent) > 1)
    @rule()
    def keep_a_little_of_the_house(self) -> None:
        first, *rest = self.library.maintenance.sent
        self.library.maintenance.sent[:] = [first]
        self.library.keep_house()
        self.library.maintenance.sent.extend(rest)

    # --- what always holds

    def notice(self) -> None:
        if self.library.clock.time > self.believed_until:
            self.believed = self.library.configuration
            self.believed_until = self.library.clock.time + CONFIGURATION_SECONDS

    @invariant()
    def a_question_misses_nothing_that_answers_or_says_so(self) -> None:
        """Promise 28: also of a function that read the configuration a moment ago."""
        self.notice()
        if self.library.configuration.index == self.lost_at:
            return  # a search fails, and says so, until the loss is noticed
        for configuration in (self.library.configuration, self.believed):
            if configuration.complete and configuration.index in self.library.indexes.made:
                assert self.library.missing(configuration.index) == set()

    # --- what holds in the end

    def teardown(self) -> None:
        for _ in range(40):
            while self.running and self.steps.get("tries", 0) < 500:
                self.steps["tries"] = self.steps.get("tries", 0) + 1
                self.work_on(self.steps["tries"] % len(self.running))
                self.library.keeper.run(1.0)
                self.library.keep_house()
            self.library.keep()
            self.library.refresh()
        assert not self.running
        configuration = self.library.configuration
        assert (configuration.next, configuration.retiring, configuration.walk) == (None, None, None)
        assert configuration.complete
        assert list(self.library.indexes.made) == [configuration.index]
        found = self.library.found(configuration.index)
        live = {(one.document_id, one.live_generation): one for one in self.library.live()}
        assert set(found) == set(live)
        for key, document in live.items():
            chunks = found[key].values()
            assert len(chunks) == self.library.registry.generations[key].chunks
            assert {one.readers for one in chunks} == {document.readers}
            assert {len(one.vector) for one in chunks} == {configuration.dimensions}
        owners = {f"{document}:{generation}" for document, generation in live}
        assert set().union(*self.library.registry.owners.values()) <= owners


def test_no_question_misses_a_document_whatever_happens_to_the_index() -> None:
    """Promises 15, 16, 28, 53: under uploads, deletions, deployments, rebuilds and a lost domain, in any order."""
    run_state_machine_as_test(
        LibraryUnderChange, settings=settings(max_examples=100, stateful_step_count=40, deadline=None)
    )
