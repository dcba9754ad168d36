"""Outcomes of questions, made by hand."""

from __future__ import annotations

from typing import Any

from evaluation.gold import Gold, Span
from evaluation.outcomes import FoundPassage, Outcome, Quote, Sentence
from evaluation.question_sets import AskedQuestion, Evidence


def asked(text: str = "How long?", answers: tuple[str, ...] = (), *, answerable: bool = True, id: str = "q") -> Any:  # noqa: A002
    return AskedQuestion(text, answers, (Evidence("a.txt", "gold"),) if answerable else (), answerable, id)


def span(start: int, end: int, document: str = "a.txt", page: int = 1) -> Span:
    return Span(document, page, start, end)


def passage(where: Span, text: str = "passage") -> FoundPassage:
    return FoundPassage(span=where, title="t", text=text, lexical=1.0, cosine=0.5, fused=0.9)


def quote(text: str, where: Span | None = None, number: int = 1, *, header: str = "") -> Quote:
    spans = () if where is None else (where,)
    page, document = (where.page, where.document) if where else (1, "a.txt")
    return Quote(
        number=number, document=document, page=page, text=text, header=header, verbatim=bool(spans), spans=spans
    )


def outcome(**named: Any) -> Outcome:
    given = {"question": asked(), "status": "answered", "confidence": 0.9, "evidence": (SENTENCE,), **named}
    return Outcome(**given)


def gold(start: int, end: int, answers: tuple[Span, ...] = (), **named: Any) -> Gold:
    where = span(start, end, **named)
    return Gold(where.document, where.page, where, answers, end - start)


SENTENCE = Sentence(document="a.txt", page=1, text="The runway is 640 metres long.", score=1.0)
