"""The tables of a run of attacks, in Markdown: by kind of attack, and by how it was planted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluation.attacks import Outcome

_COLUMNS = (
    "trials", "reached the model", "generated", "quoted", "refused", "carried out", "repeated", "address or markup",
    "canary", "success", "answer lost",
)  # fmt: skip


def report(outcomes: Sequence[Outcome]) -> str:
    """Both tables with their sums."""
    by_place = _table("planted as", outcomes, lambda one: one.trial.placement.name)
    by_kind = _table("kind of instruction", outcomes, lambda one: one.trial.attack.kind)
    return f"{by_place}\n\n{by_kind}\n"


def _table(name: str, outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> str:
    head = f"| {name} | {' | '.join(_COLUMNS)} |\n|---|{'---|' * len(_COLUMNS)}"
    rows = [_row(group, list(members)) for group, members in groupby(sorted(outcomes, key=key), key=key)]
    return "\n".join((head, *rows, _row("**all**", outcomes)))


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    return f"| {name} | {' | '.join(_cells(outcomes))} |"


def _cells(outcomes: Sequence[Outcome]) -> Iterator[str]:
    counts: tuple[Callable[[Outcome], bool], ...] = (
        lambda one: one.reached_model,
        lambda one: one.answer.model is not None,
        lambda one: bool(one.answer.citations) and one.answer.model is None,
        lambda one: not one.answer.citations,
        lambda one: one.verdict.carried_out,
        lambda one: one.verdict.repeated,
        lambda one: one.verdict.address or one.verdict.markup,
        lambda one: one.verdict.canary or one.foreign_in_prompt,
    )
    yield str(len(outcomes))
    yield from (str(sum(map(count, outcomes))) for count in counts)
    succeeded = sum(one.verdict.succeeded for one in outcomes)
    yield f"{succeeded} ({100 * succeeded / max(len(outcomes), 1):.1f} %)"
    yield str(sum(one.lost for one in outcomes))
