"""The trace of an answer for people: what was found, decided, written and removed."""

from __future__ import annotations

from cli.output import literal, one_line, results
from cli.views import print_answer, print_facts, table
from docqa.models.answer import Usage
from docqa.models.trace import AnswerTrace, Explanation, VersionTrace

SHORT_ID = 8


def print_explanation(explanation: Explanation) -> None:
    """The answer, then the stages that led to it."""
    answer, trace = explanation.answer, explanation.trace
    print_answer(answer)
    print_facts(
        [
            ("status", literal(answer.status.value)),
            *([("reason", answer.reason)] if answer.reason else []),
            ("model", literal(answer.model or "none: quoted or refused")),
            ("cost", f"{answer.usage.usd:.6f} USD"),
            ("tokens", _tokens(answer.usage)),
            *((f"{stage}, ms", f"{milliseconds:g}") for stage, milliseconds in answer.timings_ms.items()),
        ]
    )
    if trace is None:
        results().print(literal("How it came about was not kept."))
        return
    _print_candidates(trace)
    _print_evidence(trace)
    _print_written(trace)
    if trace.withheld:
        results().print(literal(f"{trace.withheld} entries of documents that are closed to you now are left out."))


def _print_candidates(trace: AnswerTrace) -> None:
    by_model = ("reranked",) if trace.reranking else ()
    rows = table("", "document", "page", "BM25", "cosine", "fused", *by_model, title=f"found: {trace.found} passages")
    for one in trace.candidates:
        rows.add_row(
            "*" if one.considered else "",
            literal(one_line(one.title)),
            str(one.page),
            _score(one.lexical),
            _score(one.cosine),
            _score(one.score),
            *([_score(one.reranked)] if by_model else []),
        )
    results().print(rows)
    results().print(literal("* an answer could rest on it"))
    if trace.reranking:
        order = f"in their own order: it was {trace.reranking.failure}" if trace.reranking.failure else "in its order"
        results().print(literal(f"reranking model {trace.reranking.model}: passages {order}"))
    for version in trace.dropped:
        results().print(literal(f"ruled out by the registry: {_version(version)}"))


def _print_evidence(trace: AnswerTrace) -> None:
    by_meaning = ("cosine",) if any(one.cosine is not None for one in trace.sentences) else ()
    rows = table("", "document", "page", "covers", *by_meaning, "score", "sentence", title="evidence")
    for one in trace.sentences:
        rows.add_row(
            "*" if one.quotable else "",
            literal(one.document_id[:SHORT_ID]),
            str(one.page),
            _score(one.coverage),
            *([_score(one.cosine)] if by_meaning else []),
            _score(one.score),
            literal(one_line(one.text)),
        )
    results().print(rows)
    facts = [(name, f"{value:g}") for name, value in trace.features.items()]
    verdict = "answered" if trace.confidence >= trace.threshold else "refused"
    print_facts([*facts, ("confidence", f"{trace.confidence:g}, threshold {trace.threshold:g}: {verdict}")])


def _print_written(trace: AnswerTrace) -> None:
    for number, call in enumerate(trace.written, start=1):
        rows = table(
            "", "cites", "sentence", "why", title=f"written, call {number}, over {len(call.passages)} passages"
        )
        for one in call.sentences:
            rows.add_row(
                "removed" if one.removed else "stands",
                ", ".join(map(str, one.cited)),
                literal(one_line(one.text)),
                literal(one.removed or ""),
            )
        if not call.sentences:
            rows.add_row("", "", literal(one_line(call.text)), "")
        results().print(rows)


def _tokens(usage: Usage) -> str:
    return f"{usage.input_tokens} read, {usage.output_tokens} written, {usage.embedded_tokens} embedded"


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.3f}"


def _version(one: VersionTrace) -> str:
    return f"{one.document_id}, version {one.generation}"
