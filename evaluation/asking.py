"""Ask every question of a set, and write down what was found and answered."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from docqa.errors import DocqaError
from docqa.models.answer import Answer, Citation
from docqa.models.chunk import ScoredChunk
from evaluation.gold import Gold, Pages, Span, find_gold
from evaluation.local.answering import Asked, LocalAnswering
from evaluation.local.corpus import Corpus, Progress
from evaluation.outcomes import PASSAGES_KEPT, FoundPassage, Outcome, Quote, Sentence
from evaluation.question_sets import AskedQuestion

SEED = 20_261_128
_SENTENCES_KEPT = 6
# What counts as a passage: of a longer one only its beginning, or long passages would look better than they are.
PASSAGE_CHARACTERS = 1_200


def sample(questions: Sequence[AskedQuestion], limit: int | None, seed: int = SEED) -> list[AskedQuestion]:
    """At most `limit` of them, the same ones every time, in the set's order."""
    if limit is None or limit >= len(questions):
        return list(questions)
    chosen = set(random.Random(seed).sample(range(len(questions)), limit))  # noqa: S311 - a sample, no secret
    return [one for at, one in enumerate(questions) if at in chosen]


@dataclass(frozen=True)
class Asking:
    """Asks in process.

    Attributes:
        hard: Ask answerable questions a second time, with their gold passages taken away.
        workers: Questions at once. More than one makes a run shorter and each question slower.
    """

    corpus: Corpus
    answering: LocalAnswering
    hard: bool = True
    workers: int = 1

    def run(self, questions: Sequence[AskedQuestion], progress: Progress) -> list[Outcome]:
        """One outcome a question, in order. One that fails is an outcome too."""
        outcomes: dict[str, Outcome] = {}

        def ask(at: int) -> str:
            outcomes[str(at)] = self.ask(questions[at])
            return str(at)

        with ThreadPoolExecutor(self.workers) as pool:
            for _ in progress(pool.map(ask, range(len(questions))), "questions", len(questions)):
                pass
        return [outcomes[str(at)] for at in range(len(questions))]

    def ask(self, question: AskedQuestion) -> Outcome:
        """One question, as it stands and then without its gold."""
        gold = find_gold(question, self.corpus) if question.answerable else ()
        try:
            asked = self.answering.ask(question.question)
            outcome = self._outcome(question, gold, asked)
            if self.hard and any(one.span for one in gold):
                without = self.answering.ask(question.question, self.withheld(gold), conclude=False)
                hard = {"hard_answered": without.grounds.answerable, "hard_confidence": without.grounds.confidence}
                outcome = outcome.model_copy(update=hard)
        except (DocqaError, ValueError) as error:
            return Outcome(question=question, gold=gold, error=f"{type(error).__name__}: {error}")
        return outcome

    def withheld(self, gold: Iterable[Gold]) -> Callable[[ScoredChunk], bool]:
        """The passages that are taken away for the hard kind: what has a character of a gold excerpt."""
        spans = [one.span for one in gold if one.span is not None]
        return lambda chunk: any(self._span(chunk).overlap(span) for span in spans)

    def _span(self, passage: ScoredChunk) -> Span:
        chunk = passage.chunk
        return Span(self.corpus.paths[passage.document_id], chunk.page, chunk.start, chunk.end)

    def _outcome(self, question: AskedQuestion, gold: tuple[Gold, ...], asked: Asked) -> Outcome:
        grounds, spans = asked.grounds, [_cut(self._span(one)) for one in asked.ranking]
        assert asked.answered is not None
        answer = asked.answered.answer
        return Outcome(
            question=question,
            gold=gold,
            passages=tuple(
                FoundPassage(
                    span=span,
                    title=one.title,
                    text=one.chunk.text,
                    lexical=one.lexical,
                    cosine=one.cosine,
                    fused=one.score,
                )
                for one, span in zip(asked.ranking[:PASSAGES_KEPT], spans, strict=False)
            ),
            pages=tuple(dict.fromkeys((span.document, span.page) for span in spans))[:PASSAGES_KEPT],
            documents=tuple(dict.fromkeys(span.document for span in spans))[:PASSAGES_KEPT],
            evidence=tuple(
                Sentence(
                    document=self.corpus.paths[one.passage.document_id],
                    page=one.passage.chunk.page,
                    text=one.text,
                    score=round(one.score, 4),
                )
                for one in grounds.evidence[:_SENTENCES_KEPT]
            ),
            confidence=grounds.confidence,
            milliseconds=answer.timings_ms,
            **answer_fields(answer, self.corpus, self.corpus.paths),
        )


def _cut(span: Span) -> Span:
    return Span(span.document, span.page, span.start, min(span.end, span.start + PASSAGE_CHARACTERS))


def answer_fields(answer: Answer, pages: Pages, paths: Mapping[str, str]) -> dict[str, Any]:
    """What an outcome says about the answer itself.

    Args:
        answer: As it was given.
        pages: The texts of the documents' pages, in which quotes are looked for.
        paths: Path in the set by document id.
    """
    usage = answer.usage
    return {
        "status": str(answer.status),
        "text": answer.text,
        "reason": answer.reason or "",
        "model": answer.model or "",
        "citations": tuple(_quote(one, pages, paths.get(one.document_id, "")) for one in answer.citations),
        "usd": usage.usd,
        "tokens": {"in": usage.input_tokens, "out": usage.output_tokens, "embedded": usage.embedded_tokens},
    }


def _quote(citation: Citation, pages: Pages, path: str) -> Quote:
    page = pages.pages(path).get(citation.page, "")
    spans = []
    at = page.find(citation.quote) if citation.quote else -1
    while at >= 0:
        spans.append(Span(path, citation.page, at, at + len(citation.quote)))
        at = page.find(citation.quote, at + 1)
    return Quote(
        number=citation.number,
        document=path,
        page=citation.page,
        text=citation.quote,
        header=citation.header,
        verbatim=bool(spans),
        spans=tuple(spans),
    )
