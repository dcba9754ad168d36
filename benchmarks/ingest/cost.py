"""What a thousand pages cost, from counted calls, against sending every page to text extraction."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib.resources import files
from json import loads
from typing import Any

from benchmarks import cost as prices_of
from benchmarks.count_calls import SETTLE_SECONDS, billed
from benchmarks.ingest import history
from benchmarks.ingest.bench import Bench
from benchmarks.ingest.load import Load, require_indexed
from benchmarks.ingest.material import mixed_of, pdf_of, scan_of
from benchmarks.ingest.recordings import responses_with_tables
from benchmarks.recorded_calls import recorded_calls
from cli.errors import CommandError

PAGES, TABLE_EVERY = 50, 5
THOUSAND = 1_000
# What each counted unit of text extraction is on the price list.
PRICED_AS = {
    "textract_pages": "text",
    "textract_table_pages": "tables",
    "textract_form_pages": "forms",
    "textract_layout_pages": "layout",
}


def measure(bench: Bench) -> dict[str, Any]:
    """A born-digital document, a mixed one, and one of pictures, all of as many pages."""
    with responses_with_tables(TABLE_EVERY) as folder, bench.textract(replay=str(folder)):
        digital = _count(bench, pdf_of(PAGES))
        mixed = _count(bench, mixed_of(PAGES))
        scanned = _count(bench, scan_of("A page of a scan", PAGES))
    return {
        "pages": PAGES,
        "table_every": TABLE_EVERY,
        "born_digital": digital,
        "mixed": mixed,
        "scanned": scanned,
        # Every page of the scan went to Textract: whatever the pages were before, sending all of them costs that.
        "every_page_usd": together(scanned),
    }


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    everything = result["every_page_usd"]
    rows = [
        f"| {title} | {one['pages_at_textract']} | {one['own_usd']:.3f} | {one['textract_usd']:.3f} "
        f"| {together(one):.3f} | {together(one) / everything:.0%} |"
        for title, one in (
            ("born-digital", result["born_digital"]),
            ("mixed, every other page a picture", result["mixed"]),
            ("pictures only: every page sent", result["scanned"]),
        )
    ]
    return [
        f"Counted on documents of {result['pages']} pages, for 1,000 pages, in USD of {_prices()['date']}.",
        f"Of the pages at Textract one in {result['table_every']} shows a table and is analysed for tables and layout.",
        "",
        "| | pages sent | everything else | Textract | together | of sending every page |",
        "|---|---|---|---|---|---|",
        *rows,
    ]


def together(one: Mapping[str, Any]) -> float:
    """USD of 1,000 pages of a kind."""
    return round(float(one["own_usd"]) + float(one["textract_usd"]), 5)


def extracted_usd(usage: Mapping[str, float]) -> float:
    """What the counted pages cost at Textract.

    Raises:
        CommandError: something was counted that has no price.
    """
    counted = {unit: count for unit, count in usage.items() if unit.startswith("textract_")}
    if unknown := sorted(counted.keys() - PRICED_AS.keys()):
        raise CommandError(f"No price is known for {', '.join(unknown)}.")
    prices = _prices()["textract_per_page"]
    return float(sum(count * prices[PRICED_AS[unit]] for unit, count in counted.items()))


def _count(bench: Bench, content: bytes) -> dict[str, Any]:
    """Calls of one document, and what 1,000 pages of its kind cost."""
    load, began = Load(bench), time.time()
    with recorded_calls(bench.stack) as calls:
        load.drop([("counted.pdf", content)])
        ended = load.follow(bench.choices.seconds)
        time.sleep(SETTLE_SECONDS)
    require_indexed(ended)
    one = ended[0]
    generation = bench.registry.get_generation(one.document_id, 1)
    assert generation is not None
    counted = {
        "pages": one.pages,
        "pages_at_textract": one.ocr,
        "calls": dict(sorted(calls.items())),
        "usage": generation.usage,
        "lambda": billed(bench.stack, began),
        "state_transitions": history.of_document(one.pages, one.chunks, jobs=_jobs(generation.usage)).transitions,
    }
    load.remove()
    lines = prices_of.document_lines(counted, _prices(), THOUSAND / one.pages)
    extracted = extracted_usd(generation.usage)
    return counted | {
        "lines": {line.what: round(line.usd, 5) for line in lines},
        "own_usd": round(sum(line.usd for line in lines), 5),
        "textract_usd": round(extracted * THOUSAND / one.pages, 5),
    }


def _jobs(usage: Mapping[str, float]) -> int:
    """Extraction jobs: one for the text, another when tables were seen."""
    return sum(usage.get(unit, 0) > 0 for unit in ("textract_pages", "textract_table_pages"))


def _prices() -> dict[str, Any]:
    prices: dict[str, Any] = loads(files("docqa").joinpath("prices.json").read_text("utf-8"))
    return prices
