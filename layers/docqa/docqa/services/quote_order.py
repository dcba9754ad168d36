"""Order sentences that contend to be the answer also by their own meaning, once it is decided to answer.

Only the order changes, as with a reranking model: no question fails for it, or keeps no time for what comes after it,
and what is refused, or over its budget, pays for none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from docqa.domain.cosines import cosine
from docqa.domain.evidence import contenders, ordered_by_meaning
from docqa.domain.pricing import tokens_usd
from docqa.errors import ConfigurationError, RetryableError
from docqa.services.question_costs import QuestionCosts
from docqa.services.time_limits import ORDERING_SECONDS

if TYPE_CHECKING:
    from docqa.services.answering import Embedder
    from docqa.services.outcomes import Grounds


@dataclass(frozen=True, slots=True)
class QuoteOrder:
    """The order of quotes.

    Attributes:
        costs: Takes down what was paid.
        refused: Told when the model refuses the call, which only its operator can mend.
    """

    costs: QuestionCosts
    refused: Callable[[Exception], None]

    def by_meaning(self, grounds: Grounds, embedder: Embedder, deadline: float, then: float) -> Grounds:
        """The grounds with their evidence ordered by meaning too; as it is where the vectors cannot be had. Tried once.

        Args:
            grounds: What was found, is good enough to answer from, and has its question's vector.
            embedder: The model of that vector.
            deadline: Seconds since the epoch.
            then: Seconds that are needed afterwards.
        """
        places = contenders(grounds.evidence)
        if grounds.embedded is None or not 0 < len(places) <= embedder.texts_a_call:
            return grounds
        question, grounds = grounds.embedded, replace(grounds, embedded=None)
        before = embedder.embedded_tokens
        try:
            with grounds.stopwatch.stage("order", ORDERING_SECONDS + then):
                vectors = embedder.embed_documents([grounds.evidence[place].text for place in places])
        except RetryableError:
            return grounds
        except ConfigurationError as error:
            self.refused(error)
            return grounds
        finally:
            tokens = embedder.embedded_tokens - before
            self.costs.embedded(grounds.tenant, embedder.model, tokens, deadline)
        cosines = {place: cosine(question.vector, vector) for place, vector in zip(places, vectors, strict=True)}
        ordered = replace(grounds, evidence=tuple(ordered_by_meaning(grounds.evidence, cosines)))
        return _paid(ordered, embedder.model, tokens)


def _paid(grounds: Grounds, model: str, tokens: int) -> Grounds:
    usage = grounds.usage
    paid = {
        "embedded_tokens": usage.embedded_tokens + tokens,
        "usd": round(usage.usd + tokens_usd(model, tokens), 9),
    }
    return replace(grounds, usage=usage.model_copy(update=paid))
