"""Documents and answers as tables for people. Whatever comes from a document is shown, never obeyed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from cli.output import literal, messages, one_line, results
from cli.uploads import Uploaded
from docqa.models.answer import Answer, AnswerStatus, Citation
from docqa.models.api import PLACE_MAX, DocumentView, ReadersBody

STATUS_STYLES = {
    "INDEXED": "green",
    "PARTIALLY_INDEXED": "yellow",
    "FAILED": "red",
    "DELETED": "dim",
    "EXPIRED": "dim",
    "DONE": "green",
    "answered": "green",
    "abstained": "yellow",
    "failed": "red",
}


def table(*columns: str, title: str | None = None) -> Table:
    """An empty table in the one look that docqa's tables have."""
    made = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        made.add_column(column, no_wrap=column == "id")  # an id that is cut cannot be copied
    return made


def status_text(status: str) -> Text:
    """A status in its colour."""
    return literal(status, STATUS_STYLES.get(status, ""))


def print_documents(views: Sequence[DocumentView]) -> None:
    """A line a document."""
    if not views:
        messages().print("There are no documents that you may see.")
        return
    counted = any(view.pages for view in views)  # a list tells no counts, the documents themselves do
    rows = table("id", "document", "status", *(("pages", "passages") if counted else ()), "readers", "changed")
    for view in views:
        counts = (str(view.pages.total) if view.pages else "", str(view.chunks or "")) if counted else ()
        rows.add_row(
            literal(view.document_id),
            literal(one_line(view.key)),
            status_text(view.status),
            *counts,
            literal(readers_text(view.readers)),
            _time(view.updated_at),
        )
    results().print(rows)


def print_uploads(done: Sequence[Uploaded]) -> None:
    """A line an upload that arrived."""
    rows = table("id", "document")
    for one in done:
        if one.error is None:
            rows.add_row(literal(one.document_id), literal(one_line(one.upload.path)))
    if rows.row_count:
        results().print(rows)


def print_document(view: DocumentView) -> None:
    """Everything about one document, a line a fact."""
    print_facts(_facts(view))


def print_facts(facts: Sequence[tuple[str, Any]]) -> None:
    """A line a fact, its name before it."""
    rows = Table(box=None, show_header=False, pad_edge=False)
    for name, value in facts:
        rows.add_row(literal(name, "bold"), literal(one_line(value)) if isinstance(value, str) else value)
    results().print(rows)


def print_answer(answer: Answer) -> None:
    """The answer's text, then where each part of it stands."""
    console = results()
    if answer.status is AnswerStatus.ABSTAINED:
        console.print(literal(answer.reason or "The documents do not answer this.", "yellow"))
        return
    console.print(literal(answer.text))
    if not answer.citations:
        return
    sources = table("", "document", "page", "quote")
    for citation in answer.citations:
        sources.add_row(
            literal(f"[{citation.number}]"),
            literal(one_line(citation.title)),
            literal(one_line(citation.label)) if citation.label else str(citation.page),
            literal(_quoted(citation)),
        )
    console.print(sources)


def _quoted(citation: Citation) -> str:
    """The quote, a table's row below the names of its columns."""
    names = citation.header.partition("\n")[0]
    return "\n".join(one_line(line) for line in (names, citation.quote) if line)


def print_channels(channels: Sequence[dict[str, Any]]) -> None:
    """A line a registered queue, or prefix of the inbox bucket."""
    if not channels:
        messages().print("Nothing is registered besides the stack's own queues.")
        return
    rows = table("kind", "tenant", "name or groups", "threshold", "queue or prefix")
    for one in channels:
        named = one["name"] if "name" in one else ", ".join(one["groups"]) or "everybody's documents only"
        place = one["prefix"] if "prefix" in one else one["queue"]
        threshold = one.get("threshold")
        shown = "" if threshold is None else f"{threshold:g}"
        rows.add_row(*(literal(one_line(text)) for text in (one["kind"], one["tenant"], named, shown, place)))
    results().print(rows)


def readers_text(readers: ReadersBody) -> str:
    """Who may read, in a few words."""
    names = (["tenant"] if readers.tenant else []) + list(readers.groups)
    return ", ".join(one_line(name) for name in names) or "nobody"


def _facts(view: DocumentView) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        ("id", literal(view.document_id)),
        ("document", literal(one_line(view.key))),
        ("title", literal(one_line(view.title))),
        ("status", status_text(view.status)),
        ("version", f"{view.generation} (answering: {view.live_generation or 'none'})"),
        ("readers", literal(readers_text(view.readers))),
        ("received", _time(view.received_at)),
        ("changed", _time(view.updated_at)),
    ]
    if view.live_readers is not None:
        facts.insert(6, (f"readers of version {view.live_generation}", literal(readers_text(view.live_readers))))
    if view.place is not None:
        facts.append(("place in line", f"{view.place}{' or later' if view.place >= PLACE_MAX else ''}"))
    if view.waiting:
        facts.append(("waiting", literal(one_line(view.waiting), "yellow")))
    if view.stage:
        facts.append(("stage", literal(f"{view.stage}, attempt {view.attempt}")))
    if view.route:
        facts.append(("embedded by", literal(f"{view.route} ({view.route_reason})")))
    if view.media_type:
        facts.append(("type", literal(one_line(view.media_type))))
    if view.failure:
        facts.append(("failure", literal(one_line(f"{view.failure.code}: {view.failure.message}"), "red")))
    if view.pages:
        facts.append(("pages", _pages(view)))
    facts += [("warning", literal(one_line(warning), "yellow")) for warning in view.warnings]
    if view.chunks is not None:
        facts.append(("passages", str(view.chunks)))
    facts += [(f"{stage}, seconds", f"{seconds:.1f}") for stage, seconds in view.timings.items()]
    facts.append(("cost", f"{view.cost_usd:.6f} USD"))
    facts += [(unit, f"{count:g}") for unit, count in view.usage.items()]
    return facts


def _pages(view: DocumentView) -> str:
    pages = view.pages
    if pages is None:
        return ""
    parts = [f"{pages.total}: {pages.text_layer} with text, {pages.ocr} by OCR, {pages.empty} empty"]
    if pages.unreadable:
        parts.append(f"unreadable: {_ranges(pages.unreadable)}")
    if pages.unrecognised:
        parts.append(f"no text recognised: {_ranges(pages.unrecognised)}")
    return "; ".join(parts)


def _ranges(pages: Sequence[tuple[int, int]]) -> str:
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in pages)


def _time(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")
