"""What an execution writes into its history on AWS, and what it is billed for, from the state machine's definition.

The emulator keeps no history of the states inside a Map, so both are counted on the definition, with the numbers of
iterations that the document has. A test compares the count with the history that moto writes, which has them.
Events by kind of state: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devstack.settings import REPOSITORY
from docqa.domain.spans import chunk_spans, page_spans

DEFINITION = REPOSITORY / "statemachines" / "ingest_document.asl.json"
# Started and succeeded.
EXECUTION_EVENTS = 2
ENTERED_AND_EXITED = 2
# Of a function called directly: scheduled, started, succeeded. Of one that answers by a task token: submitted, too.
FUNCTION_EVENTS, TOKEN_EVENTS = 3, 4
MAP_EVENTS = 2
ITERATION_EVENTS = 2
# What Step Functions allows an execution.
MOST_EVENTS = 25_000


@dataclass(frozen=True)
class Counted:
    """Events in the history, and transitions on the bill."""

    events: int = 0
    transitions: int = 0

    def __add__(self, other: Counted) -> Counted:
        return Counted(self.events + other.events, self.transitions + other.transitions)

    def __mul__(self, times: int) -> Counted:
        return Counted(self.events * times, self.transitions * times)


def of_document(pages: int, chunks: int, *, extracted: bool = False) -> Counted:
    """Of an undisturbed execution that embeds in real time; `extracted`: some pages went to text extraction."""
    items = {"ReadPages": len(page_spans(pages)), "EmbedAndIndex": len(chunk_spans(chunks))}
    definition = json.loads(DEFINITION.read_text())
    chosen = {"AtOnce?": "EmbedAndIndex", **({"NeedsExtraction?": "ExtractText"} if extracted else {})}
    return count(definition, items, chosen)


def count(definition: Mapping[str, Any], items: Mapping[str, int], chosen: Mapping[str, str]) -> Counted:
    """Of an execution that meets no error.

    Args:
        definition: The state machine.
        items: Iterations, by the name of each Map.
        chosen: Where a Choice leads, by its name; by default its default.
    """
    return Counted(EXECUTION_EVENTS) + _walk(definition, items, chosen)


def _walk(machine: Mapping[str, Any], items: Mapping[str, int], chosen: Mapping[str, str]) -> Counted:
    total, name = Counted(), machine["StartAt"]
    while name:
        state = machine["States"][name]
        total += Counted(ENTERED_AND_EXITED, 1) + _inside(name, state, items, chosen)
        name = chosen.get(name, state.get("Default")) if state["Type"] == "Choice" else state.get("Next")
    return total


def _inside(name: str, state: Mapping[str, Any], items: Mapping[str, int], chosen: Mapping[str, str]) -> Counted:
    if state["Type"] == "Map":
        one = Counted(ITERATION_EVENTS) + _walk(state["ItemProcessor"], items, chosen)
        return Counted(MAP_EVENTS) + one * items[name]
    if state["Type"] == "Task":
        return Counted(TOKEN_EVENTS if state["Resource"].endswith(".waitForTaskToken") else FUNCTION_EVENTS)
    return Counted()
