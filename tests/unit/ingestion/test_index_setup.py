"""What a deployment does to the indexes."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from docqa.errors import ConcurrentUpdateError, ConfigurationError
from docqa.models.search_index import IndexConfiguration, SearchIndex
from docqa.services.index_setup import Indexes, PrepareIndex
from tests.fakes.chunk_index import InMemoryIndexes
from tests.fakes.messages import ManualClock
from tests.fakes.registry import InMemoryDocumentRegistry


class Stack:
    def __init__(self) -> None:
        self.registry, self.domain, self.clock = InMemoryDocumentRegistry(), InMemoryIndexes(), ManualClock()
        suffixes = map(str, count(1))
        self.indexes = Indexes(self.registry, self.domain, lambda: next(suffixes), self.clock)
        self.prepare = PrepareIndex(self.registry, self.indexes)

    @property
    def configuration(self) -> IndexConfiguration:
        assert self.registry.configuration is not None
        return replace(self.registry.configuration, lock=0)


@pytest.fixture
def stack() -> Stack:
    return Stack()


def test_deploying_twice_changes_nothing(stack: Stack) -> None:
    for _ in range(2):
        stack.prepare.run("titan", 1024)

    assert stack.configuration == IndexConfiguration("chunks-v1-1024-1", "titan", 1024)
    assert list(stack.domain.made) == ["chunks-v1-1024-1"]


@pytest.mark.parametrize(("model", "dimensions"), [("cohere", 1024), ("titan", 512)])
def test_another_model_under_indexed_documents_is_refused(stack: Stack, model: str, dimensions: int) -> None:
    """Promise 29: a mix of embedding models is refused when it is deployed."""
    stack.prepare.run("titan", 1024)
    before = stack.configuration

    with pytest.raises(ConfigurationError, match="as NextEmbeddingModel and NextEmbeddingDimensions"):
        stack.prepare.run(model, dimensions)

    assert stack.configuration == before


def test_a_next_model_gets_an_index_of_its_own_and_the_old_one_answers(stack: Stack) -> None:
    """Promise 28: a new model is prepared beside the one that answers."""
    stack.prepare.run("titan", 1024)
    for _ in range(2):
        stack.prepare.run("titan", 1024, "cohere", 384)

    configuration = stack.configuration
    assert (configuration.index, configuration.next) == (
        "chunks-v1-1024-1",
        SearchIndex("chunks-v1-384-2", "cohere", 384),
    )
    assert configuration.next_since == stack.clock.time
    assert list(stack.domain.made) == ["chunks-v1-1024-1", "chunks-v1-384-2"]


def test_after_the_switch_both_ways_to_deploy_are_right_and_the_way_back_is_refused(stack: Stack) -> None:
    stack.prepare.run("titan", 1024)
    stack.domain.create("chunks-v1-384-9", 384)
    stack.registry.configuration = IndexConfiguration("chunks-v1-384-9", "cohere", 384)

    for settings in (("titan", 1024, "cohere", 384), ("cohere", 384)):
        stack.prepare.run(*settings)
        assert stack.configuration == IndexConfiguration("chunks-v1-384-9", "cohere", 384)
    with pytest.raises(ConfigurationError):
        stack.prepare.run("titan", 1024)


@pytest.mark.parametrize("instead", [(), ("voyage", 512)])
def test_a_change_of_mind_abandons_the_next_index(stack: Stack, instead: tuple[str, int] | tuple[()]) -> None:
    stack.prepare.run("titan", 1024)
    stack.prepare.run("titan", 1024, "cohere", 384)

    stack.prepare.run("titan", 1024, *instead)

    coming = stack.configuration.next
    assert (coming and (coming.embedding_model, coming.dimensions)) == (instead or None)
    assert stack.configuration.abandoned == ("chunks-v1-384-2",)


def test_a_new_mapping_is_filled_beside_the_old_one(stack: Stack) -> None:
    """Promise 28: a change of the mapping needs no new stack."""
    stack.prepare.run("titan", 1024)
    stack.domain.mapping = 2

    for _ in range(2):
        stack.prepare.run("titan", 1024)

    assert stack.configuration.index == "chunks-v1-1024-1"
    assert stack.configuration.next == SearchIndex("chunks-v2-1024-2", "titan", 1024)


def test_an_index_of_the_first_release_is_brought_over_with_its_vectors(stack: Stack) -> None:
    """Promise 53: vectors that were kept before their model was written down are used again."""
    stack.domain.create("docqa-chunks-v1-1024", 1024)
    stack.registry.configuration = IndexConfiguration("docqa-chunks-v1-1024", "titan", 1024, unnamed_vectors=True)

    stack.prepare.run("titan", 1024)

    assert stack.configuration.index == "docqa-chunks-v1-1024"
    assert stack.configuration.next == SearchIndex("chunks-v1-1024-1", "titan", 1024, unnamed_vectors=True)


def test_a_lost_domain_gets_new_indexes_that_are_known_to_be_empty(stack: Stack) -> None:
    """Promise 53: a new domain is noticed, and nothing abstains in silence."""
    stack.prepare.run("titan", 1024)
    stack.prepare.run("titan", 1024, "cohere", 384)
    stack.domain.made.clear()

    stack.prepare.run("titan", 1024, "cohere", 384)

    configuration = stack.configuration
    assert (configuration.index, configuration.complete) == ("chunks-v1-1024-3", False)
    assert configuration.next == SearchIndex("chunks-v1-384-4", "cohere", 384)
    assert sorted(stack.domain.made) == ["chunks-v1-1024-3", "chunks-v1-384-4"]


def test_two_deployments_at_once_make_one_configuration(stack: Stack) -> None:
    stack.prepare.run("titan", 1024)
    seen = stack.registry.configuration
    assert seen is not None
    stack.indexes.beside(seen, "cohere", 384)
    with pytest.raises(ConcurrentUpdateError):
        stack.indexes.beside(seen, "voyage", 512)
    assert stack.configuration.next is not None
    assert stack.configuration.next.embedding_model == "cohere"
    assert sorted(stack.domain.made) == ["chunks-v1-1024-1", "chunks-v1-384-2"], "nobody would ever name the other"


def test_a_deployment_gets_through_while_a_walk_notes_its_progress(stack: Stack) -> None:
    """Promise 28: a deployment in the middle of a change does not fail."""
    stack.prepare.run("titan", 1024)
    write, interruptions = stack.registry.set_index_configuration, iter(range(3))

    def interrupted(configuration: IndexConfiguration) -> IndexConfiguration:
        if next(interruptions, None) is not None:
            assert stack.registry.configuration is not None
            write(stack.registry.configuration)
        return write(configuration)

    stack.registry.set_index_configuration = interrupted  # type: ignore[method-assign]
    stack.prepare.run("titan", 1024, "cohere", 384)

    assert stack.configuration.next is not None
    assert len(stack.domain.made) == 2
