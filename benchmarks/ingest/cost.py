"""What a thousand pages cost, from counted calls, against sending every page to text extraction."""

from __future__ import annotations

import time
from importlib.resources import files
from json import loads
from typing import Any

from benchmarks import cost as prices_of
from benchmarks.count_calls import SETTLE_SECONDS, billed
from benchmarks.ingest import history
from benchmarks.ingest.bench import Bench
from benchmarks.ingest.load import Load, require_indexed
from benchmarks.ingest.material import pdf_of, scan_of
from benchmarks.ingest.recordings import recorded_responses
from benchmarks.recorded_calls import recorded_calls

PAGES = 50
THOUSAND = 1_000


def measure(bench: Bench) -> dict[str, Any]:
    """A born-digital document, and a scan of as many pages."""
    with recorded_responses(bench.choices.recordings) as folder, bench.textract(replay=str(folder)):
        digital = _count(bench, pdf_of(PAGES))
        scanned = _count(bench, scan_of("A page of a scan", PAGES))
    per_page = _prices()["textract_per_page"]["text"]
    return {
        "pages": PAGES,
        "born_digital": digital,
        "scanned": scanned,
        # What the same pages cost when all of them are sent: the flow's own cost is that of a scan.
        "every_page_extracted_usd": round(scanned["own_usd"] + per_page * THOUSAND, 4),
    }


def table(result: dict[str, Any]) -> list[str]:
    """As Markdown."""
    digital, scanned = result["born_digital"], result["scanned"]
    together = digital["own_usd"] + digital["textract_usd"]
    everything = result["every_page_extracted_usd"]
    per_page = _prices()["textract_per_page"]["text"] * THOUSAND
    return [
        f"Counted on documents of {result['pages']} pages, for 1,000 pages, in USD of {_prices()['date']}.",
        "",
        "| | everything else | Textract | together |",
        "|---|---|---|---|",
        f"| born-digital | {digital['own_usd']:.3f} | {digital['textract_usd']:.3f} | {together:.3f} |",
        f"| scanned | {scanned['own_usd']:.3f} | {scanned['textract_usd']:.3f} | {everything:.3f} |",
        f"| every page sent to Textract | {scanned['own_usd']:.3f} | {per_page:.3f} | {everything:.3f} |",
        "",
        f"Reading text layers where there are some makes born-digital pages {everything / together:.1f} times cheaper.",
    ]


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
        "calls": dict(sorted(calls.items())),
        "usage": generation.usage,
        "lambda": billed(bench.stack, began),
        "state_transitions": history.of_document(one.pages, one.chunks, extracted=one.ocr > 0).transitions,
    }
    load.remove()
    lines = prices_of.document_lines(counted, _prices(), THOUSAND / one.pages)
    extracted = generation.usage.get("textract_pages", 0) * _prices()["textract_per_page"]["text"]
    return counted | {
        "lines": {line.what: round(line.usd, 5) for line in lines},
        "own_usd": round(sum(line.usd for line in lines), 5),
        "textract_usd": round(extracted * THOUSAND / one.pages, 5),
    }


def _prices() -> dict[str, Any]:
    prices: dict[str, Any] = loads(files("docqa").joinpath("prices.json").read_text("utf-8"))
    return prices
