"""How likely it is that the documents answer a question, known before any model is called.

A logistic regression over what retrieval found. Never over rank fusion: a fused score is relative to its own
candidates, so the best of nothing scores as well as the best of everything.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any

from docqa.domain.evidence import Evidence
from docqa.domain.passage_terms import all_terms, said_sentences
from docqa.domain.question_terms import RARITY_CANDIDATES, QuestionTerms
from docqa.models.chunk import ScoredChunk

# The distance of the best score to those that are probably about something else.
_LEXICAL_RIVAL = 5
_COSINE_RIVAL = 10
_NEAREST = 10
# Questions of twenty words that carry meaning are long.
_LONG_QUESTION = 3.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """One fitted regression.

    Attributes:
        weights: By feature; features that it does not name are not used.
        threshold: Below this confidence the question is not answered.
    """

    intercept: float
    weights: Mapping[str, float]
    threshold: float

    def with_threshold(self, threshold: float) -> Calibration:
        """The same with the deployer's own threshold."""
        return replace(self, threshold=threshold)

    def confidence(self, features: Mapping[str, float]) -> float:
        """The chance that the documents hold the answer, 0 to 1."""
        logit = self.intercept + sum(weight * features[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(min(logit, 50.0), -50.0)))


def evidence_features(
    question: QuestionTerms,
    candidates: Sequence[ScoredChunk],
    evidence: Sequence[Evidence],
) -> dict[str, float]:
    """What tells an answerable question from another, each about 0 to 1.

    Args:
        question: The question's weighted terms.
        candidates: Everything that was found and may be read, best first; at least one.
        evidence: The passages' sentences.
    """
    best = candidates[0]
    language = question.language
    in_best = all_terms(best, language)
    anywhere = frozenset().union(*(all_terms(one, language) for one in candidates[:RARITY_CANDIDATES]))
    lexical = sorted((c.lexical for c in candidates if c.lexical is not None), reverse=True)
    cosine = sorted((c.cosine for c in candidates if c.cosine is not None), reverse=True)
    missing = {term: weight for term, weight in question.weights.items() if term not in in_best}
    asked = frozenset(question.weights)
    # A word that was only guessed is as unknown as it was asked: another name, or the opposite, may be meant.
    known = anywhere - question.guessed
    total = question.total or 1.0
    return {
        "best_passage_coverage": question.share(in_best),
        "best_sentence_coverage": max((e.coverage for e in evidence), default=0.0),
        "names_missing": sum(missing.get(term, 0.0) for term in question.names) / total,
        "names_unknown": sum(question.weights.get(term, 0.0) for term in question.names - known) / total,
        "unknown": question.share(asked - known),
        "closeness": question.closeness([term for _, said in said_sentences(best, language) for term in said]),
        "lexical_lead": _lead(lexical, _LEXICAL_RIVAL) / (lexical[0] if lexical and lexical[0] else 1.0),
        "cosine_lead": _lead(cosine, _COSINE_RIVAL),
        "best_passage_cosine": best.cosine if best.cosine is not None else min(cosine, default=0.0),
        "same_document": sum(c.document_id == best.document_id for c in candidates[:_NEAREST]) / _NEAREST,
        # The same without weights: among reports that are all alike, the words that frame a question ("analyze", "most
        # recent") are the rare ones, and an unfound one of them must not weigh like an unfound name.
        "best_passage_words": _words_share(asked, in_best),
        "question_length": math.log1p(len(asked)) / _LONG_QUESTION,
    }


def _words_share(asked: AbstractSet[str], present: AbstractSet[str]) -> float:
    return len(asked & present) / max(len(asked), 1)


def _lead(scores: Sequence[float], rival: int) -> float:
    """How far the best score is ahead of the one at the rival's place (of the last, when there are fewer)."""
    return scores[0] - scores[min(rival, len(scores)) - 1] if scores else 0.0


@cache
def load_calibration(embedding_model: str, dimensions: int) -> Calibration:
    """The calibration for an embedding model; one without cosines for models that were not measured.

    Cosines of different models are not comparable: one model's "surely" is another's "hardly".
    """
    data: dict[str, Any] = json.loads(files("docqa").joinpath("confidence.json").read_text("utf-8"))
    measured = any(
        fnmatchcase(embedding_model, known["model"]) and known["dimensions"] == dimensions
        for known in data["with_cosine"]["measured_under"]
    )
    fitted = data["with_cosine" if measured else "without_cosine"]
    return Calibration(fitted["intercept"], fitted["weights"], fitted["threshold"])
