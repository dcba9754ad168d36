"""Have a model that reads question and passage together put the best candidates in order, once it is decided to answer.

Only the order is the model's. The decision was made before, by the features of docqa's own ranking, for which the
confidence was fitted; and each passage takes over the score of the one whose place it takes, because every model has a
scale of its own and evidence is weighed by scores on docqa's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from docqa.domain.chunk_headers import above_text
from docqa.domain.evidence import find_evidence
from docqa.domain.pricing import rerank_queries, reranking_usd
from docqa.domain.question_terms import QuestionTerms
from docqa.domain.report_series import spread_over_series
from docqa.domain.reranking import RERANKED
from docqa.domain.visible_text import visible_text
from docqa.errors import ConfigurationError, RetryableError
from docqa.models.chunk import ScoredChunk
from docqa.ports.reranking import Reranker
from docqa.ports.search import SearchQuery
from docqa.services.neighbours import with_neighbours
from docqa.services.outcomes import Grounds, ModelOrder
from docqa.services.question_costs import QuestionCosts
from docqa.services.refusals import unheard
from docqa.services.retrieval import Retrieval
from docqa.services.time_limits import GENERATION_SECONDS, RERANKING_SECONDS

Key = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Reranking:
    """A reranking model that no question fails for.

    Attributes:
        reranker: The model.
        retrieval: Finds the other halves of cut sentences for the passages that are new among the best.
        costs: Takes down what was paid.
        refused: Told when the model refuses the call, which only its operator can mend: questions go on without it.
    """

    reranker: Reranker
    retrieval: Retrieval
    costs: QuestionCosts
    refused: Callable[[Exception], None] = field(default=unheard)

    def reordered(self, grounds: Grounds, query: SearchQuery, asked: QuestionTerms, deadline: float) -> Grounds:
        """The grounds with the model's best passages and their evidence; as they are where it cannot be had.

        Args:
            grounds: What was found, and is good enough to answer from.
            query: What was searched for.
            asked: The question's terms, weighed.
            deadline: Seconds since the epoch, for what is taken down.
        """
        readable = [one for one in grounds.candidates[:RERANKED] if visible_text(one.chunk).strip()]
        shown = readable[: self.reranker.most]
        if len(shown) < 2:  # noqa: PLR2004 - one passage is in order
            return grounds
        try:
            # A question that has just time enough for the chat model has none for this one.
            with grounds.stopwatch.stage("rerank", RERANKING_SECONDS + GENERATION_SECONDS):
                scores = self.reranker.scores(query.text, [_text(one) for one in shown])
        except RetryableError:
            return replace(grounds, reranking=ModelOrder(self.reranker.model, failure="unavailable"))
        except ConfigurationError as error:
            self.refused(error)
            return replace(grounds, reranking=ModelOrder(self.reranker.model, failure="refused"))
        self.costs.reranked(grounds.tenant, self.reranker.model, len(shown), deadline)
        order = ModelOrder(self.reranker.model, {one.key: score for one, score in zip(shown, scores, strict=True)})
        return self._with_passages(grounds, query, asked, order, _in_order(shown, grounds.candidates, order.scores))

    def _with_passages(
        self,
        grounds: Grounds,
        query: SearchQuery,
        asked: QuestionTerms,
        order: ModelOrder,
        ranked: Sequence[ScoredChunk],
    ) -> Grounds:
        passages = tuple(spread_over_series(query.text, ranked)[: len(grounds.passages)])
        completed = self.retrieval.completed(query, passages, ranked, grounds.stopwatch)
        with grounds.stopwatch.stage("decide"):
            evidence = find_evidence(asked, with_neighbours(passages, completed))
        paid = {
            "rerank_queries": grounds.usage.rerank_queries + rerank_queries(len(order.scores)),
            "usd": grounds.usage.usd + reranking_usd(order.model, len(order.scores)),
        }
        grounds = replace(grounds, usage=grounds.usage.model_copy(update=paid))
        if not evidence:  # the model may prefer passages of which nothing can be quoted
            return replace(grounds, reranking=replace(order, failure="without evidence"))
        return replace(grounds, reranking=order, passages=passages, completed=completed, evidence=tuple(evidence))


def _text(passage: ScoredChunk) -> str:
    """What the model reads: never what a reader of the page cannot see."""
    return above_text(passage.title, passage.chunk, visible_text(passage.chunk))


def _in_order(
    shown: Sequence[ScoredChunk], candidates: Sequence[ScoredChunk], scores: Mapping[Key, float]
) -> list[ScoredChunk]:
    """The candidates, those shown in the model's order; where it scores alike, in docqa's."""
    best_first = sorted(shown, key=lambda one: -scores[one.key])
    placed = [replace(one, score=place.score) for one, place in zip(best_first, shown, strict=True)]
    return [*placed, *(one for one in candidates if one.key not in scores)]
