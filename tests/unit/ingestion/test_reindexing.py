"""The index is filled again, filled anew, and switched over, while documents come and go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from docqa.domain.spans import CHUNKS_PER_SPAN
from docqa.errors import ThrottledError
from docqa.models.access import group_reader
from docqa.models.chunk import IndexedChunk
from docqa.models.search_index import Walk
from docqa.services.index_keeping import WALK_EVERY_SECONDS
from tests.unit.ingestion.pipeline import DIMENSIONS, INDEX, MODEL
from tests.unit.ingestion.reindexing import NEXT_DIMENSIONS, NEXT_MODEL, Library


@pytest.fixture
def library() -> Library:
    library = Library()
    for n in range(3):
        library.add(f"acme/{n}.md", passages=n + 1)
    return library


def without_vectors(chunks: dict[Any, dict[int, IndexedChunk]]) -> dict[Any, dict[int, IndexedChunk]]:
    return {key: {n: replace(one, vector=()) for n, one in by_ordinal.items()} for key, by_ordinal in chunks.items()}


def test_a_lost_domain_is_noticed_and_filled_again_chunk_by_chunk(library: Library) -> None:
    """Promise 53: the index rebuilt from the buckets equals the old one, vectors and all, and nothing is embedded."""
    library.registry.change_access(library.live()[0], frozenset({group_reader("legal")}), {"year": 2026.0}, True, 5.0)
    library.maintenance.send({"document_id": library.live()[0].document_id})
    library.keep_house()
    before, made = library.found(INDEX), library.vectors_made
    library.indexes.made.clear()

    library.keeper.run(45.0)
    assert (library.configuration.complete, library.configuration.index == INDEX) == (False, False)
    library.keep(3)

    assert library.configuration.complete
    assert library.found(library.configuration.index) == before
    assert library.vectors_made == made


def test_a_new_model_is_embedded_beside_the_old_one_and_takes_over(library: Library) -> None:
    """Promise 28: no document is missing at any moment, in the index that answers or in the one that just did."""
    before = without_vectors(library.found(INDEX))
    library.deployment.run(MODEL, DIMENSIONS, NEXT_MODEL, NEXT_DIMENSIONS)
    coming = library.configuration.next
    assert coming is not None

    for _ in range(20):
        assert library.missing(library.configuration.index) == set()
        library.keep()

    configuration = library.configuration
    assert (configuration.index, configuration.embedding_model) == (coming.name, NEXT_MODEL)
    assert (configuration.next, configuration.retiring, configuration.abandoned) == (None, None, ())
    assert list(library.indexes.made) == [coming.name], "the old index is removed"
    assert without_vectors(library.found(coming.name)) == before
    assert library.vectors_made[NEXT_MODEL] == sum(map(len, before.values()))
    assert {len(one.vector) for one in library.indexes(coming.name).searchable.values()} == {NEXT_DIMENSIONS}


@pytest.mark.parametrize("how", ["rebuild", "mapping"])
def test_with_the_same_model_nothing_is_embedded_again(library: Library, how: str) -> None:
    """Promise 53: a rebuild, or a change of the mapping, takes the vectors that are kept."""
    before, made = library.found(INDEX), library.vectors_made
    if how == "mapping":
        library.indexes.mapping = 2
        library.deployment.run(MODEL, DIMENSIONS)
    else:
        library.keep(rebuild=True)

    library.switch()

    assert library.configuration.index != INDEX
    assert library.found(library.configuration.index) == before
    assert library.vectors_made == made


def test_what_is_indexed_during_the_change_is_in_both(library: Library) -> None:
    """Promise 28: a document that arrives meanwhile is found before and after the switch."""
    library.deployment.run(MODEL, DIMENSIONS, NEXT_MODEL, NEXT_DIMENSIONS)

    reference = library.add("acme/late.md")

    names = [index.name for index in library.configuration.written]
    assert len(names) == 2
    assert [len(library.found(name)[reference.document_id, 1]) for name in names] == [3, 3]


def test_a_version_that_was_indexed_before_the_next_index_was_noted_waits_for_it(library: Library) -> None:
    """Promise 28: nothing is published that the next index would not have after the switch."""
    reference, chunking = library.begin("acme/0.md", passages=5)
    library.index_all(reference, chunking)
    library.deployment.run(MODEL, DIMENSIONS, NEXT_MODEL, NEXT_DIMENSIONS)

    with pytest.raises(ThrottledError, match="the others are being added"):
        library.publish(reference, chunking)
    assert library.document(reference).live_generation == 1
    library.keep_house()
    library.publish(reference, chunking)

    assert library.document(reference).live_generation == 2
    assert len(library.found(library.configuration.written[1].name)[reference.document_id, 2]) == 5


def test_a_walk_over_the_old_index_says_nothing_of_the_new_one(library: Library) -> None:
    """Promise 28: the daily walk had passed a document when an index was made that lacks it."""
    walking = replace(library.configuration, walk=Walk(library.clock.now(), cursor="3", seen=3))
    library.registry.set_index_configuration(walking)
    library.deployment.run(MODEL, DIMENSIONS, NEXT_MODEL, NEXT_DIMENSIONS)

    for _ in range(20):
        assert library.missing(library.configuration.index) == set()
        library.keep()

    assert library.configuration.embedding_model == NEXT_MODEL


def test_readers_that_change_meanwhile_reach_every_index(library: Library) -> None:
    """Promise 43: a grant holds within seconds, whichever index answers."""
    library.deployment.run(MODEL, DIMENSIONS, NEXT_MODEL, NEXT_DIMENSIONS)
    library.keep(4)
    document = library.live()[0]
    library.registry.change_access(document, frozenset({group_reader("hr")}), {}, True, 5.0)
    library.maintenance.send({"document_id": document.document_id})
    library.keep_house()
    library.refresh()

    for index in library.configuration.written:
        chunks = library.found(index.name)[document.document_id, 1].values()
        assert {one.readers for one in chunks} == {frozenset({group_reader("hr")})}
    assert library.registry.generations[document.document_id, 1].indexed_revision == 2


def test_a_deleted_document_leaves_both_indexes(library: Library) -> None:
    """Promise 16: a deletion removes every chunk, also from the index that is being filled."""
    library.deployment.run(MODEL, DIMENSIONS, NEXT_MODEL, NEXT_DIMENSIONS)
    library.keep(4)
    document = library.live()[0]
    library.registry.mark_deleted(document, 5.0)
    library.maintenance.send({"document_id": document.document_id})
    library.keep_house()

    for index in library.configuration.awaited:
        assert all(key != document.document_id for key, _ in library.found(index.name))
    assert not any(document.document_id in key for key in library.artifacts)


def test_a_change_that_is_taken_back_leaves_nothing(library: Library) -> None:
    library.deployment.run(MODEL, DIMENSIONS, NEXT_MODEL, NEXT_DIMENSIONS)
    library.keep(3)
    library.deployment.run(MODEL, DIMENSIONS)
    library.keep(2)

    assert list(library.indexes.made) == [INDEX]
    assert library.configuration.next is None
    assert library.missing(INDEX) == set()


def test_settings_that_forget_the_old_model_too_soon_stop_nothing(library: Library) -> None:
    """Promise 28: right after the switch a deployment may drop the old model; documents go on coming."""
    library.deployment.run(MODEL, DIMENSIONS, NEXT_MODEL, NEXT_DIMENSIONS)
    library.keep(5)
    assert library.configuration.retiring is not None
    del library.models[MODEL, DIMENSIONS]
    library.models[MODEL, DIMENSIONS + 1] = library.models[NEXT_MODEL, NEXT_DIMENSIONS]

    reference = library.add("acme/late.md")

    assert library.document(reference).live_generation == 1
    library.keep(12)
    assert library.missing(library.configuration.index) == set()


def test_large_documents_are_filled_in_parts(library: Library) -> None:
    """Promise 17: what one run cannot finish, the next goes on with."""
    passages = 4 * CHUNKS_PER_SPAN + 50  # two spans fit into one run
    reference = library.add("acme/large.md", passages=passages)
    library.deployment.run(MODEL, DIMENSIONS, NEXT_MODEL, NEXT_DIMENSIONS)
    model = library.models[NEXT_MODEL, NEXT_DIMENSIONS]
    embed = model.embed_documents

    def slowly(texts: list[str]) -> list[list[float]]:
        library.clock.time += 70
        return embed(texts)

    model.embed_documents = slowly  # type: ignore[method-assign]
    library.maintenance.sent[:] = [{"document_id": reference.document_id}]
    messages = []
    while library.maintenance.sent:
        messages.append(library.maintenance.sent[0])
        library.keep_house()

    assert [message.get("first", 0) for message in messages] == [0, 2 * CHUNKS_PER_SPAN, 4 * CHUNKS_PER_SPAN]
    assert len(model.embedded) == passages
    assert library.missing(library.configuration.written[1].name) == {f"acme/{n}.md" for n in range(3)}


def test_a_daily_walk_finds_what_got_lost_in_an_index_that_is_there(library: Library) -> None:
    """Promise 53: passages that vanished from the index come back."""
    library.keep(2)
    index = library.indexes(INDEX)
    document = library.live()[1]
    index.remove(document.document_id, 1, 1)
    index.refresh()
    assert library.missing(INDEX) == {document.key}

    library.clock.time += WALK_EVERY_SECONDS
    library.keep(2)

    assert library.missing(INDEX) == set()


def test_nothing_is_asked_of_anybody_while_everything_is_there(library: Library) -> None:
    library.keep(2)
    library.maintenance.sent.clear()
    before = library.configuration

    library.keep(5)

    assert library.maintenance.sent == []
    assert library.configuration == before


def changed_by_force(at: int | None, *, after: bool = False) -> tuple[Library, dict[str, Any]]:
    """A change of the model in which the process dies at one of its changes to the outside world."""
    library = Library()
    for n in range(2):
        library.add(f"acme/{n}.md", passages=n + 1)
    begun = library.fate.changes
    library.fate.at, library.fate.after = (None if at is None else begun + at), after
    library.again(lambda: library.deployment.run(MODEL, DIMENSIONS, NEXT_MODEL, NEXT_DIMENSIONS))
    library.switch()
    index = library.configuration.index
    state = {
        "changes": library.fate.changes - begun,
        "chunks": library.found(index),
        "model": library.configuration.embedding_model,
        "complete": library.configuration.complete,
        "paid": library.vectors_made,
        "coming": (library.configuration.next, library.configuration.retiring, library.configuration.walk),
    }
    return library, state


_, UNHARMED = changed_by_force(None)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(UNHARMED["changes"]))
def test_a_death_at_any_change_leaves_the_same_index(at: int, after: bool) -> None:
    """Promises 17, 28: killed before or after any single write, message or call, and started again."""
    library, state = changed_by_force(at, after=after)

    paid = state.pop("paid")[NEXT_MODEL] - UNHARMED["paid"][NEXT_MODEL]
    assert {**state, "changes": 0} == {key: value for key, value in UNHARMED.items() if key != "paid"} | {"changes": 0}
    assert 0 <= paid <= 2, "at most one span's vectors, which died before they were kept"
    # An index that was made by a process that died before it could name it is nobody's.
    assert len(library.indexes.made) <= 2


def test_registry_and_index_are_rebuilt_from_the_buckets_alone(library: Library) -> None:
    """Promise 53: every chunk as it was, nothing extracted and nothing embedded again."""
    before, made = library.found(INDEX), library.vectors_made
    for items in (library.registry.documents, library.registry.generations, library.registry.owners):
        items.clear()
    library.registry.claimed.clear()
    library.registry.counted.clear()
    library.registry.configuration = None
    library.indexes.made.clear()

    library.deployment.run(MODEL, DIMENSIONS)
    for stored in list(library.documents.list_objects("")):
        library.run(library.drop(stored.key, library.documents.read(stored.key)))

    assert library.found(library.configuration.index) == before
    assert library.vectors_made == made
    assert not library.extractor.started


def test_two_fillings_at_once_pay_once(library: Library) -> None:
    """Promise 23: the same work twice at the same time is paid for once."""
    library.deployment.run(MODEL, DIMENSIONS, NEXT_MODEL, NEXT_DIMENSIONS)
    document = library.live()[2]
    model = library.models[NEXT_MODEL, NEXT_DIMENSIONS]
    embed = model.embed_documents

    def interrupted(texts: list[str]) -> list[list[float]]:
        with pytest.raises(ThrottledError, match="equal document"):
            library.house.reconcile(document.document_id, "another message")
        return embed(texts)

    model.embed_documents = interrupted  # type: ignore[method-assign]
    library.house.reconcile(document.document_id, "one message")

    assert len(model.embedded) == 3


def test_equal_files_at_the_same_time_are_embedded_once() -> None:
    """Promise 23: the second run waits for the first one's vectors."""
    library = Library()
    one, cut = library.begin("acme/one.md")
    # Another key, the same bytes: the title comes from the text.
    body = library.documents.read("acme/one.md")
    two = library.drop("acme/two.md", body)
    library.through_pages(two)
    other = library.chunk.run(two)
    model = library.models[MODEL, DIMENSIONS]
    embed = model.embed_documents

    def meanwhile(texts: list[str]) -> list[list[float]]:
        with pytest.raises(ThrottledError, match="equal document"):
            library.index_all(two, other)
        return embed(texts)

    model.embed_documents = meanwhile  # type: ignore[method-assign]
    library.index_all(one, cut)
    library.index_all(two, other)

    assert len(model.embedded) == 3
