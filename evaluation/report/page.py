"""report.html: figures, plots, and every miss with what led to it. Everything that comes from outside is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from evaluation.metrics.ranking import passage_ranks
from evaluation.outcomes import FoundPassage, Outcome
from evaluation.report.misses import KINDS, misses

FILE = "report.html"
# Nothing in the page may load or run anything.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' file:"
_STYLE = """body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}
table{border-collapse:collapse;margin:.6rem 0}td,th{border:1px solid #ccc;padding:.2rem .5rem;text-align:left;
vertical-align:top}th{background:#f3f3f3}.n{text-align:right;white-space:nowrap}summary{cursor:pointer}
.gold{background:#e6f6e6}.miss{color:#a00}pre{white-space:pre-wrap;margin:0;font:inherit}
section{border-top:2px solid #ddd;margin-top:1.5rem;padding-top:.5rem}"""


def write_page(folder: Path, outcomes: Sequence[Outcome], details: Mapping[str, Any], plots: Iterable[Path]) -> Path:
    """Write the page into the folder that holds the plots; its path."""
    settings = details["settings"]
    found = [(outcome, misses(outcome)) for outcome in outcomes]
    missed = [(outcome, reasons) for outcome, reasons in found if reasons]
    parts = [
        f"<h1>{escape(settings['set'])}, {escape(settings['mode'])}, {escape(settings['date'])}</h1>",
        _figures(details["intervals"]),
        *(f'<img src="{escape(plot.name)}" alt="{escape(plot.stem)}">' for plot in plots),
        f"<h2>{len(missed)} of {len(found)} questions with something amiss</h2>",
        _index(missed),
        *(_section(outcome, reasons) for outcome, reasons in missed),
    ]
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        f"<title>docqa eval: {escape(settings['set'])}</title><style>{_STYLE}</style></head><body>"
    )
    file = folder / FILE
    file.write_text(head + "\n".join(parts) + "</body></html>\n", encoding="utf-8")
    return file


def _figures(intervals: Mapping[str, Any]) -> str:
    rows = [
        (name, f"{one['mean']:.3f}", " to ".join(f"{bound:.3f}" for bound in one["interval"] or ()), one["questions"])
        for name, one in intervals.items()
    ]
    return _table(("measure", "figure", "95 %", "questions"), rows)


def _index(missed: Sequence[tuple[Outcome, Mapping[str, str]]]) -> str:
    parts = []
    for kind, meaning in KINDS.items():
        ids = [outcome.question.id for outcome, reasons in missed if kind in reasons]
        links = " ".join(f'<a href="#{_anchor(one)}">{escape(one)}</a>' for one in ids)
        if ids:
            parts.append(f"<details><summary>{escape(meaning)}: {len(ids)}</summary>{links}</details>")
    return "".join(parts)


def _section(outcome: Outcome, reasons: Mapping[str, str]) -> str:
    why = "".join(f"<li>{escape(KINDS[kind])}: {escape(reason)}</li>" for kind, reason in reasons.items())
    return (
        f'<section id="{_anchor(outcome.question.id)}"><h3>{escape(outcome.question.question)}</h3>'
        f'<ul class="miss">{why}</ul>{_gold(outcome)}{_answer(outcome)}{_evidence(outcome)}{_passages(outcome)}'
        "</section>"
    )


def _gold(outcome: Outcome) -> str:
    if not outcome.question.answerable:
        return "<p>The documents do not hold the answer.</p>"
    answers = "; ".join(outcome.question.answers) or "none given"
    rows = [
        (one.document, gold.page or "?", one.text or "")
        for one, gold in zip(outcome.question.evidence, outcome.gold, strict=False)
    ]
    return f"<p>Acceptable: <b>{escape(answers)}</b></p>" + _table(("gold document", "page", "excerpt"), rows)


def _answer(outcome: Outcome) -> str:
    said = f"<p>{escape(outcome.status or 'failed')}, confidence {outcome.confidence:.3f}. {escape(outcome.reason)}</p>"
    rows = [
        (one.number, one.document, one.page, "on the page" if one.verbatim else "NOT on the page", one.text)
        for one in outcome.citations
    ]
    text = f"<blockquote>{escape(outcome.text)}</blockquote>" if outcome.text else ""
    return said + text + (_table(("n", "document", "page", "quote is", "quote"), rows) if rows else "")


def _evidence(outcome: Outcome) -> str:
    rows = [(f"{one.score:.3f}", one.document, one.page, one.text) for one in outcome.evidence]
    return f"<details><summary>evidence</summary>{_table(('score', 'document', 'page', 'sentence'), rows)}</details>"


def _passages(outcome: Outcome) -> str:
    ranks = set(passage_ranks(outcome) or ())
    rows = "".join(_passage(rank, one, gold=rank in ranks) for rank, one in enumerate(outcome.passages, 1))
    names = ("rank", "fused", "BM25", "cosine", "document", "page", "passage")
    head = "".join(f"<th>{name}</th>" for name in names)
    return f"<details><summary>passages</summary><table><tr>{head}</tr>{rows}</table></details>"


def _passage(rank: int, one: FoundPassage, *, gold: bool) -> str:
    numbers = [str(rank), f"{one.fused:.3f}", *("" if s is None else f"{s:.3f}" for s in (one.lexical, one.cosine))]
    cells = "".join(f'<td class="n">{number}</td>' for number in numbers)
    where = f"<td>{escape(one.span.document)}</td><td class='n'>{one.span.page}</td>"
    return f"<tr{' class=gold' if gold else ''}>{cells}{where}<td><pre>{escape(one.text)}</pre></td></tr>"


def _table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _anchor(identity: str) -> str:
    return escape("q-" + "".join(one if one.isalnum() else "-" for one in identity))
