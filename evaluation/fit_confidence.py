"""Fit the confidence of answers: `python -m evaluation.fit_confidence --data FOLDER`.

Indexes the question sets below FOLDER (squad, filings, excerpts) into a running OpenSearch, under tenants of their own,
asks every question, and fits layers/docqa/docqa/confidence.json. Prints how often the quoted sentences hold the answer,
and the rates of false answers and false abstentions out of fold. The embedding model is reached as the functions reach
it (AWS_ENDPOINT_URL_BEDROCK_RUNTIME for the one-machine cloud's).

Beside the questions that their set calls unanswerable, answerable ones are asked again without the documents that
answer them, and, for the hard kind that is only reported, without the very passages. Every set counts alike, and in
each the answerable ones weigh as they do among questions that people ask (evaluation/calibration.py).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from opensearchpy import OpenSearch
from rich.console import Console
from rich.progress import track
from rich.table import Table

import docqa
from docqa.bootstrap.embeddings import EmbeddingSettings, embeddings
from docqa.domain.confidence import evidence_features
from docqa.domain.evidence import Evidence, best_quotes, find_evidence
from docqa.domain.question_terms import QuestionTerms
from evaluation.calibration import Measured, calibrate
from evaluation.question_sets import QuestionSet, SourceDocument, holds_answer
from evaluation.retrieved_sets import Searched, indexed, search_all

SETS = ("squad", "filings", "excerpts")
TOP_K = 8
DATA_FILE = Path(docqa.__file__).with_name("confidence.json")


def main() -> None:
    """Search, fit, report; write the data file when asked to."""
    options = _options()
    settings = EmbeddingSettings(
        embedding_provider="bedrock",
        embedding_model=options.embedding_model,
        embedding_dimensions=options.embedding_dimensions,
    )
    client = OpenSearch([options.opensearch], timeout=60)
    searched: list[Searched] = []
    for name in SETS:
        question_set = QuestionSet(name, options.data / name)
        with indexed(question_set, client, embeddings(settings), _progress) as documents:
            searched += search_all(question_set, documents, client, embeddings(settings))
    console = Console()
    console.print(_quotes_table([one for one in searched if one.set_name == "squad" and not one.left_out]))
    # Squad has questions of its own whose documents are missing.
    used = [one for one in searched if one.candidates and (one.set_name, one.left_out) != ("squad", "documents")]
    data = _fit_all(used, console, options.embedding_model, options.embedding_dimensions)
    if options.write:
        DATA_FILE.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
        console.print("confidence.json is written")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evaluation.fit_confidence", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with squad, filings and excerpts")
    parser.add_argument("--opensearch", default="http://127.0.0.1:9200", help="address of the node")
    parser.add_argument("--embedding-model", default="cohere.embed-english-v3")
    parser.add_argument("--embedding-dimensions", type=int, default=384)
    parser.add_argument("--write", action="store_true", help="write confidence.json")
    return parser.parse_args()


def _progress(documents: Iterable[SourceDocument], what: str) -> Iterable[SourceDocument]:
    return track(list(documents), description=what)


def _quotes_table(searched: Sequence[Searched]) -> Table:
    """How good retrieval and quotes are on short factual questions."""
    asked = [one for one in searched if one.answerable]
    table = Table("measure", "share", title=f"{len(asked)} answerable questions of squad")
    for most in (1, 5, 10):
        hits = [holds_answer(one.question, [c.chunk.text for c in one.candidates[:most]]) for one in asked]
        table.add_row(f"answer in the best {most} passages", f"{np.mean(hits):.3f}")
    quotes = [best_quotes(_evidence(one)) for one in asked]
    for most in (1, 2, 3):
        held = [holds_answer(one.question, [e.text for e in q[:most]]) for one, q in zip(asked, quotes, strict=True)]
        table.add_row(f"answer in the best {most} sentences", f"{np.mean(held):.3f}")
    return table


def _evidence(one: Searched) -> list[Evidence]:
    return find_evidence(QuestionTerms(one.question.question, one.candidates), one.candidates[:TOP_K])


def _fit_all(searched: Sequence[Searched], console: Console, model: str, dimensions: int) -> dict[str, Any]:
    """The data file: one calibration with cosines, for the model that was measured, and one without, for any other."""
    found = [_measured(one) for one in searched]
    names = sorted(found[0].features)
    measured = calibrate(found, names)
    without = calibrate(found, [name for name in names if "cosine" not in name])
    console.print(_rates_table(measured["out_of_fold"], "with cosines"))
    console.print(_rates_table(without["out_of_fold"], "without cosines"))
    return {
        "date": time.strftime("%Y-%m-%d"),
        "with_cosine": {"measured_under": [{"model": model, "dimensions": dimensions}], **measured},
        "without_cosine": without,
    }


def _measured(one: Searched) -> Measured:
    asked = QuestionTerms(one.question.question, one.candidates)
    passages = one.candidates[:TOP_K]
    features = evidence_features(asked, passages, one.candidates, find_evidence(asked, passages))
    return Measured(one.set_name, one.question.question, one.answerable, one.left_out == "passages", features)


def _rates_table(rates: dict[str, dict[str, Any]], title: str) -> Table:
    table = Table("set", *next(iter(rates.values())), title=f"{title}, out of fold")
    for name, measured in rates.items():
        table.add_row(name, *(str(value) for value in measured.values()))
    return table


if __name__ == "__main__":
    main()
