"""What was found for a question, kept until the chat model has replied to it: hours later, perhaps, elsewhere."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from docqa.domain.evidence import Evidence, is_strong
from docqa.domain.sentences import Span
from docqa.domain.visible_text import visible_text
from docqa.models.answer import Answer, Usage
from docqa.models.chunk import ScoredChunk
from docqa.models.question import Question
from docqa.models.trace import AnswerTrace
from docqa.ports.clock import Clock
from docqa.services.neighbours import Completed, with_neighbours
from docqa.services.outcomes import Grounds
from docqa.services.stopwatch import Stopwatch
from docqa.services.traces import trace_of


class _Sentence(NamedTuple):
    """Evidence: which passage, from where to where, how good."""

    passage: int
    start: int
    end: int
    coverage: float
    score: float


class _Neighbours(NamedTuple):
    """A passage between the two that its sentences come from and go on in, by their places."""

    before: int | None
    passage: int
    after: int | None


class KeptGrounds(BaseModel):
    """`Grounds` that can be written down: each passage once, and of the evidence what can become part of an answer.

    Attributes:
        texts: Every passage that may be shown or quoted.
        passages: Places in `texts` of the passages found, best first.
    """

    model_config = ConfigDict(frozen=True)

    question: Question
    answer_id: str
    texts: tuple[ScoredChunk, ...]
    passages: tuple[int, ...]
    completed: tuple[_Neighbours, ...] = ()
    sentences: tuple[_Sentence, ...] = ()
    confidence: float
    threshold: float
    usage: Usage
    timings_ms: dict[str, float]
    trace: AnswerTrace

    @classmethod
    def of(cls, grounds: Grounds) -> KeptGrounds:
        """What is kept of them."""
        around = [one for found in grounds.completed.values() for one in found.in_order]
        texts = list(dict.fromkeys([*with_neighbours(grounds.passages, grounds.completed), *around]))
        place = {text: number for number, text in enumerate(texts)}
        strong = [one for one in grounds.evidence if is_strong(one, grounds.evidence[0])]
        return cls(
            question=grounds.question,
            answer_id=grounds.answer_id,
            texts=tuple(texts),
            passages=tuple(place[passage] for passage in grounds.passages),
            completed=tuple(
                _Neighbours(
                    place[one.before] if one.before else None,
                    place[one.passage],
                    place[one.after] if one.after else None,
                )
                for one in grounds.completed.values()
            ),
            sentences=tuple(
                _Sentence(place[one.passage], one.span.start, one.span.end, one.coverage, one.score) for one in strong
            ),
            confidence=grounds.confidence,
            threshold=grounds.threshold,
            usage=grounds.usage,
            timings_ms=grounds.stopwatch.milliseconds(),
            trace=trace_of(grounds),
        )

    def restored(self, clock: Clock, deadline: float, tenant: str, *, may_generate: bool = True) -> Grounds:
        """The grounds, for whoever has until `deadline` to conclude from them, at the tenant's expense."""
        return Grounds(
            question=self.question,
            answer_id=self.answer_id,
            passages=tuple(self.texts[place] for place in self.passages),
            evidence=tuple(map(self._evidence, self.sentences)),
            confidence=self.confidence,
            answerable=True,
            usage=self.usage,
            stopwatch=Stopwatch(clock, deadline, self.timings_ms),
            completed={self.texts[one.passage].key: self._completed(one) for one in self.completed},
            threshold=self.threshold,
            trace=self.trace,
            tenant=tenant,
            may_generate=may_generate,
        )

    def _evidence(self, sentence: _Sentence) -> Evidence:
        passage = self.texts[sentence.passage]
        text = visible_text(passage.chunk)[sentence.start : sentence.end]
        return Evidence(passage, Span(sentence.start, sentence.end), text, sentence.coverage, sentence.score)

    def _completed(self, places: _Neighbours) -> Completed:
        before, after = (None if one is None else self.texts[one] for one in (places.before, places.after))
        return Completed(before, self.texts[places.passage], after)


class FoundLine(BaseModel):
    """What came of looking for a line's answer: grounds for one, or an answer already.

    Attributes:
        answer, sources: Where the line has ended: it is no question, nothing was found, or it failed.
        grounds: Where the chat model is to be asked.
        misfit: What index, settings and embedding model have against it, where that is why it failed.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    answer: Answer | None = None
    sources: tuple[str, ...] = ()
    grounds: KeptGrounds | None = None
    misfit: str = ""
