from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from docqa.domain.evidence import Evidence as Sentence
from docqa.domain.sentences import Span as SentenceSpan
from docqa.errors import ServiceUnavailableError
from docqa.models.answer import Answer, AnswerStatus, Citation
from docqa.models.chunk import Chunk, ScoredChunk
from docqa.models.question import Question
from docqa.services.outcomes import Answered, Grounds
from docqa.services.stopwatch import Stopwatch
from evaluation.asking import Asking
from evaluation.gold import Span
from evaluation.local.answering import Asked
from evaluation.question_sets import AskedQuestion, Evidence
from tests.fakes.messages import ManualClock

PAGE = "The runway is grass. It is 640 metres long. The tower is tall."
QUESTION = AskedQuestion("How long?", ("640 metres",), (Evidence("a.txt", "It is 640 metres long."),), True, "q1")


class OneDocument:
    """A corpus of one page, cut into its sentences."""

    paths = {"d1": "a.txt"}  # noqa: RUF012

    def pages(self, path: str) -> dict[int, str]:
        return {1: PAGE} if path == "a.txt" else {}

    def passages(self) -> list[ScoredChunk]:
        cuts = ((0, 20), (21, 43), (44, 62))
        return [
            ScoredChunk(Chunk(at, 1, start, end, PAGE[start:end]), "d1", 1, "A", 1.0, 0.5, 0.9)
            for at, (start, end) in enumerate(cuts)
        ]


class FixedAnswering:
    """Answers with the best passage that is not withheld."""

    def __init__(self, corpus: OneDocument) -> None:
        self._corpus = corpus
        self.withheld: list[str] = []

    def ask(self, text: str, withheld: Callable[[ScoredChunk], bool] | None = None, *, conclude: bool = True) -> Asked:
        hidden = withheld or (lambda _: False)
        self.withheld = [one.chunk.text for one in self._corpus.passages() if hidden(one)]
        found = tuple(one for one in self._corpus.passages()[1:] if not hidden(one))
        best = found[0]
        evidence = (Sentence(best, SentenceSpan(0, len(best.chunk.text)), best.chunk.text, 1.0, 1.0),)
        grounds = Grounds(
            question=Question(question=text),
            answer_id="a",
            passages=found,
            evidence=evidence,
            confidence=0.8,
            answerable=True,
            usage=Answer(answer_id="a", question=text, status=AnswerStatus.ANSWERED).usage,
            stopwatch=Stopwatch(ManualClock(), 1e12),
        )
        return Asked(grounds, found, self._answered(text, best) if conclude else None, 0.1)

    def _answered(self, text: str, best: ScoredChunk) -> Answered:
        quotes = [best.chunk.text, "It is 650 metres long."]
        return Answered(
            Answer(
                answer_id="a",
                question=text,
                status=AnswerStatus.ANSWERED,
                text="x [1] y [2]",
                citations=tuple(
                    Citation(number=n, document_id="d1", title="A", uri="/", page=1, quote=quote, score=1)
                    for n, quote in enumerate(quotes, start=1)
                ),
            )
        )


def silent(items: Iterable[Any], title: str, total: int) -> Iterable[Any]:
    return items


def asking(**named: Any) -> tuple[Asking, FixedAnswering]:
    corpus = OneDocument()
    answering = FixedAnswering(corpus)
    return Asking(corpus, answering, **named), answering  # type: ignore[arg-type]


def test_an_outcome_says_where_passages_and_quotes_stand():
    (found,) = asking(hard=False)[0].run([QUESTION], silent)

    assert found.passages[0].span == Span("a.txt", 1, 21, 43)
    assert [one.verbatim for one in found.citations] == [True, False]
    assert found.citations[0].spans == (Span("a.txt", 1, 21, 43),)
    assert found.gold[0].answers == (Span("a.txt", 1, 27, 37),)
    assert found.documents == ("a.txt",)


def test_the_hard_kind_takes_only_the_gold_passages_away():
    one, answering = asking()

    (found,) = one.run([QUESTION], silent)

    assert answering.withheld == ["It is 640 metres long."]
    assert (found.hard_answered, found.hard_confidence) == (True, 0.8)


def test_a_question_that_fails_is_an_outcome_too_and_the_others_go_on():
    one, answering = asking(hard=False)
    ask = answering.ask

    def down_for_one(text: str, *arguments: Any, **named: Any) -> Asked:
        if text == "Who?":
            raise ServiceUnavailableError("OpenSearch does not answer")
        return ask(text, *arguments, **named)

    answering.ask = down_for_one  # type: ignore[method-assign]
    failed = AskedQuestion("Who?", (), (), True, "q2")

    outcomes = one.run([failed, QUESTION], silent)

    assert [outcome.error for outcome in outcomes] == ["ServiceUnavailableError: OpenSearch does not answer", ""]
