"""Results of a batch as a page to read. It has no script and no link, and whatever it shows is text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape

from docqa.models.answer import Answer, AnswerStatus
from docqa.models.batch import Batch, BatchAnswer, BatchCounts
from docqa.services.batches.tables import source_of

# A browser shows so many at once; the table has them all.
MOST_ROWS = 1_000

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Batch {batch_id}</title>
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-top: 1px solid #ddd; padding: .4rem .6rem; text-align: left; vertical-align: top; }}
.facts th {{ width: 14rem; font-weight: normal; color: #666; }}
.number, .status {{ white-space: nowrap; }}
.answered {{ color: #176b2c; }} .abstained {{ color: #8a6100; }} .failed {{ color: #a11; }}
.source {{ color: #555; font-size: 13px; margin: .2rem 0 0; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>Batch {batch_id}</h1>
<table class="facts">{facts}</table>
<h2>Why questions were not answered</h2>
<table class="facts">{reasons}</table>
<h2>Questions and answers</h2>
<p>{shown}</p>
<table>
<tr><th>line</th><th>status</th><th>question and answer</th></tr>
{rows}
</table>
</body>
</html>
"""


def report_page(
    batch: Batch, counts: BatchCounts, reasons: Iterable[tuple[str, int]], answers: Sequence[BatchAnswer]
) -> str:
    """The page.

    Args:
        batch: Whose results they are.
        counts: Of all questions.
        reasons: Why questions were abstained from, or failed, and how many.
        answers: The first ones, at most `MOST_ROWS`.
    """
    shown = f"The first {len(answers):,} of {counts.through:,}; the table has them all."
    return _PAGE.format(
        batch_id=escape(batch.batch_id),
        facts="".join(_fact(name, value) for name, value in _facts(batch, counts)),
        reasons="".join(_fact(f"{count:,}", reason) for reason, count in reasons) or _fact("0", "All were answered."),
        shown=shown if len(answers) < counts.through else f"All {counts.through:,}.",
        rows="\n".join(_row(one.number, one.answer) for one in answers),
    )


def _facts(batch: Batch, counts: BatchCounts) -> list[tuple[str, str]]:
    return [
        ("questions", f"{counts.through:,}"),
        ("answered", f"{counts.answered:,}"),
        ("abstained", f"{counts.abstained:,}"),
        ("failed", f"{counts.failed:,}"),
        ("cost", f"{counts.usd:.6f} USD"),
        ("chat model asked", f"{batch.route or 'not at all'} ({batch.route_reason or 'nothing to ask it'})"),
        ("begun", _time(batch.started_at)),
    ]


def _fact(name: str, value: str) -> str:
    return f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"


def _row(line: int, answer: Answer) -> str:
    said = escape(answer.text or answer.reason or "").replace("\n", "<br>")
    note = f'<p class="source">{escape(answer.reason)}</p>' if answer.text and answer.reason else ""
    sources = "".join(f'<p class="source">{escape(source_of(one))}</p>' for one in answer.citations)
    question = escape(answer.question or "(not a question)")
    status = AnswerStatus(answer.status).value
    return (
        f'<tr><td class="number">{line}</td><td class="status {status}">{status}</td>'
        f"<td><strong>{question}</strong><br>{said}{note}{sources}</td></tr>"
    )


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
