from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from cli.search_index import facts
from cli.stack import Stack
from docqa.models.search_index import IndexConfiguration, SearchIndex, Walk
from tests.unit.cli.conftest import Docqa

ACTIVE = IndexConfiguration("docqa-chunks-v2-1024-a", "titan", 1024)
COMING = IndexConfiguration(
    "docqa-chunks-v2-1024-a",
    "titan",
    1024,
    next=SearchIndex("docqa-chunks-v2-384-b", "cohere", 384),
    walk=Walk(1.0, "cursor", seen=120, lacking=7),
)


def test_an_index_that_is_whole_is_two_facts() -> None:
    assert facts(asdict(ACTIVE)) == [
        ("index", "docqa-chunks-v2-1024-a (complete)"),
        ("model", "titan, 1024 dimensions"),
    ]


def test_the_way_to_the_next_index_is_told_in_documents() -> None:
    """Promise 28: how far a change of the model is can be seen."""
    told = dict(facts(asdict(COMING)))
    assert told["next"] == "docqa-chunks-v2-384-b, cohere, 384 dimensions"
    assert told["compared"] == "120 documents so far, 7 of them to be filled"


def test_an_index_that_is_filled_again_says_so() -> None:
    told = dict(facts({**asdict(ACTIVE), "complete": False}))
    assert told["index"].endswith("(being filled again)")


@pytest.mark.parametrize("arguments", [(), ("--rebuild",)])
def test_the_command_shows_and_rebuilds(
    docqa: Docqa, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    asked: list[str] = []
    stack = Stack(name="docqa", region="eu-west-1", outputs={})
    monkeypatch.setattr("cli.connection.find_stack", lambda *_: stack)
    monkeypatch.setattr("cli.search_index.rebuild", lambda _: asked.append("rebuild"))
    monkeypatch.setattr("cli.search_index.state", lambda _: _state())

    done = docqa("index", "--json", *arguments)

    assert json.loads(done.stdout)["next"]["embedding_model"] == "cohere"
    assert asked == ["rebuild"] * len(arguments)
    assert "being" not in docqa("index").stdout


def _state() -> dict[str, Any]:
    return asdict(COMING)
