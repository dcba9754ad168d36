"""The other half of a sentence that was cut: passages before and after a good one.

Measured with BM25 over the three question sets: a sentence runs over a cut at 31 of 1,504 passages of PDF reports (at
page breaks) and at 2 of 6,036 of others. Where a question meets one, the prompt holds 2 to 3 % more of the reference
answer's words; quotes stay as they were. Neighbours of every good passage, cut or not, crowd better passages out: 4 %
of answers are lost from prompts of five passages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from docqa.domain.cuts import goes_on, runs_on
from docqa.domain.visible_text import visible_text
from docqa.models.chunk import ScoredChunk
from docqa.ports.search import ChunkSearch, SearchQuery

# As many passages as a prompt holds.
COMPLETED_PASSAGES = 5
# Of its passage's score: what was not found by itself stands behind what was.
SCORE_SHARE = 0.9

Key = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Completed:
    """A passage with the passages that its first and its last sentence come from and go on in, in reading order."""

    before: ScoredChunk | None
    passage: ScoredChunk
    after: ScoredChunk | None

    @property
    def neighbours(self) -> tuple[ScoredChunk, ...]:
        """Those that there are."""
        return tuple(one for one in (self.before, self.after) if one is not None)

    @property
    def in_order(self) -> tuple[ScoredChunk, ...]:
        """The passage between its neighbours."""
        return tuple(one for one in (self.before, self.passage, self.after) if one is not None)


def completed(
    search: ChunkSearch, query: SearchQuery, passages: Sequence[ScoredChunk], candidates: Sequence[ScoredChunk]
) -> dict[Key, Completed]:
    """The best passages whose sentences were cut, with their neighbours of the same version.

    Args:
        search: Asked for what is not among the candidates.
        query: Whose access filter holds for neighbours too.
        passages: Best first, allowed by the registry.
        candidates: Everything that was found and is allowed.

    Raises:
        ThrottledError, ServiceUnavailableError: the index cannot answer now.
    """
    wanted = {key for passage in passages[:COMPLETED_PASSAGES] for key in _wanted(passage)}
    known = {one.key: one for one in candidates if one.key in wanted}
    if missing := sorted(wanted - known.keys()):
        known |= {one.key: one for one in search.fetch(query, missing)}
    found = (_complete(passage, known) for passage in passages[:COMPLETED_PASSAGES])
    return {one.passage.key: one for one in found if one.neighbours}


def with_neighbours(passages: Sequence[ScoredChunk], completed: Mapping[Key, Completed]) -> list[ScoredChunk]:
    """Everything that may be quoted: the passages, and the neighbours that are not among them."""
    around = [one for found in completed.values() for one in found.neighbours]
    return list({one.key: one for one in (*around, *passages)}.values())


def in_reading_order(passages: Sequence[ScoredChunk], completed: Mapping[Key, Completed]) -> tuple[ScoredChunk, ...]:
    """What a prompt shows: the passages, each between its neighbours where it has some; none twice."""
    chosen = {passage.key for passage in passages}
    shown: dict[Key, ScoredChunk] = {}
    for passage in passages:
        found = completed.get(passage.key)
        for one in found.in_order if found else (passage,):
            if one.key == passage.key or one.key not in chosen:
                shown.setdefault(one.key, one)
    return tuple(shown.values())


def _wanted(passage: ScoredChunk) -> list[Key]:
    document, generation, ordinal = passage.key
    text = visible_text(passage.chunk)
    before = [(document, generation, ordinal - 1)] if ordinal and goes_on(text) else []
    return [*before, (document, generation, ordinal + 1)] if runs_on(text) else before


def _complete(passage: ScoredChunk, known: Mapping[Key, ScoredChunk]) -> Completed:
    document, generation, ordinal = passage.key
    text = visible_text(passage.chunk)
    before, after = (known.get((document, generation, place)) for place in (ordinal - 1, ordinal + 1))
    fits_before = before is not None and goes_on(text) and runs_on(visible_text(before.chunk))
    fits_after = after is not None and runs_on(text) and goes_on(visible_text(after.chunk))
    return Completed(
        _beside(passage, before) if before and fits_before else None,
        passage,
        _beside(passage, after) if after and fits_after else None,
    )


def _beside(passage: ScoredChunk, neighbour: ScoredChunk) -> ScoredChunk:
    return replace(neighbour, score=max(neighbour.score, SCORE_SHARE * passage.score))
