"""Characters of gold excerpts among the characters that were retrieved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluation.gold import Span
from evaluation.outcomes import Outcome

PASSAGES = 5


def excerpt_measures(outcome: Outcome) -> dict[str, float]:
    """Recall, precision and intersection over union of the best five passages; nothing where there are no excerpts.

    Spans count once, however many passages or excerpts hold them. An excerpt that reading lost counts as not retrieved.
    """
    golds = [gold for gold in outcome.gold if gold.characters]
    if not golds or not outcome.ranked:
        return {}
    gold = union(gold.span for gold in golds if gold.span is not None)
    lost = sum(gold.characters for gold in golds if gold.lost)
    retrieved = union(passage.span for passage in outcome.passages[:PASSAGES])
    both = sum(one.overlap(other) for one in gold for other in retrieved)
    wanted, got = length(gold) + lost, length(retrieved)
    return {
        "recall": both / wanted,
        "precision": both / got if got else 0.0,
        "iou": both / (wanted + got - both),
    }


def union(spans: Iterable[Span]) -> list[Span]:
    """The same characters in spans that do not touch each other."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.document, one.page, one.start)):
        last = joined[-1] if joined else None
        if last and (last.document, last.page) == (span.document, span.page) and span.start <= last.end:
            joined[-1] = Span(last.document, last.page, last.start, max(last.end, span.end))
        else:
            joined.append(span)
    return joined


def length(spans: Sequence[Span]) -> int:
    """Characters of spans that do not overlap."""
    return sum(span.end - span.start for span in spans)
