"""What nobody may see, whatever users, groups and documents there are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.models.access import Principal
from docqa.models.document import DocumentStatus, LiveAccess
from docqa.services.recorded_answers import OpenDocuments
from tests.unit.answering.library import ANA, EVERYBODY, TENANT, Library, says

TENANTS = st.sampled_from(["acme", "globex"])
GROUPS = st.frozensets(st.sampled_from(["staff", "board", "legal"]))
READERS = st.frozensets(st.sampled_from(["tenant", "group:staff", "group:board", "group:legal"]))
PRINCIPALS = st.builds(Principal, TENANTS, st.just("ana"), GROUPS)


@dataclass(frozen=True)
class Page:
    """A document as the registry knows it, and as the index, late or wrong, carries it."""

    tenant: str
    readers: frozenset[str]
    indexed_tenant: str
    indexed_readers: frozenset[str]
    deleted: bool
    stale: bool


PAGES = st.lists(st.builds(Page, TENANTS, READERS, TENANTS, READERS, st.booleans(), st.booleans()), max_size=8)


@settings(deadline=None)
@given(principal=PRINCIPALS, pages=PAGES)
def test_no_unreadable_passage_reaches_prompt_answer_or_citation(principal: Principal, pages: list[Page]) -> None:
    """Promise 42: not even when the index carries readers that no longer hold."""
    library = Library()
    secrets = {_add(library, number, page): (number, page) for number, page in enumerate(pages)}
    chat = says("The vault code is written in the report [1].")

    answers = [library.ask("What is the vault code?", principal, one).answer for one in (None, chat)]

    out = "\n".join([*(answer.model_dump_json() for answer in answers), *chat.prompts])
    for identity, (number, page) in secrets.items():
        readable = not page.deleted and not page.stale and principal.may_read(page.tenant, page.readers)
        if not readable:
            assert f"vault code {number}{number}{number}" not in out
            assert identity not in out


@settings(deadline=None)
@given(principal=PRINCIPALS, readers=READERS)
def test_what_may_be_read_is_found(principal: Principal, readers: frozenset[str]) -> None:
    """Promise 42: the rule does not hold by showing nothing."""
    library = Library()
    library.add("report", "The vault code is 111.", readers, tenant=principal.tenant)

    answer = library.ask("What is the vault code?", principal).answer

    assert bool(answer.citations) == principal.may_read(principal.tenant, readers)


@pytest.mark.parametrize("indexed", [frozenset({"group:board"}), EVERYBODY])
def test_a_version_is_not_read_by_those_to_whom_only_a_newer_one_is_open(indexed: frozenset[str]) -> None:
    """Promise 42: not in a search, not as a stored answer, and with an index that is wrong, too."""
    library = Library()
    identity = library.add("minutes", "The vault code is 111.", EVERYBODY, indexed_readers=indexed)
    library.change(identity, live_access=LiveAccess(frozenset({"group:board"})))
    board = Principal(TENANT, "bo", frozenset({"board"}))

    assert not library.ask("What is the vault code?", ANA).answer.citations
    assert library.ask("What is the vault code?", board).answer.citations
    documents = library.registry.get_many([identity])
    assert not OpenDocuments(documents, ANA, 0.0).answers(identity, 1)
    assert OpenDocuments(documents, board, 0.0).answers(identity, 1)


def _add(library: Library, number: int, page: Page) -> str:
    text = f"The vault code {number}{number}{number} is written in the report."
    identity = library.add(f"report {number}", text, page.readers, tenant=page.tenant)
    library.search.chunks[-1] = replace(
        library.search.chunks[-1], tenant=page.indexed_tenant, readers=page.indexed_readers
    )
    if page.deleted:
        library.change(identity, status=DocumentStatus.DELETED, live_generation=0)
    if page.stale:
        library.change(identity, live_generation=2)
    return identity
